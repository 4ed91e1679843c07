package io.carrick.engine.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Death;
import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.Rejection;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.StoredSchedule.When;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is stored comes back as what it was. */
class RecordsTest {

  private static final Map<String, Object> EVERY_TYPE = everyType();

  /** What an adapter keeps in a form of its own. */
  private record Wire(String text) implements MessageProperties {}

  private static final Admission ADMISSION = (message, attachments, count) -> Verdict.DROP;

  private static final ObjectCodec CODEC =
      new ObjectCodec() {
        @Override
        public boolean knows(Object object) {
          return object instanceof Wire || object == ADMISSION;
        }

        @Override
        public byte[] encode(Object object) {
          return object instanceof Wire wire ? wire.text.getBytes() : new byte[0];
        }

        @Override
        public Object decode(byte[] bytes) {
          return bytes.length == 0 ? ADMISSION : new Wire(new String(bytes));
        }
      };

  private final Records records = new Records(Map.of("wire", CODEC));
  private final Records withoutAdapter = new Records(Map.of());

  private static Map<String, Object> everyType() {
    var values = new LinkedHashMap<String, Object>();
    values.put("text", "grün");
    values.put("true", true);
    values.put("false", false);
    values.put("byte", (byte) -1);
    values.put("short", (short) -2);
    values.put("int", -3);
    values.put("long", Long.MIN_VALUE);
    values.put("float", 1.5f);
    values.put("double", Double.NaN);
    values.put("decimal", new BigDecimal("-12.345"));
    values.put("instant", Instant.ofEpochSecond(-5, 999_999_999));
    values.put("list", List.of(1, "two", List.of(true)));
    values.put("map", Map.of("inner", Map.of("deep", 7L)));
    values.put("void", MessageProperties.VOID);
    return values;
  }

  private static Message message(MessageProperties properties) {
    return Message.published(
        "ex",
        RoutingKey.ofTopic("a/b%2E"),
        properties,
        new byte[] {1, 2},
        new Identity("u", "c"),
        1_700_000_000_123L);
  }

  private Message thereAndBack(Message message) {
    return records.message(records.head(message), message.payload());
  }

  @Test
  void theUserOfASessionComesBackAlsoIfItHasNoName() {
    for (Optional<String> user : List.of(Optional.of("zoë"), Optional.of(""))) {
      var session = SessionQueue.of("s", ADMISSION, user);
      var declaration = new QueueDeclaration("q", true, false, false, Map.of(), session);
      assertThat(records.queue(records.queue(new StoredQueue("v", declaration))))
          .contains(new StoredQueue("v", declaration));
    }
  }

  @Test
  void aTagComesBackAndOneOfAnAdapterThatIsGoneDoesNot() {
    byte[] tag = records.tag(new Wire("t"));

    assertThat(records.tag(tag)).isEqualTo(new Wire("t"));
    assertThat(withoutAdapter.tag(tag)).isNull();
  }

  @Test
  void aMessageComesBackWithItsAddressPublisherAndPayload() {
    Message back = thereAndBack(message(MessageProperties.NONE));

    assertThat(back.exchange()).isEqualTo("ex");
    assertThat(back.routingKey().sameBytes(RoutingKey.ofTopic("a/b%2E"))).isTrue();
    assertThat(back.publisher()).isEqualTo(new Identity("u", "c"));
    assertThat(back.payload()).containsExactly(1, 2);
    assertThat(back.properties()).isSameAs(MessageProperties.NONE);
  }

  @Test
  void aKeyThatIsNoTextComesBackByteForByte() {
    var key = RoutingKey.ofKey(new byte[] {(byte) 0xFF, '.', 0});
    Message message =
        Message.published("", key, MessageProperties.NONE, new byte[0], Identity.ANONYMOUS, 0);

    assertThat(thereAndBack(message).routingKey().sameBytes(key)).isTrue();
  }

  @Test
  void propertiesOfAnAdapterComeBackInItsOwnForm() {
    Message back = thereAndBack(message(new Wire("as it arrived")));

    assertThat(back.properties()).isEqualTo(new Wire("as it arrived"));
  }

  @Test
  void propertiesOfAnAdapterThatIsGoneLeaveThePersistentPayload() {
    byte[] stored = records.head(message(new Wire("as it arrived")));

    Message back = withoutAdapter.message(stored, new byte[] {1, 2});

    assertThat(back.properties().persistent()).isTrue();
    assertThat(back.payload()).containsExactly(1, 2);
  }

  @Test
  void propertiesThatNoAdapterKnowsComeBackByTheirNeutralView() {
    Message.Builder builder = Message.builder("x").persistent().retain();
    builder.guarantee(Guarantee.EXACTLY_ONCE).priority(0).expiration(Duration.ofMillis(7));
    builder.timestamp(Instant.ofEpochMilli(1_234)).contentType("ct").contentEncoding("ce");
    builder.correlationId("id").replyTo("rt").messageId("mi").type("ty").appId("ai");
    EVERY_TYPE.forEach(builder::header);
    Message message = builder.build();

    MessageProperties back = thereAndBack(message).properties();

    MessageProperties was = message.properties();
    assertThat(back.persistent()).isTrue();
    assertThat(back.retain()).isTrue();
    assertThat(back.guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(back.priority()).hasValue(0);
    assertThat(back.expirationMs()).hasValue(7);
    assertThat(back.timestamp()).isEqualTo(was.timestamp());
    assertThat(back.contentType()).contains("ct");
    assertThat(back.contentEncoding()).contains("ce");
    assertThat(back.correlationId().orElseThrow()).isEqualTo("id".getBytes());
    assertThat(back.replyTo()).contains("rt");
    assertThat(back.messageId()).contains("mi");
    assertThat(back.type()).contains("ty");
    assertThat(back.userId()).isEmpty();
    assertThat(back.appId()).contains("ai");
    assertThat(back.headers()).isEqualTo(EVERY_TYPE);
    assertThat(back.headers().keySet()).containsExactlyElementsOf(EVERY_TYPE.keySet());
  }

  @Test
  void userPropertiesComeBackInTheirOrderWithNamesThatRepeat() {
    Message message =
        Message.builder("x")
            .header("b", 7)
            .userProperty("b", "1")
            .userProperty("a", "2")
            .userProperty("b", "3")
            .userProperty("x-mqtt-qos", "4")
            .userProperty("", "")
            .build();

    MessageProperties back = thereAndBack(message).properties();

    assertThat(back.userProperties()).isEqualTo(message.properties().userProperties()).hasSize(5);
    assertThat(back.headers()).isEqualTo(Map.of("b", 7, "a", "2", "", ""));
  }

  @Test
  void aResponseTopicAndWhatThePayloadIsComeBack() {
    Message message = Message.builder("x").responseTopic("a/b").payloadFormat(1).build();

    MessageProperties back = thereAndBack(message).properties();

    assertThat(back.responseTopic()).contains("a/b");
    assertThat(back.payloadFormat()).hasValue(1);
    assertThat(back.headers()).isEmpty();
  }

  @Test
  void bytesInAHeaderComeBack() {
    Message message = Message.builder("x").header("b", new byte[] {5, 6}).build();

    assertThat(thereAndBack(message).properties().headers().get("b")).isEqualTo(new byte[] {5, 6});
  }

  @Test
  void anExchangeComesBack() {
    var exchange =
        new StoredExchange(
            "/", new ExchangeDeclaration("e", "topic", true, true, true, EVERY_TYPE));

    assertThat(records.exchange(records.exchange(exchange))).isEqualTo(exchange);
  }

  @Test
  void aQueueComesBack() {
    var declaration = new QueueDeclaration("q", true, false, true, EVERY_TYPE, null);

    assertThat(records.queue(records.queue(new StoredQueue("v", declaration))))
        .contains(new StoredQueue("v", declaration));
  }

  @Test
  void aSessionsQueueComesBackWithItsAdmissionAndNotWithoutItsAdapter() {
    var session = SessionQueue.of("client", ADMISSION);
    var declaration = new QueueDeclaration("q", true, false, false, Map.of(), session);
    byte[] stored = records.queue(new StoredQueue("v", declaration));

    assertThat(records.queue(stored)).contains(new StoredQueue("v", declaration));
    assertThat(withoutAdapter.queue(stored)).isEmpty();
  }

  @Test
  void aBindingComesBackWithItsAttachment() {
    var binding =
        new Binding("e", Binding.Target.EXCHANGE, "d", RoutingKey.ofTopic("+/*"), EVERY_TYPE, 2);

    StoredBinding back = records.binding(records.binding(new StoredBinding("v", binding)));

    assertThat(back).isEqualTo(new StoredBinding("v", binding));
    assertThat(back.binding().attachment()).isEqualTo(2);
  }

  @Test
  void aLastValueAndAScheduleComeBack() {
    Message message = message(new Wire("w"));

    StoredLastValue value = records.lastValue(records.lastValue(new StoredLastValue("v", message)));
    var schedule = new StoredSchedule("v", "name", When.AFTER_START, -1, message);
    StoredSchedule back = records.schedule(records.schedule(schedule));

    assertThat(value.virtualHost()).isEqualTo("v");
    assertThat(value.message().payload()).containsExactly(1, 2);
    assertThat(back.name()).isEqualTo("name");
    assertThat(back.when()).isEqualTo(When.AFTER_START);
    assertThat(back.timeMs()).isEqualTo(-1);
    assertThat(back.message().properties()).isEqualTo(new Wire("w"));
  }

  @Test
  void redeliveriesAndNumbersComeBack() {
    var redeliveries = new StoredRedeliveries(7, List.of(9L, 10L, 1_000_000L));

    assertThat(records.redelivered(records.redelivered(redeliveries))).isEqualTo(redeliveries);
    assertThat(records.number(records.number(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void anAttachmentThatNobodyKnowsIsLeftOut() {
    var binding =
        new Binding(
            "e", Binding.Target.QUEUE, "q", RoutingKey.EMPTY, Map.of(), new AssertionError());

    StoredBinding back = records.binding(records.binding(new StoredBinding("v", binding)));

    assertThat(back.binding().attachment()).isNull();
  }

  private static Message annotated() {
    Message message =
        message(new Wire("as it arrived"))
            .deadLettered("q", Death.Reason.EXPIRED, "dlx", RoutingKey.ofKey("dead"), 5_001)
            .deadLettered("r", Death.Reason.REJECTED, "", RoutingKey.ofTopic("a/b"), 6_002)
            .deadLettered("q", Death.Reason.EXPIRED, "dlx", RoutingKey.ofKey("dead"), 7_003);
    return message.annotated(message.annotations().withDeliveryCount(300));
  }

  @Test
  void whatTheBrokerHasNotedComesBackAndThePropertiesKeepTheirForm() {
    Message was = annotated();

    Message back = thereAndBack(was);

    assertThat(back.origin()).isEqualTo(new Wire("as it arrived"));
    assertThat(back.annotations().deaths()).isEqualTo(was.annotations().deaths());
    assertThat(back.annotations().deaths()).hasSize(2);
    assertThat(back.annotations().firstDeath()).isEqualTo(was.annotations().firstDeath());
    assertThat(back.annotations().lastDeath()).isEqualTo(was.annotations().lastDeath());
    assertThat(back.annotations().deliveryCount()).isEqualTo(300);
    assertThat(back.properties().headers()).isEqualTo(was.properties().headers());
    assertThat(back.payload()).containsExactly(1, 2);
  }

  @Test
  void furtherKeysComeBackWithThoseThatAreHidden() {
    List<RoutingKey> keys = List.of(RoutingKey.ofKey("open"), RoutingKey.ofKey("blind"));
    Message was = annotated().annotated(annotated().annotations().withFurtherKeys(keys, 1));

    Message back = thereAndBack(was);

    assertThat(back.annotations().furtherKeys()).isEqualTo(keys);
    assertThat(back.annotations().hiddenKeys()).isEqualTo(1);
    assertThat(back.annotations().deaths()).isEqualTo(was.annotations().deaths());
  }

  @Test
  void thatAMessageHadBeenKeptAsALastValueComesBack() {
    Message was = annotated().annotated(annotated().annotations().withKept(70_000));

    assertThat(thereAndBack(was).annotations().keptMs()).hasValue(70_000);
    assertThat(thereAndBack(annotated()).annotations().keptMs()).isEmpty();
  }

  @Test
  void whatAClientSaidAsItRejectedAMessageComesBack() {
    var said = new Rejection(0x83, "too h\u00F6t");
    Message was = annotated().annotated(annotated().annotations().withRejection(said));

    Message back = thereAndBack(was);

    assertThat(back.annotations().rejection()).contains(said);
    assertThat(back.properties().headers()).isEqualTo(was.properties().headers());
    assertThat(thereAndBack(annotated()).annotations().rejection()).isEmpty();
  }

  @Test
  void aLastValueThatIsAnnotatedComesBackWithItsPayload() {
    Message back = records.lastValue(records.lastValue(lastValue(annotated()))).message();

    assertThat(back.annotations().deaths()).isEqualTo(annotated().annotations().deaths());
    assertThat(back.payload()).containsExactly(1, 2);
  }

  private static StoredLastValue lastValue(Message message) {
    return new StoredLastValue("v", message);
  }

  @Test
  void whatALaterVersionHasNotedIsKeptAndWrittenAgain() {
    Message noted =
        annotated().annotated(annotated().annotations().withForeign(77, new byte[] {4, 5}));

    Message back = thereAndBack(thereAndBack(noted));

    assertThat(back.annotations().foreign()).containsOnlyKeys(77);
    assertThat(back.annotations().foreign().get(77)).containsExactly(4, 5);
    assertThat(back.annotations().deaths()).isEqualTo(noted.annotations().deaths());
  }

  @Test
  void settingsOfALaterVersionArePassedOver() {
    byte[] queue =
        records.queue(
            new StoredQueue("v", new QueueDeclaration("q", true, false, true, EVERY_TYPE, null)));
    byte[] exchange = exchangeBytes();

    assertThat(records.queue(withFields(queue))).isEqualTo(records.queue(queue));
    assertThat(records.exchange(withFields(exchange))).isEqualTo(records.exchange(exchange));
    assertThat(records.number(withFields(records.number(7)))).isEqualTo(7);
    var life = new StoredLife(5, StoredLife.ATTENDED);
    assertThat(records.life(withFields(records.life(life)))).isEqualTo(life);
  }

  /** Adds fields that nobody knows to a record that ends with its fields. */
  private static byte[] withFields(byte[] record) {
    return new RecordWriter(record.length + 8)
        .rest(Arrays.copyOf(record, record.length - 1))
        .field(1_000_000, new byte[] {1, 2, 3})
        .field(1_000_001, new byte[0])
        .endOfFields()
        .toBytes();
  }

  @Test
  void aFieldThatIsThereTwiceIsRefused() {
    byte[] number = records.number(7);
    byte[] twice =
        new RecordWriter(16)
            .rest(Arrays.copyOf(number, number.length - 1))
            .field(9, new byte[0])
            .field(9, new byte[0])
            .endOfFields()
            .toBytes();

    assertThatThrownBy(() -> records.number(twice)).isInstanceOf(RecordFormatException.class);
  }

  @Test
  void aMessageThatIsCutAnywhereIsRefused() {
    byte[] whole = records.head(annotated());
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> records.message(cut, new byte[0]))
          .isInstanceOf(RecordFormatException.class);
    }
  }

  @Test
  void aMessageWithAChangedBitIsReadOrRefusedAndNothingElse() {
    Message.Builder builder = Message.builder("x").persistent().timestamp(Instant.EPOCH);
    EVERY_TYPE.forEach(builder::header);
    for (Message message : List.of(annotated(), builder.build())) {
      byte[] whole = records.head(message);
      for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
        byte[] changed = whole.clone();
        changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        readOrRefuse(changed);
      }
    }
  }

  @Test
  void anyBytesAreReadOrRefusedAndNothingElse() {
    var random = new Random(20_261_128);
    byte[] whole = records.head(annotated());
    for (int run = 0; run < 20_000; run++) {
      byte[] changed = Arrays.copyOf(whole, 1 + random.nextInt(whole.length + 20));
      for (int i = random.nextInt(6); i >= 0; i--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      readOrRefuse(changed);
    }
  }

  private void readOrRefuse(byte[] head) {
    try {
      Message read = records.message(head, new byte[0]);
      records.head(read);
      read.properties().headers();
    } catch (RecordFormatException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  @Test
  void aRecordThatIsCutAnywhereIsRefused() {
    byte[] whole = exchangeBytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> records.exchange(cut)).isInstanceOf(RecordFormatException.class);
    }
  }

  private byte[] exchangeBytes() {
    return records.exchange(
        new StoredExchange("/", new ExchangeDeclaration("e", "t", true, true, true, EVERY_TYPE)));
  }

  @Test
  void aRecordOfALaterVersionIsRefusedAndSaysSo() {
    byte[] later = records.number(1);
    later[0]++;

    assertThatThrownBy(() -> records.number(later))
        .isInstanceOf(RecordFormatException.class)
        .hasMessageContaining("version 3");
  }
}

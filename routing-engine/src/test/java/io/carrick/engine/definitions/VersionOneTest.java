package io.carrick.engine.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.StoredSchedule.When;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Records without fields, as they were written before there were any, are still read. */
class VersionOneTest {

  private static final int NO_PROPERTIES = 0;
  private static final int NEUTRAL_PROPERTIES = 3;
  private static final int VALUE = 1;

  private final Records records = new Records(Map.of());

  private static RecordWriter start() {
    return new RecordWriter(64).octet(1);
  }

  private static RecordWriter message() {
    return start().number(1_234).text("ex").flag(true).bytes("a/b".getBytes()).text("u").text("c");
  }

  private static void assertRead(Message message) {
    assertThat(message.arrivedMs()).isEqualTo(1_234);
    assertThat(message.exchange()).isEqualTo("ex");
    assertThat(message.routingKey().sameBytes(RoutingKey.ofTopic("a/b"))).isTrue();
    assertThat(message.publisher()).isEqualTo(new Identity("u", "c"));
    assertThat(message.annotations().isEmpty()).isTrue();
    assertThat(message.payload()).containsExactly(1, 2);
  }

  @Test
  void aMessage() {
    byte[] head = message().octet(NO_PROPERTIES).toBytes();

    Message message = records.message(head, new byte[] {1, 2});

    assertRead(message);
    assertThat(message.properties()).isSameAs(MessageProperties.NONE);
  }

  @Test
  void aMessageWithNeutralProperties() {
    RecordWriter out = message().octet(NEUTRAL_PROPERTIES);
    out.flag(true).flag(false).octet(2).number(5 + 1).flag(true).fixed(77);
    out.flag(true).value(Instant.ofEpochSecond(9)).flag(true).bytes(new byte[] {3});
    out.flag(true).text("text/plain");
    for (int others = 0; others < 6; others++) {
      out.flag(false);
    }
    byte[] head = out.table(Map.of("h", 1L)).toBytes();

    MessageProperties p = records.message(head, new byte[] {1, 2}).properties();

    assertThat(p.persistent()).isTrue();
    assertThat(p.guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(p.priority()).hasValue(5);
    assertThat(p.expirationMs()).hasValue(77);
    assertThat(p.timestamp()).contains(Instant.ofEpochSecond(9));
    assertThat(p.correlationId().orElseThrow()).containsExactly(3);
    assertThat(p.contentType()).contains("text/plain");
    assertThat(p.headers()).isEqualTo(Map.of("h", 1L));
  }

  @Test
  void definitions() {
    byte[] exchange =
        start()
            .text("/")
            .text("e")
            .text("topic")
            .flag(true)
            .flag(false)
            .flag(true)
            .table(Map.of())
            .toBytes();
    byte[] queue =
        start()
            .text("/")
            .text("q")
            .flag(true)
            .flag(false)
            .flag(false)
            .table(Map.of("x-expires", 5))
            .flag(false)
            .toBytes();
    byte[] binding =
        start()
            .text("/")
            .text("e")
            .flag(true)
            .text("q")
            .flag(false)
            .bytes("k".getBytes())
            .table(Map.of())
            .octet(VALUE)
            .value(2)
            .toBytes();

    assertThat(records.exchange(exchange))
        .isEqualTo(
            new StoredExchange(
                "/", new ExchangeDeclaration("e", "topic", true, false, true, Map.of())));
    assertThat(records.queue(queue))
        .contains(
            new StoredQueue(
                "/", new QueueDeclaration("q", true, false, false, Map.of("x-expires", 5), null)));
    assertThat(Records.queueName(queue)).isEqualTo("q");
    Binding read = records.binding(binding).binding();
    assertThat(read.destination()).isEqualTo("q");
    assertThat(read.attachment()).isEqualTo(2);
  }

  @Test
  void lastValuesAndSchedules() {
    byte[] head = message().octet(NO_PROPERTIES).rest(new byte[] {1, 2}).toBytes();

    StoredLastValue value = records.lastValue(start().text("v").rest(head).toBytes());
    StoredSchedule schedule =
        records.schedule(start().text("v").text("s").flag(true).fixed(99).rest(head).toBytes());

    assertRead(value.message());
    assertThat(schedule.when()).isEqualTo(When.AT);
    assertThat(schedule.timeMs()).isEqualTo(99);
    assertRead(schedule.message());
  }

  @Test
  void numbersTagsAndRedeliveries() {
    assertThat(records.number(start().number(300).toBytes())).isEqualTo(300);
    assertThat(records.tag(start().octet(VALUE).value("t").toBytes())).isEqualTo("t");
    assertThat(records.redelivered(start().number(7).number(9).number(1).toBytes()))
        .isEqualTo(new StoredRedeliveries(7, List.of(9L, 10L)));
  }
}

package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.BasicMethod.Ack;
import io.carrick.amqp.codec.BasicMethod.Consume;
import io.carrick.amqp.codec.BasicMethod.Deliver;
import io.carrick.amqp.codec.BasicMethod.Get;
import io.carrick.amqp.codec.BasicMethod.GetEmpty;
import io.carrick.amqp.codec.BasicMethod.GetOk;
import io.carrick.amqp.codec.BasicMethod.Qos;
import io.carrick.amqp.codec.BasicMethod.QosOk;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.testing.BrokerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Headers that are larger than the frames of the peer they would go to: a body is cut into frames,
 * a header is not. AMQP 0-9-1 §4.2.3
 */
class LargeHeaderTest {

  private static final int SMALL_FRAME = 4_096;

  /** What a header frame needs beside its properties: frame, class, weight and body size. */
  private static final int AROUND = 8 + 12;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  /** Publishes in frames of any size; on the loop of the queues. */
  private RawClient publisher;

  /** Takes small frames; on the other loop. */
  private RawClient consumer;

  @BeforeEach
  void connect() {
    publisher = RawClient.open(broker).channel(1);
    consumer = smallFrames();
    publisher.send(1, new QueueMethod.Declare("q", false, false, false, false, true, Map.of()));
  }

  private RawClient smallFrames() {
    return RawClient.open(broker, new ConnectionMethod.TuneOk(2_047, SMALL_FRAME, 0)).channel(1);
  }

  /** Returns properties of that many bytes: one header of one long string. */
  private static byte[] properties(int bytes) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(1 << 13).writeInt(bytes - 6).writeByte(1).writeByte('h');
    out.writeByte('S').writeInt(bytes - 13).writeZero(bytes - 13);
    byte[] made = new byte[bytes];
    out.readBytes(made);
    assertThat(out.isReadable()).isFalse();
    return made;
  }

  private void publish(String body, int headerFrameBytes) {
    publisher.bytes(content("", "q", false, body, headerFrameBytes));
  }

  private static byte[] content(
      String exchange, String key, boolean mandatory, String body, int headerFrameBytes) {
    return RawClient.content(
        1,
        new BasicMethod.Publish(exchange, RoutingKey.ofKey(key), mandatory, false),
        properties(headerFrameBytes - AROUND),
        body.getBytes(StandardCharsets.UTF_8),
        4_000);
  }

  private static Consume consume(boolean noAck) {
    return new Consume("q", "t", false, noAck, false, true, Map.of());
  }

  private static String delivery(RawClient from) {
    Deliver deliver = from.next(Deliver.class);
    return from.body() + "#" + deliver.deliveryTag();
  }

  private long dropped(String reason) {
    return broker.broker().metrics().dropped(reason);
  }

  private long unsettled() {
    return broker.broker().queues().get(0).unsettled();
  }

  @Test
  @Tag("amqp091:header-too-large")
  void aHeaderThatJustFitsIsDeliveredAndOneByteMoreIsNot() {
    consumer.send(1, consume(false));
    publish("fits", SMALL_FRAME);
    publish("does not", SMALL_FRAME + 1);
    publish("also", 100);

    assertThat(delivery(consumer)).isEqualTo("fits#1");
    assertThat(delivery(consumer)).isEqualTo("also#2");
    assertThat(consumer.silent()).isTrue();
    assertThat(consumer.closed()).isFalse();
    assertThat(dropped("header-too-large")).isEqualTo(1);
    assertThat(dropped("rejected")).isEqualTo(1);
    assertThat(unsettled()).isEqualTo(2);
  }

  @Test
  void whatOneConsumerCannotTakeAnotherMay() {
    publish("large", SMALL_FRAME + 1);
    publisher.send(1, consume(false));
    assertThat(delivery(publisher)).isEqualTo("large#1");
    assertThat(dropped("header-too-large")).isZero();
  }

  @Test
  void withoutAcknowledgementsItIsDroppedAndCountedToo() {
    consumer.send(1, consume(true));
    publish("does not", SMALL_FRAME + 1);
    publish("fits", SMALL_FRAME);

    assertThat(delivery(consumer)).isEqualTo("fits#1");
    assertThat(consumer.silent()).isTrue();
    assertThat(dropped("header-too-large")).isEqualTo(1);
    assertThat(unsettled()).isZero();
  }

  @ParameterizedTest(name = "global {0}")
  @ValueSource(booleans = {false, true})
  void itTakesNoPlaceOfThePrefetch(boolean global) {
    consumer.send(1, new Qos(0, 1, global));
    consumer.next(QosOk.class);
    consumer.send(1, consume(false));
    for (int i = 0; i < 3; i++) {
      publish("does not", SMALL_FRAME + 1);
    }
    publish("a", 100);
    publish("b", 100);

    assertThat(delivery(consumer)).isEqualTo("a#1");
    assertThat(consumer.silent()).isTrue();
    consumer.send(1, new Ack(1, false));
    assertThat(delivery(consumer)).isEqualTo("b#2");
    assertThat(dropped("header-too-large")).isEqualTo(3);
  }

  @Test
  void onTheLoopOfTheQueueItIsTheSame() {
    // Connections are spread over the two loops in turn.
    RawClient near = smallFrames();
    near.send(1, consume(false));
    publish("does not", SMALL_FRAME + 1);
    publish("fits", SMALL_FRAME);
    assertThat(delivery(near)).isEqualTo("fits#1");
    assertThat(dropped("rejected")).isEqualTo(1);
  }

  @ParameterizedTest(name = "noAck {0}, on the loop of the queue {1}")
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void getPassesItOverHoweverManyThereAre(boolean noAck, boolean near) {
    RawClient getter = near ? smallFrames() : consumer;
    int many = 3_000;
    for (int i = 0; i < many; i++) {
      publish("does not", SMALL_FRAME + 1);
    }
    publish("fits", SMALL_FRAME);

    getter.send(1, new Get("q", noAck), new Get("q", noAck));
    assertThat(getter.next(GetOk.class).deliveryTag()).isEqualTo(1);
    assertThat(getter.body()).isEqualTo("fits");
    assertThat(getter.next()).isInstanceOf(GetEmpty.class);
    assertThat(dropped("header-too-large")).isEqualTo(many);
    assertThat(dropped("rejected")).isEqualTo(noAck ? 0 : many);
  }

  @Test
  @Tag("amqp091:header-too-large")
  void itGoesToTheDeadLetterExchangeOfItsQueue() {
    publisher.send(
        1,
        new QueueMethod.Declare(
            "source",
            false,
            false,
            false,
            false,
            true,
            Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "q")));
    consumer.send(1, new Consume("source", "t", false, false, false, true, Map.of()));
    publisher.bytes(content("", "source", false, "does not fit", SMALL_FRAME + 1));
    publisher.send(1, new BasicMethod.Get("q", true));

    publisher.next(BasicMethod.GetOk.class);
    RawClient.Frame header = publisher.nextFrame();
    Map<String, Object> headers = RawClient.properties(header).headers();
    assertThat(headers).containsEntry("x-first-death-reason", "undeliverable").containsKey("h");
    assertThat(dropped("header-too-large")).isEqualTo(1);
    assertThat(consumer.silent()).isTrue();
  }

  @Test
  void aDeadLetterThatComesBackToWhoCannotTakeItEnds() {
    RawClient near = smallFrames();
    publisher.send(
        1,
        new QueueMethod.Declare(
            "round",
            false,
            false,
            false,
            false,
            true,
            Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "round")));
    near.send(1, new Consume("round", "t", false, false, false, true, Map.of()));
    publisher.bytes(content("", "round", false, "does not", SMALL_FRAME + 1));
    publisher.bytes(content("", "round", false, "fits", 100));

    assertThat(delivery(near)).isEqualTo("fits#1");
    assertThat(dropped("dead-letter-circle")).isEqualTo(1);
  }

  @Test
  void whatAPublisherCouldSendComesBackToIt() {
    consumer.bytes(content("amq.direct", "nobody", true, "back", SMALL_FRAME));
    assertThat(consumer.next()).isInstanceOf(BasicMethod.Return.class);
    assertThat(consumer.body()).isEqualTo("back");
  }

  @Test
  void theLargestMethodOfADeliveryFitsTheSmallestFrame() {
    String longest = "x".repeat(255);
    publisher.send(
        1,
        new ExchangeMethod.Declare(longest, "fanout", false, false, false, false, true, Map.of()),
        new QueueMethod.Bind("q", longest, RoutingKey.EMPTY, true, Map.of()));
    consumer.send(1, new Consume("q", longest, false, false, false, true, Map.of()));
    publisher.bytes(content(longest, longest, false, "m", 100));
    Deliver deliver = consumer.next(Deliver.class);
    assertThat(deliver.exchange()).isEqualTo(longest);
    assertThat(deliver.key().asKey()).isEqualTo(longest);
    assertThat(deliver.consumerTag()).isEqualTo(longest);
    assertThat(consumer.body()).isEqualTo("m");
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.ack;
import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Guarantee;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every packet identifier in use, in either direction. */
class ExhaustionTest {

  private static final int ALL = 0xFFFF;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(
                      Limits.defaults()
                          .with(Limit.INFLIGHT_MESSAGES, ALL)
                          .with(Limit.OUTPUT_BYTES, 64 << 20)))
          .inTestThread();

  private static byte[] all(PacketType type, int first, int last) {
    return join(
        IntStream.rangeClosed(first, last)
            .mapToObj(packetId -> ack(type, packetId))
            .toArray(byte[][]::new));
  }

  private static List<String> words(String format) {
    return IntStream.rangeClosed(1, ALL).mapToObj(format::formatted).toList();
  }

  /** Publishes messages from within the JVM, whose payloads are their numbers. */
  private void publishAll(Guarantee guarantee, int from, int to) {
    var publisher = broker.client().publisher("amq.topic");
    for (int i = from; i <= to; i++) {
      publisher.send("t", Message.builder("" + i).persistent().guarantee(guarantee).build());
    }
    broker.settle();
  }

  @Test
  void aWindowOfAllIdentifiersIsUsedToTheLastAndSentAgainAfterAReconnect() {
    TestClient subscriber = TestClient.persistent(broker, "s").subscribe("t", 1);
    publishAll(Guarantee.AT_LEAST_ONCE, 1, ALL + 10);
    List<String> sent = subscriber.received();
    assertThat(sent).hasSize(ALL).endsWith("PUBLISH t 65535 qos1 #65535");
    subscriber.ack(PUBACK, 7).expect("PUBLISH t 65536 qos1 #7").vanish();

    TestClient again = TestClient.persistent(broker, "s");
    broker.advance(Duration.ofSeconds(1));
    List<String> resent = again.received();
    assertThat(resent).hasSize(ALL).endsWith("PUBLISH t 65536 qos1 #7 dup");
    assertThat(resent.get(0)).isEqualTo("PUBLISH t 1 qos1 #1 dup");
    again.send(all(PUBACK, 1, ALL));
    assertThat(again.received()).hasSize(9);
  }

  @Test
  void aClientThatNeverCompletesHoldsItsOwnWindowOnlyAndGoesOnWhereItStopped() {
    TestClient subscriber = TestClient.persistent(broker, "s").subscribe("t", 2);
    TestClient other = TestClient.clean(broker, "o").subscribe("t", 0);
    publishAll(Guarantee.EXACTLY_ONCE, 1, ALL);
    assertThat(subscriber.received()).hasSize(ALL);
    subscriber.send(all(PUBREC, 1, ALL));
    assertThat(subscriber.received()).isEqualTo(words("PUBREL #%d"));
    publishAll(Guarantee.EXACTLY_ONCE, 0, 0);
    subscriber.expectNothing(); // every identifier is between PUBREC and PUBCOMP
    assertThat(other.received()).hasSize(ALL + 1);

    subscriber.vanish();
    TestClient again = TestClient.persistent(broker, "s");
    assertThat(again.received()).isEqualTo(words("PUBREL #%d"));
    again.ack(PUBCOMP, 12).expect("PUBLISH t 0 qos2 #12");
  }

  @Test
  void aPublisherThatNeverReleasesMayUseEveryIdentifierOnce() {
    TestClient publisher = TestClient.persistent(broker, "p");
    publisher.send(
        IntStream.rangeClosed(1, ALL)
            .mapToObj(packetId -> publish("t", "x", 2, packetId))
            .toArray(byte[][]::new));
    assertThat(publisher.received()).isEqualTo(words("PUBREC #%d"));
    long before = broker.broker().metrics().value("messages.published");
    publisher.send(publish("t", "again", 2, 5)).expect("PUBREC #5"); // the same message as before
    assertThat(broker.broker().metrics().value("messages.published")).isEqualTo(before);
    publisher.vanish();

    TestClient again = TestClient.persistent(broker, "p");
    again.send(publish("t", "x", 2, 9)).expect("PUBREC #9");
    again.send(all(PUBREL, 1, ALL));
    assertThat(again.received()).isEqualTo(words("PUBCOMP #%d"));
    again.send(publish("t", "new", 2, 5)).expect("PUBREC #5");
    assertThat(broker.broker().metrics().value("messages.published")).isEqualTo(before + 1);
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.DISCONNECT;
import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets.ack;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that goes gets the answers to what it has said before. */
class FarewellTest {

  private static final Duration BOUND = Duration.ofMillis(Limit.CLOSE_TIMEOUT_MS.byDefault());

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .store(context -> disk.open(context)))
          .inTestThread();

  /** How a client goes. */
  enum Going {
    DISCONNECTING {
      @Override
      TestClient send(TestClient client, byte[]... packets) {
        return client.send(Packets.join(packets), DISCONNECT);
      }
    },
    ENDING_ITS_OUTPUT {
      @Override
      TestClient send(TestClient client, byte[]... packets) {
        return client.sendLast(packets);
      }
    };

    abstract TestClient send(TestClient client, byte[]... packets);
  }

  private void release() {
    disk.release();
    broker.settle();
  }

  private TestClient stored() {
    return TestClient.persistent(broker, "stored").subscribe("t", 2);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasPublishedIsAcknowledgedBeforeTheEnd(Going going) {
    TestClient s = TestClient.clean(broker, "s").subscribe("t", 2);
    TestClient p = TestClient.clean(broker, "p");

    going.send(p, publish("t", "a", 1, 1), publish("t", "b", 2, 2)).expectClosed();

    p.expect("PUBACK #1", "PUBREC #2");
    s.expect("PUBLISH t a qos1 #1", "PUBLISH t b qos2 #2");
  }

  @ParameterizedTest
  @EnumSource
  void everythingFromConnectOnIsAnsweredInOrder(Going going) {
    TestClient c = TestClient.silent(broker);

    going.send(
        c,
        connect("c").persistent().bytes(),
        publish("t", "x", 1, 1),
        subscribe(2, 1, "u"),
        PINGREQ,
        publish("t", "y", 1, 3));

    c.expectClosed();
    c.expect("CONNACK 0", "PUBACK #1", "SUBACK #2 [1]", "PINGRESP", "PUBACK #3");
  }

  @ParameterizedTest
  @EnumSource
  void theAnswersWaitForTheStoreAndTheEndForThem(Going going) {
    stored();
    TestClient p = TestClient.persistent(broker, "p");
    p.send(publish("t", "0", 2, 9)).expect("PUBREC #9");
    disk.hold();

    going.send(p, publish("t", "a", 1, 1), publish("t", "b", 2, 2), ack(PUBREL, 9));

    assertThat(p.closed()).isFalse();
    p.expect();
    release();
    p.expectClosed();
    assertThat(p.received()).containsExactlyInAnyOrder("PUBACK #1", "PUBREC #2", "PUBCOMP #9");
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatTakesItsTimeKeepsNobodyBeyondTheBound(Going going) {
    stored();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();

    going.send(p, publish("t", "a", 1, 1));
    broker.advance(BOUND.minusMillis(1));
    assertThat(p.closed()).isFalse();
    broker.advance(Duration.ofMillis(1));

    p.expectClosed();
    p.expect();
    assertThat(broker.broker().connections()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void anotherConnectionOfTheClientNeedNotWait(Going going) {
    stored();
    TestClient p = TestClient.clean(broker, "p");
    disk.hold();
    going.send(p, publish("t", "a", 2, 1));

    TestClient again = TestClient.clean(broker, "p");

    p.expectClosed();
    p.expect();
    release();
    again.expectNothing();
  }

  @ParameterizedTest
  @EnumSource
  void theNextConnectionOfASessionHasItsIdentifiers(Going going) {
    stored();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();
    going.send(p, publish("t", "a", 2, 1));

    TestClient again = TestClient.silent(broker).send(connect("p").persistent().bytes());
    release();

    p.expectClosed();
    again.expect("CONNACK 0 present");
    again.send(dup(publish("t", "a", 2, 1))).expect("PUBREC #1");
    assertThat(broker.broker().metrics().value("messages.published")).isEqualTo(1);
  }

  @Test
  @Tag("MQTT-3.14.4-3/311")
  void aDisconnectForgetsTheWillThoughAnswersAreOwed() {
    TestClient s = stored();
    TestClient p = TestClient.connected(broker, connect("p").will("t", "gone", 0, false));
    disk.hold();
    p.send(publish("t", "a", 1, 1), DISCONNECT);
    p.vanish();
    release();

    s.expect("PUBLISH t a qos1 #1");
  }

  @Test
  void whoEndsWithoutADisconnectHasAWillBehindItsAnswers() {
    TestClient s = TestClient.clean(broker, "s").subscribe("t", 0);
    stored();
    TestClient p = TestClient.connected(broker, connect("p").will("t", "gone", 0, false));
    disk.hold();

    p.sendLast(publish("t", "a", 1, 1));

    s.expect("PUBLISH t a");
    release();
    p.expect("PUBACK #1");
    s.expect("PUBLISH t gone");
  }

  @ParameterizedTest
  @EnumSource
  void aBrokerThatClosesMeanwhileWaitsForTheAnswersToo(Going going) {
    stored();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();
    going.send(p, publish("t", "a", 1, 1));
    disk.release();

    broker.broker().close();

    p.expect("PUBACK #1");
  }

  @Test
  void nothingIsReadBehindADisconnect() {
    TestClient s = TestClient.clean(broker, "s").subscribe("t", 0);
    TestClient p = TestClient.clean(broker, "p");
    stored();
    disk.hold();

    p.send(publish("t", "a", 1, 1), DISCONNECT, publish("t", "late"));
    p.send(publish("t", "later"));
    release();

    p.expectClosed();
    s.expect("PUBLISH t a");
  }

  @Test
  void aMalformedPacketEndsAtOnce() {
    stored();
    TestClient p = TestClient.clean(broker, "p");
    disk.hold();

    p.sendLast(publish("t", "a", 1, 1), new byte[] {0, 0}).expectClosed();
  }

  @Test
  void halfAPacketIsNobodysAndEndsTheConnection() {
    TestClient p = TestClient.clean(broker, "p");
    p.sendLast(publish("t", "a", 1, 1), new byte[] {0x30, 10, 0}).expectClosed();
    p.expect("PUBACK #1");
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isZero();
    assertThat(broker.broker().metrics().value("connections.closed{reason=peer}")).isEqualTo(1);
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets5.Properties5.maximumPacketSize;
import static io.carrick.mqtt.codec.Packets5.Properties5.messageExpiry;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What was sent to a client and not acknowledged is under way until it is: neither age nor a bound
 * ends that, and no packet identifier stays in use for a message that is gone.
 */
class UnderWayTest {

  private static final int MOST = 3;
  private static final Duration EXPIRY = Duration.ofSeconds(10);

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort().sessionQueues(QueueOptions.none().maxLength(MOST)))
                  .store(disk))
          .inTestThread();

  private TestClient present(String id, byte[]... properties) {
    TestClient client = TestClient.five(broker);
    client.send(connect(id).persistent().with(properties).bytes());
    assertThat(client.next()).startsWith("CONNACK 0 present");
    return client;
  }

  /** A client with one message of QoS 1 and one of QoS 2 under way, that vanishes. */
  private void vanishWithTwo() {
    TestClient s = TestClient.five(broker, connect("s").persistent()).subscribe("t", 2);
    publishWithExpiry("one", 1);
    publishWithExpiry("two", 2);
    s.expect("PUBLISH t one qos1 #1 {expiry=10}", "PUBLISH t two qos2 #2 {expiry=10}").vanish();
  }

  private void publishWithExpiry(String payload, int qos) {
    TestClient.five(broker, connect("p"))
        .send(publish("t", payload, qos, 9, messageExpiry(EXPIRY.toSeconds())))
        .expect((qos == 1 ? "PUBACK" : "PUBREC") + " #9");
  }

  @Test
  @Tag("MQTT-4.4.0-1/5")
  @Tag("MQTT-3.3.2-6/5")
  void whatIsTooOldAndWasSentIsSentAgainAndWhatWasNotIsDropped() {
    vanishWithTwo();
    publishWithExpiry("three", 1);

    broker.advance(EXPIRY.plusSeconds(5));

    assertThat(broker.broker().metrics().dropped("expired")).isEqualTo(1);
    present("s")
        .expect("PUBLISH t one qos1 #1 dup {expiry=0}", "PUBLISH t two qos2 #2 dup {expiry=0}")
        .ack(PUBACK, 1)
        .ack(PUBREC, 2)
        .expect("PUBREL #2")
        .ack(PUBCOMP, 2)
        .expectNothing()
        .disconnect();
    present("s").expectNothing();
  }

  @Test
  @Tag("MQTT-4.4.0-1/5")
  void soItIsOverTheEndOfABroker() {
    vanishWithTwo();
    publishWithExpiry("three", 1);

    broker.restart();
    broker.advance(EXPIRY.plusSeconds(5));

    present("s")
        .expect("PUBLISH t one qos1 #3 dup {expiry=0}", "PUBLISH t two qos2 #2 dup {expiry=0}")
        .ack(PUBACK, 3)
        .ack(PUBREC, 2)
        .expect("PUBREL #2");
    assertThat(broker.broker().metrics().dropped("expired")).isEqualTo(1);
  }

  @Test
  @Tag("MQTT-4.4.0-1/5")
  void whatWasSentIsNotDroppedToMakeRoomForWhatWasNot() {
    vanishWithTwo();

    for (int i = 3; i <= 6; i++) {
      publishWithExpiry("" + i, 1);
    }

    assertThat(broker.broker().metrics().dropped("max-length")).isEqualTo(3);
    present("s")
        .expect(
            "PUBLISH t one qos1 #1 dup {expiry=10}",
            "PUBLISH t two qos2 #2 dup {expiry=10}",
            "PUBLISH t 6 qos1 #3 {expiry=10}");
  }

  @Test
  void moreUnderWayThanTheQueueMayKeepStaysAndNothingComesBesides() {
    TestClient s = TestClient.five(broker, connect("s").persistent()).subscribe("t", 1);
    for (int i = 1; i <= MOST + 2; i++) {
      publishWithExpiry("" + i, 1);
    }
    s.vanish();
    publishWithExpiry("late", 1);

    assertThat(broker.broker().metrics().dropped("max-length")).isEqualTo(1);
    TestClient again = present("s");
    assertThat(again.received()).hasSize(MOST + 2).allMatch(p -> p.contains(" dup"));
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  @Tag("MQTT-3.1.2-25/5")
  void whatWasSentAndIsTooLongNowLeavesNoIdentifierInUse() {
    TestClient s = TestClient.five(broker, connect("s").persistent()).subscribe("t", 2);
    publishWithExpiry("1".repeat(50), 1);
    publishWithExpiry("2".repeat(50), 2);
    assertThat(s.received()).hasSize(2);
    s.vanish();

    TestClient small = present("s", maximumPacketSize(40), receiveMaximum(1));
    small.expect("PUBREL #2");
    assertThat(broker.broker().metrics().dropped("packet-too-large")).isEqualTo(2);
    publishWithExpiry("behind", 1);
    small.expectNothing().ack(PUBCOMP, 2).expect("PUBLISH t behind qos1 #3 {expiry=10}");
    // An identifier that is in use for QoS 1 would make this an error.
    small.ack(PUBACK, 3).ack(PUBREC, 1).expect("PUBREL #1").expectNothing();
  }

  private void purge() {
    broker.await(broker.broker().admin().purge("/", "mqtt.session.s"));
  }

  /** The client of the two that are gone: their identifiers are free again, in QoS 2's own way. */
  private void assertFree(TestClient s, String id) {
    s.expect("PUBLISH t new qos1 #" + id + " {expiry=10}", "PUBREL #2");
    s.ack(PUBCOMP, 2).send(Packets.ack(PUBACK, Integer.parseInt(id)));
    // An identifier that is in use for QoS 1 would make this an error.
    s.ack(PUBREC, 1).expect("PUBREL #1");
    publishWithExpiry("newer", 1);
    assertThat(s.next()).startsWith("PUBLISH t newer");
  }

  @Test
  void whatAnAdministratorHasPurgedLeavesNoIdentifierInUse() {
    vanishWithTwo();
    purge();
    publishWithExpiry("new", 1);
    assertFree(present("s"), "3");
  }

  @Test
  void soItIsWhenTheBrokerStopsBetween() {
    vanishWithTwo();
    purge();
    broker.restart();
    TestClient s = present("s");
    s.expectNothing();
    publishWithExpiry("new", 1);
    assertFree(s, "3");
  }

  @Test
  void soItIsWithWhatGrowsTooOldAfterACrash() {
    vanishWithTwo();
    disk.crash();
    broker.restart();
    broker.advance(EXPIRY);
    publishWithExpiry("new", 1);
    assertFree(present("s"), "3");
    assertThat(broker.broker().metrics().dropped("expired")).isEqualTo(2);
  }

  @Test
  void whatHasComeAgainKeepsItsIdentifierWhateverElseHasGone() {
    vanishWithTwo();
    TestClient s = present("s");
    s.expect("PUBLISH t one qos1 #1 dup {expiry=10}", "PUBLISH t two qos2 #2 dup {expiry=10}");
    publishWithExpiry("new", 1);
    s.expect("PUBLISH t new qos1 #3 {expiry=10}");
    s.ack(PUBACK, 1).ack(PUBREC, 2).expect("PUBREL #2").ack(PUBCOMP, 2).expectNothing();
  }

  @Test
  @Tag("MQTT-4.6.0-1/5")
  void whatWasSentKeepsItsOrderOverACrashAndAStop() {
    TestClient.five(broker, connect("s").persistent()).subscribe("t", 1);
    publishWithExpiry("one", 1);
    disk.crash();
    broker.restart();
    publishWithExpiry("two", 1);
    assertThat(present("s").received()).hasSize(2);
    broker.restart();

    assertThat(present("s").received())
        .map(packet -> packet.split(" ")[2])
        .containsExactly("one", "two");
  }

  @Test
  @Tag("MQTT-4.3.3-1/5")
  void anExchangeOfQosTwoStaysOneThoughTheSubscriptionIsForLessNow() {
    TestClient s = TestClient.five(broker, connect("s").persistent()).subscribe("t", 2);
    publishWithExpiry("two", 2);
    s.expect("PUBLISH t two qos2 #1 {expiry=10}").subscribe("t", 1).vanish();

    broker.restart();

    present("s").expect("PUBLISH t two qos2 #1 dup {expiry=10}").ack(PUBREC, 1).expect("PUBREL #1");
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.spi.Resource.Kind;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MQTT 5 §2.4: whatever the broker does not do or ends has its reason. */
class Reasons5Test {

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(
                      Mqtt.onAnyPort()
                          .sessionQueues(
                              QueueOptions.none().maxLength(2).overflow(Overflow.REJECT_PUBLISH)))
                  .store(context -> disk.open(context))
                  .limits(
                      Limits.defaults()
                          .with(Limit.RECEIVE_MAXIMUM, 2)
                          .with(Limit.MESSAGE_BYTES, 100)
                          .with(Limit.CONTROL_PACKET_BYTES, 200)
                          .with(Limit.CLIENT_ID_BYTES, 12)
                          .with(Limit.TOPIC_LEVELS, 4)
                          .with(Limit.SESSION_SUBSCRIPTIONS, 2)
                          .with(Limit.QUEUES, 3))
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private TestClient client(ConnectBuilder connect) {
    return TestClient.five(broker, connect);
  }

  private static void ends(TestClient client, String reason) {
    assertThat(client.received())
        .hasSize(1)
        .allMatch(packet -> packet.matches("DISCONNECT " + reason + "( \\{reason=.+})?"));
    client.expectClosed();
  }

  // ---- ends

  @Test
  @Tag("MQTT-3.1.2-22/5")
  @Tag("MQTT-3.14.2-1/5")
  void whoIsSilentForTooLongIsToldSo() {
    TestClient client = client(connect("c").keepAlive(10));
    broker.advance(Duration.ofMillis(14_999));
    client.expect();
    broker.advance(Duration.ofMillis(1));
    ends(client, "0x8D");
  }

  @Test
  void anAdministratorAndTheEndOfTheBrokerHaveReasonsOfTheirOwn() {
    TestClient closed = client(connect("c"));
    TestClient left = client(connect("d"));
    String id =
        broker.broker().connections().stream()
            .filter(c -> c.name().equals("c"))
            .findFirst()
            .orElseThrow()
            .id();
    assertThat(broker.broker().closeConnection(id, "maintenance")).isTrue();
    closed.expect("DISCONNECT 0x98 {reason=maintenance}").expectClosed();
    broker.broker().close();
    ends(left, "0x8B");
  }

  @Test
  void oneMessageMoreThanMayBeUnderWayIsTheEnd() {
    TestClient client = TestClient.five(broker).send(connect("c").persistent().bytes());
    assertThat(client.next()).contains("receiveMaximum=2");
    client.send(publish("t", "x", 2, 1), publish("t", "x", 2, 2)).received();
    client.ack(PUBREL, 1).expect("PUBCOMP #1");
    client.send(publish("t", "x", 2, 3));
    assertThat(client.next()).startsWith("PUBREC #3");
    ends(client.send(publish("t", "x", 2, 4)), "0x93");
  }

  @Test
  void aPacketThatIsTooLargeIsTheEnd() {
    TestClient subscriber = client(connect("s")).subscribe("t", 0);
    client(connect("p")).publish("t", "x".repeat(100));
    subscriber.expect("PUBLISH t " + "x".repeat(100));
    ends(client(connect("a")).publish("t", "x".repeat(101)), "0x95");
    String[] filters = new String[70];
    Arrays.fill(filters, "t");
    ends(client(connect("b")).send(subscribe(1, 0, filters)), "0x95");
    ends(
        client(connect("d")).send(publish("t", "x", Properties5.user("k", "v".repeat(300)))),
        "0x95");
    subscriber.expectNothing();
  }

  @Test
  void whatIsNotAllowedAtQos0CanOnlyBeToldWithTheEnd() {
    ends(client(connect("c")).publish("secret/x", "x"), "0x87");
    ends(client(connect("c")).publish("$SYS/x", "x"), "0x90");
  }

  @Test
  @Tag("MQTT-3.14.4-1/5")
  void nothingComesBehindTheReasonThoughAnswersAreOwed() {
    client(connect("s").persistent()).subscribe("t", 1).disconnect();
    TestClient client = client(connect("c").persistent());
    disk.hold();
    client.send(publish("t", "x", 1, 1), new byte[] {0, 0});
    disk.release();
    broker.settle();
    ends(client, "0x81");
  }

  // ---- refusals

  @Test
  @Tag("MQTT-3.4.2-1/5")
  @Tag("MQTT-3.5.2-1/5")
  @Tag("MQTT-4.3.3-9/5")
  void aQueueThatIsFullAndAStoreThatTakesNothingAreAnswered() {
    client(connect("s").persistent()).subscribe("t", 2).disconnect();
    TestClient client = client(connect("p"));
    client.send(publish("t", "1", 1, 1), publish("t", "2", 2, 2)).expect("PUBACK #1", "PUBREC #2");
    client.send(publish("t", "3", 1, 3));
    assertThat(client.next()).startsWith("PUBACK #3 0x97");
    client.send(publish("t", "4", 2, 4));
    assertThat(client.next()).startsWith("PUBREC #4 0x97");
    disk.state(State.FULL);
    client.send(publish("t", "5", 1, 5));
    assertThat(client.next()).matches("PUBACK #5 0x(83|97).*");
    client.ack(PUBREL, 2).expect("PUBCOMP #2").expectNothing();
  }

  @Test
  @Tag("MQTT-3.8.4-7/5")
  @Tag("MQTT-3.9.3-2/5")
  void eachRefusedFilterHasItsReason() {
    TestClient client = client(connect("c"));
    client.send(subscribe(1, 1, "a", "secret/x", "1/2/3/4/5", "b", "c"));
    assertThat(client.next()).startsWith("SUBACK #1 [1, 135, 143, 1, 151]"); // 0x87, 0x8F, 0x97
  }

  @Test
  @Tag("MQTT-3.2.2-7/5")
  @Tag("MQTT-3.2.2-8/5")
  void whoCannotBeLetInIsToldWhy() {
    client(connect("1"));
    client(connect("2"));
    client(connect("3"));
    TestClient full = TestClient.five(broker).send(connect("4").bytes());
    assertThat(full.next()).matches("CONNACK 0x(88|97).*");
    full.expectClosed();
    TestClient id = TestClient.five(broker).send(connect("i".repeat(13)).bytes());
    assertThat(id.next()).startsWith("CONNACK 0x85");
    id.expectClosed();
  }
}

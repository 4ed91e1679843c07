package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static io.carrick.mqtt.codec.Packets5.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.spi.Authorizer.Action;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Why something was refused, in words, for whom wants to know (MQTT 5 §3.1.2.11.7). */
class ReasonStringTest {

  private static final String WRITE =
      "write access to topic 'secret' in exchange 'amq.topic' in vhost '/' refused for user ''";
  private static final String READ =
      "read access to topic 'secret' in exchange 'amq.topic' in vhost '/' refused for user ''";
  private static final byte[] NO_PROBLEMS = Properties5.requestProblem(0);

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(
                      Mqtt.onAnyPort()
                          .sessionQueues(
                              QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH)))
                  .limits(Limits.defaults().with(Limit.TOPIC_LEVELS, 3))
                  .authorizer(
                      (who, action, what) ->
                          action == Action.CONNECT || !what.name().startsWith("secret"))
                  .store(disk))
          .inTestThread();

  private TestClient client(ConnectBuilder connect) {
    return TestClient.five(broker, connect);
  }

  @Test
  void aRefusalOfEachKindSaysWhy() {
    TestClient client = client(connect("c"));
    client.send(publish("secret", "x", 1, 1)).expect("PUBACK #1 0x87 {reason=" + WRITE + "}");
    client.send(publish("secret", "x", 2, 2)).expect("PUBREC #2 0x87 {reason=" + WRITE + "}");
    client.send(subscribe(3, 1, "secret")).expect("SUBACK #3 [135] {reason=" + READ + "}");
    client
        .send(subscribe(4, 1, "t", "a/b/c/d", "$queue/q", "secret"))
        .expect("SUBACK #4 [1, 143, 143, 135] {reason=filter 2: too many levels}");
    client
        .send(subscribe(5, 1, "t", "secret"))
        .expect("SUBACK #5 [1, 135] {reason=filter 2: " + READ + "}");
    client.send(publish("secret", "x"));
    client.expect("DISCONNECT 0x87 {reason=" + WRITE + "}").expectClosed();
  }

  @Test
  void aFullQueueIsSaidToBeOne() {
    TestClient gone = client(connect("s").persistent()).subscribe("t", 1);
    gone.disconnect();
    TestClient client = client(connect("c"));
    client.send(publish("t", "x", 1, 1), publish("t", "y", 1, 2));
    client.expect("PUBACK #1", "PUBACK #2 0x97 {reason=a queue that it is for is full}");
  }

  @Test
  void whatIsDoneHasNoReason() {
    TestClient client = client(connect("c"));
    client.send(subscribe(1, 1, "t"), unsubscribe(2, "t", "u"), publish("nobody", "x", 1, 3));
    client.expect("SUBACK #1 [1]", "UNSUBACK #2 [0, 17]", "PUBACK #3 0x10");
  }

  @Test
  void whoWaitsForItsTurnSaysItThen() {
    client(connect("s").persistent()).subscribe("t", 1).disconnect();
    client(connect("s2").persistent()).subscribe("other", 2).disconnect();
    TestClient client = client(connect("c"));
    disk.hold();
    client.send(
        publish("t", "x", 1, 1),
        publish("secret", "x", 1, 2),
        publish("secret", "x", 2, 3),
        publish("other", "x", 2, 4),
        publish("t", "x", 1, 5));
    client.expect();
    disk.release();
    broker.settle();
    client.expect(
        "PUBACK #1",
        "PUBACK #2 0x87 {reason=" + WRITE + "}",
        "PUBREC #3 0x87 {reason=" + WRITE + "}",
        "PUBREC #4",
        "PUBACK #5 0x97 {reason=a queue that it is for is full}");
  }

  @Test
  void whoHasVeryMuchRefusedHearsCodesAlone() {
    client(connect("s").persistent()).subscribe("t", 1).disconnect();
    TestClient client = client(connect("c"));
    disk.hold();
    client.send(publish("t", "x", 1, 1));
    for (int id = 2; id <= 101; id++) {
      client.send(publish("secret", "x", 1, id));
    }
    disk.release();
    broker.settle();
    assertThat(client.received())
        .hasSize(101)
        .filteredOn(packet -> packet.contains("reason="))
        .hasSize(64);
    client.send(publish("secret", "x", 1, 7)).expect("PUBACK #7 0x87 {reason=" + WRITE + "}");
  }

  @Test
  @Tag("MQTT-3.1.2-29/5")
  void whoDoesNotWantToKnowHearsItFromConnAckAndDisconnectAlone() {
    TestClient client = client(connect("c").with(NO_PROBLEMS));
    client.send(publish("secret", "x", 1, 1), publish("secret", "x", 2, 2));
    client.expect("PUBACK #1 0x87", "PUBREC #2 0x87");
    client.send(subscribe(3, 1, "t", "secret")).expect("SUBACK #3 [1, 135]");
    client.send(publish("secret", "x"));
    client.expect("DISCONNECT 0x87 {reason=" + WRITE + "}").expectClosed();
  }

  @Test
  @Tag("MQTT-3.4.2-2/5")
  @Tag("MQTT-3.5.2-2/5")
  @Tag("MQTT-3.9.2-1/5")
  @Tag("MQTT-3.11.2-1/5")
  @Tag("MQTT-3.14.2-3/5")
  void aReasonThatMakesItsPacketTooLongIsLeftOut() {
    int most = WRITE.length() + 12;
    assertThat(refusals(most)).allMatch(packet -> packet.contains("reason="));
    assertThat(refusals(20)).noneMatch(packet -> packet.contains("reason="));
  }

  private List<String> refusals(int maximumPacketSize) {
    TestClient client = client(connect("c").with(Properties5.maximumPacketSize(maximumPacketSize)));
    var all = new ArrayList<String>();
    all.add(client.send(publish("secret", "x", 1, 1)).next());
    all.add(client.send(publish("secret", "x", 2, 2)).next());
    all.add(client.send(subscribe(3, 1, "secret")).next());
    all.add(client.send(unsubscribe(4, "secret")).next());
    all.add(client.send(publish("secret", "x")).next());
    client.expectClosed();
    return all;
  }
}

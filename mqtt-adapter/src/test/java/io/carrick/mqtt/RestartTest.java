package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.SessionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 3.1.1 §4.1 and §4.3 over the end of a broker: state is kept, whatever happened between. */
class RestartTest {

  private Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .store(context -> disk.open(context)))
          .inTestThread();

  private void stop(boolean clean) {
    if (!clean) {
      disk.crash();
    }
    broker.restart();
  }

  /** Goes back to what was durable at some moment, as a crash at that moment leaves it. */
  private void backTo(Disk recorded, int place) {
    disk.crash();
    disk = recorded.asOf(place);
    broker.restart();
  }

  private TestClient client(String id) {
    return TestClient.clean(broker, id);
  }

  private TestClient present(String id) {
    TestClient client = TestClient.silent(broker).send(connect(id).persistent().bytes());
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  // ---- sessions

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("MQTT-3.1.2-4/311")
  @Tag("MQTT-3.1.2-5/311")
  @Tag("MQTT-4.1.0-1/311")
  void aPersistentSessionComesBackWithSubscriptionsAndMessages(boolean clean) {
    TestClient.persistent(broker, "s").subscribe("t/+", 1).subscribe("u", 2).disconnect();
    client("p").publishAcked("t/1", "a").send(publish("u", "b", 2, 9)).expect("PUBREC #9");

    stop(clean);
    TestClient s = present("s");
    client("p").publishAcked("t/2", "c");

    String flag = clean ? "" : " dup";
    assertThat(s.received())
        .containsExactly(
            "PUBLISH t/1 a qos1 #1" + flag, "PUBLISH u b qos2 #2" + flag, "PUBLISH t/2 c qos1 #3");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCleanSessionDoesNotComeBack(boolean clean) {
    client("s").subscribe("t", 1);
    TestClient.persistent(broker, "other").disconnect();

    stop(clean);

    assertThat(broker.broker().sessions()).extracting(SessionInfo::name).containsExactly("other");
    TestClient.silent(broker).send(connect("s").persistent().bytes()).expect("CONNACK 0");
  }

  @Test
  void aSessionThatWasDiscardedDoesNotComeBack() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    client("s").disconnect();

    stop(false);

    TestClient.silent(broker).send(connect("s").persistent().bytes()).expect("CONNACK 0");
  }

  @Test
  void aSubscriptionComesBackWithItsLastQosAndNotAfterUnsubscribe() {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 2).subscribe("u", 1);
    s.subscribe("t", 1).send(unsubscribe(3, "u")).expect("UNSUBACK #3");

    stop(false);
    TestClient again = present("s");
    client("p").send(publish("t", "x", 2, 1), publish("u", "y", 1, 2));

    again.expect("PUBLISH t x qos1 #1");
  }

  @Test
  void onlyWhatWasSentBeforeAnOrderlyStopIsFlagged() {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 1);
    client("p").publishAcked("t", "sent");
    s.expect("PUBLISH t sent qos1 #1").disconnect();
    client("p").publishAcked("t", "waiting");

    stop(true);

    present("s").expect("PUBLISH t sent qos1 #1 dup", "PUBLISH t waiting qos1 #2");
  }

  @Test
  void whatWasAcknowledgedDoesNotComeBack() {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 1);
    client("p").publishAcked("t", "x");
    s.expect("PUBLISH t x qos1 #1").ack(PUBACK, 1).expectNothing();

    stop(false);

    present("s").expectNothing();
  }

  // ---- QoS 2 half-way

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPublisherThatHasNoPubcompGoesOnWithPubrel(boolean clean) {
    TestClient.persistent(broker, "s").subscribe("t", 2).disconnect();
    TestClient.persistent(broker, "p").send(publish("t", "x", 2, 7)).expect("PUBREC #7");

    stop(clean);
    TestClient p = present("p");
    p.send(dup(publish("t", "x", 2, 7))).expect("PUBREC #7");
    p.ack(PUBREL, 7).expect("PUBCOMP #7");
    p.send(publish("t", "y", 2, 7)).expect("PUBREC #7");

    assertThat(present("s").received()).hasSize(2);
  }

  @Test
  @Tag("MQTT-4.3.3-2/311")
  void anInboundMessageArrivesOnceWhereverTheBrokerCrashes() {
    TestClient.persistent(broker, "s").subscribe("t", 2).disconnect();
    TestClient p = TestClient.persistent(broker, "p");
    int first = disk.durableEntries();
    p.send(publish("t", "x", 2, 7)).expect("PUBREC #7");
    int received = disk.durableEntries();
    p.ack(PUBREL, 7).expect("PUBCOMP #7");
    Disk recorded = disk;
    int last = disk.durableEntries();

    for (int place = first; place <= last; place++) {
      backTo(recorded, place);
      TestClient again = present("p");
      if (place < received) {
        again.send(dup(publish("t", "x", 2, 7))).expect("PUBREC #7");
      }
      again.ack(PUBREL, 7).expect("PUBCOMP #7");
      var subscriber = new ExactlyOnce();
      subscriber.run(present("s"));
      assertThat(subscriber.arrived).as("at %d", place).containsExactly("x");
    }
  }

  @Test
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.4.0-1/311")
  void anOutboundMessageArrivesOnceWhereverTheBrokerCrashes() {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 2);
    client("p").send(publish("t", "x", 2, 1)).expect("PUBREC #1");
    s.expect("PUBLISH t x qos2 #1");
    int sent = disk.durableEntries();
    s.ack(PUBREC, 1).expect("PUBREL #1");
    int released = disk.durableEntries();
    s.ack(PUBCOMP, 1).expectNothing();
    Disk recorded = disk;
    int last = disk.durableEntries();
    assertThat(released).isGreaterThan(sent);

    for (int place = sent; place <= last; place++) {
      backTo(recorded, place);
      var subscriber = new ExactlyOnce();
      subscriber.arrived.add("x");
      if (place < released) {
        subscriber.held.add("#1");
      }
      subscriber.run(present("s"));
      assertThat(subscriber.arrived).as("at %d", place).containsExactly("x");
      assertThat(subscriber.held).as("at %d", place).isEmpty();
      present("s").expectNothing();
    }
  }

  /** A client that keeps the identifiers of QoS 2 messages as it must [MQTT-4.3.3-2]. */
  private static final class ExactlyOnce {
    private final List<String> arrived = new ArrayList<>();
    private final Set<String> held = new HashSet<>();

    void run(TestClient client) {
      for (List<String> got = client.received(); !got.isEmpty(); got = client.received()) {
        got.forEach(packet -> answer(client, packet));
      }
    }

    private void answer(TestClient client, String packet) {
      String[] words = packet.split(" ");
      if (words[0].equals("PUBLISH")) {
        if (held.add(words[4])) {
          arrived.add(words[2]);
        }
        client.ack(PUBREC, Integer.parseInt(words[4].substring(1)));
      } else {
        held.remove(words[1]);
        client.ack(PUBCOMP, Integer.parseInt(words[1].substring(1)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSubscriberGetsTheSameIdentifierAgain(boolean clean) {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 2);
    TestClient p = client("p");
    for (int i = 1; i <= 3; i++) {
      p.send(publish("t", "m" + i, 2, i)).expect("PUBREC #" + i);
    }
    s.received();
    s.ack(PUBREC, 2).expect("PUBREL #2");

    stop(clean);

    present("s")
        .expect("PUBREL #2", "PUBLISH t m1 qos2 #1 dup", "PUBLISH t m3 qos2 #3 dup"); // §4.4
  }

  @Test
  void aMessageThatWasNotStoredIsReleasedForTheClientThatMayHaveIt() {
    TestClient s = TestClient.persistent(broker, "s").subscribe("t", 2);
    publishTransientExactlyOnce("t", "x");
    s.expect("PUBLISH t x qos2 #1");

    stop(false);

    present("s").expect("PUBREL #1").ack(PUBCOMP, 1).expectNothing();
    broker.restart();
    present("s").expectNothing();
  }

  /** Publishes inside the JVM what no MQTT client can: transient, and exactly once. */
  private void publishTransientExactlyOnce(String topic, String text) {
    Message message = Message.builder(text).guarantee(Guarantee.EXACTLY_ONCE).build();
    broker.client().publisher("amq.topic").publish(topic, message);
    broker.settle();
  }

  // ---- retained and wills

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void retainedMessagesComeBackUnlessCleared(boolean clean) {
    TestClient p = client("p");
    p.send(retained(publish("t/1", "kept", 1, 1))).expect("PUBACK #1");
    p.send(retained(publish("t/2", "kept too"))).expectNothing();
    p.send(retained(publish("t/3", "cleared", 1, 2))).expect("PUBACK #2");
    p.send(retained(publish("t/3", "", 1, 3))).expect("PUBACK #3");

    stop(clean);

    TestClient s = client("s").subscribe("t/+", 1);
    assertThat(s.received())
        .containsExactlyInAnyOrder(
            "PUBLISH t/1 kept qos1 #1 retain", "PUBLISH t/2 kept too retain");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theWillOfAClientThatWasConnectedIsPublishedAtTheNextStart(boolean clean) {
    TestClient.persistent(broker, "s").subscribe("w", 1).disconnect();
    TestClient.connected(broker, connect("mourned").will("w", "gone", 1, false));
    TestClient.connected(broker, connect("left").will("w", "not this", 1, false)).disconnect();

    stop(clean);
    present("s").expect("PUBLISH w gone qos1 #1").ack(PUBACK, 1).disconnect(); // §3.1.2.5
    stop(clean);

    present("s").expectNothing();
  }

  @Test
  @Tag("MQTT-3.1.2-10/311")
  void aWillThatWasPublishedIsNotPublishedAgain() {
    TestClient.persistent(broker, "s").subscribe("w", 1).disconnect();
    TestClient.connected(broker, connect("mourned").will("w", "gone", 1, false)).vanish();
    present("s").expect("PUBLISH w gone qos1 #1").ack(PUBACK, 1).disconnect();

    stop(false);

    present("s").expectNothing();
  }

  // ---- the store takes its time, or nothing

  @Test
  void answersWaitForTheStore() {
    TestClient.persistent(broker, "s").subscribe("t", 2).disconnect();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();

    p.send(publish("t", "x", 1, 1), publish("t", "y", 2, 2)).expect();
    release();
    p.expect("PUBACK #1", "PUBREC #2");
    disk.hold();
    p.send(subscribe(3, 1, "u")).expect();
    release();
    p.expect("SUBACK #3 [1]");
    disk.hold();
    p.ack(PUBREL, 2).expect();
    release();
    p.expect("PUBCOMP #2");
  }

  private void release() {
    disk.release();
    broker.settle();
  }

  @Test
  void aRepetitionIsNotAnsweredBeforeTheFirstIsDurable() {
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();
    p.send(publish("t", "x", 2, 1)).vanish();
    TestClient again = TestClient.silent(broker).send(connect("p").persistent().bytes());
    again.send(dup(publish("t", "x", 2, 1)));

    assertThat(again.received()).doesNotContain("PUBREC #1");
    release();
    assertThat(again.received()).contains("PUBREC #1");
  }

  @Test
  @Tag("MQTT-4.8.0-2/311")
  void aStoreThatTakesNothingClosesAPublisherAndLetsTransientTrafficGoOn() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient p = TestClient.persistent(broker, "p");
    TestClient listener = client("listener").subscribe("t", 0);
    disk.state(State.FULL);

    p.send(publish("t", "refused", 2, 1)).expectClosed(); // MAP-14
    client("other").publish("t", "transient").expectNothing();
    listener.expect("PUBLISH t transient");
    disk.state(State.OPEN);
    broker.settle();
    TestClient again = present("p");
    again.send(dup(publish("t", "again", 2, 1))).expect("PUBREC #1");

    present("s").expect("PUBLISH t again qos1 #1");
  }

  @Test
  void whatWasRefusedWhenItsPublisherHadGoneIsTakenWhenItComesAgain() {
    TestClient.persistent(broker, "s").subscribe("t", 2).disconnect();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();
    p.send(publish("t", "stored", 2, 1)); // whose answer waits, and those behind it
    disk.state(State.FULL);
    p.send(publish("t", "refused", 2, 2)).vanish();

    disk.state(State.OPEN);
    release();
    TestClient again = present("p");
    again.send(dup(publish("t", "stored", 2, 1)), dup(publish("t", "refused", 2, 2)));
    broker.settle();

    assertThat(again.received()).containsExactly("PUBREC #1", "PUBREC #2");
    assertThat(present("s").received())
        .containsExactly("PUBLISH t stored qos2 #1", "PUBLISH t refused qos2 #2");
  }

  @Test
  void aRepetitionOfWhatAFailedStoreNeverHadGetsNoAnswer() {
    TestClient.persistent(broker, "s").subscribe("t", 2).disconnect();
    TestClient p = TestClient.persistent(broker, "p");
    disk.hold();
    p.send(publish("t", "x", 2, 1)).vanish();
    disk.state(State.FAILED);
    broker.settle();

    TestClient again = TestClient.silent(broker).send(connect("p").persistent().bytes());
    again.send(dup(publish("t", "x", 2, 1)));
    broker.settle();

    assertThat(again.received()).doesNotContain("PUBREC #1");
  }
}

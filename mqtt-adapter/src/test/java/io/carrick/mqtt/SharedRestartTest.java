package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.QueueInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shared subscriptions over the end of a broker: who shares, and whose a message is. */
class SharedRestartTest {

  private static final String SHARED = "$share/g/t";

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

  private TestClient back(Version version, String id) {
    TestClient client = version.silent(broker).send(version.connect(id, true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  private void publish(int qos, String... payloads) {
    TestClient publisher = TestClient.clean(broker, "publisher");
    int packetId = 0;
    for (String payload : payloads) {
      publisher.send(Version.MQTT_3_1_1.publish("t", payload, qos, ++packetId));
      assertThat(publisher.next()).isEqualTo((qos == 1 ? "PUBACK #" : "PUBREC #") + packetId);
    }
    publisher.vanish();
  }

  private List<QueueInfo> shares() {
    return broker.broker().queues().stream()
        .filter(q -> q.name().startsWith("mqtt.share."))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"MQTT_3_1_1, true", "MQTT_3_1_1, false", "MQTT_5, true", "MQTT_5, false"})
  void aPersistentSessionIsAMemberAsBeforeWithItsOptions(Version version, boolean clean) {
    version.persistent(broker, "a").subscribe(SHARED, 1).disconnect();
    version.persistent(broker, "b").subscribe(SHARED, 0).disconnect();
    publish(1, "1", "2");

    stop(clean);
    TestClient b = back(version, "b");
    b.expect("PUBLISH t 1", "PUBLISH t 2");
    TestClient a = back(version, "a");
    publish(1, "3", "4");

    List<String> got = new ArrayList<>(a.received());
    got.addAll(b.received());
    assertThat(got).containsExactly("PUBLISH t 4 qos1 #1", "PUBLISH t 3");
    a.send(version.unsubscribe(8, SHARED)).expect("UNSUBACK #8");
    b.send(version.unsubscribe(8, SHARED)).expect("UNSUBACK #8");
    a.vanish();
    assertThat(shares()).hasSizeLessThanOrEqualTo(1); // of QoS 1, not acknowledged
    back(version, "a").received().forEach(p -> assertThat(p).contains("dup"));
  }

  @Test
  void aShareOfSessionsThatDidNotOutliveTheBrokerIsGone() {
    TestClient.clean(broker, "a").subscribe(SHARED, 1);
    TestClient b = TestClient.persistent(broker, "b").subscribe("$share/h/t", 1);
    b.subscribe(SHARED, 1).send(unsubscribe(8, SHARED)).expect("UNSUBACK #8");
    publish(1, "1");

    stop(false);

    assertThat(shares())
        .extracting(q -> q.name().substring(0, 13))
        .containsExactly("mqtt.share.h.");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.8.2-4/5")
  @Tag("MQTT-4.4.0-1/5")
  void whatWasUnderWayComesAgainToWhomItWasGivenUnderItsIdentifier(Version version) {
    TestClient a = version.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1", "2", "3");
    a.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos2 #2", "PUBLISH t 3 qos2 #3");
    a.ack(PUBREC, 2).expect("PUBREL #2");
    version.persistent(broker, "b").subscribe(SHARED, 2).disconnect();

    stop(false);
    TestClient b = back(version, "b").expectNothing();
    a = back(version, "a");
    a.expect("PUBREL #2", "PUBLISH t 1 qos2 #1 dup", "PUBLISH t 3 qos2 #3 dup");
    a.ack(PUBREC, 1).ack(PUBCOMP, 1).ack(PUBCOMP, 2).expect("PUBREL #1").vanish();

    stop(true);
    back(version, "b").expectNothing();
    back(version, "a").expect("PUBLISH t 3 qos2 #3 dup").ack(PUBREC, 3).expect("PUBREL #3");
    b.vanish();
  }

  @Test
  @Tag("MQTT-4.8.2-5/5")
  void whatWasUnderWayToASessionThatHasEndedIsNobodysAfterARestart() {
    TestClient a = TestClient.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1");
    a.expect("PUBLISH t 1 qos2 #1");
    TestClient.persistent(broker, "b").subscribe(SHARED, 2).disconnect();
    a.vanish();

    stop(false);
    TestClient.clean(broker, "a");
    TestClient b = back(Version.MQTT_3_1_1, "b").expectNothing();
    publish(2, "2");
    b.expect("PUBLISH t 2 qos2 #1");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoUnsubscribedFinishesWhatItHadAfterARestart(int qos) {
    TestClient a = TestClient.persistent(broker, "a").subscribe(SHARED, qos);
    publish(qos, "1");
    a.expect("PUBLISH t 1 qos" + qos + " #1");
    a.send(unsubscribe(8, SHARED)).expect("UNSUBACK #8");

    stop(false);
    TestClient again = back(Version.MQTT_3_1_1, "a");
    assertThat(again.next()).startsWith("PUBLISH t 1 qos" + qos + " #1");
    again.ack(qos == 1 ? PUBACK : PUBREC, 1);
    again.received();
    assertThat(shares()).isEmpty();
  }

  // ---- wherever the broker crashes

  /** A client that keeps the identifiers of QoS 2 messages as it must [MQTT-4.3.3-2]. */
  private static final class Receiver {
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
  @Tag("MQTT-4.8.2-4/5")
  @Tag("MQTT-4.3.3-1/5")
  void aMessageArrivesOnceWithOneOfThemWhereverTheBrokerCrashes(boolean firstComesFirst) {
    TestClient a = TestClient.persistent(broker, "a").subscribe(SHARED, 2);
    TestClient.persistent(broker, "b").subscribe(SHARED, 2).disconnect();
    int before = disk.durableEntries();
    publish(2, "x");
    int sent = disk.durableEntries();
    a.expect("PUBLISH t x qos2 #1").ack(PUBREC, 1).expect("PUBREL #1");
    int released = disk.durableEntries();
    a.ack(PUBCOMP, 1).expectNothing();
    Disk recorded = disk;
    int last = disk.durableEntries();
    assertThat(sent).isGreaterThan(before + 1);
    assertThat(released).isGreaterThan(sent);

    for (int place = before + 1; place <= last; place++) {
      backTo(recorded, place);
      var first = new Receiver();
      if (place >= sent) {
        first.arrived.add("x");
      }
      if (place >= sent && place < released) {
        first.held.add("#1");
      }
      var second = new Receiver();
      for (int i = 0; i < 2; i++) {
        boolean turn = firstComesFirst == (i == 0);
        (turn ? first : second).run(back(Version.MQTT_3_1_1, turn ? "a" : "b"));
      }
      var both = new ArrayList<>(first.arrived);
      both.addAll(second.arrived);
      assertThat(both).as("at %d of %d to %d", place, sent, last).containsExactly("x");
      if (place >= sent) {
        assertThat(second.arrived).as("of b at %d", place).isEmpty();
      }
      assertThat(first.held).as("at %d", place).isEmpty();
      assertThat(shares()).as("at %d", place).allMatch(q -> q.ready() == 0 && q.unsettled() == 0);
    }
  }
}

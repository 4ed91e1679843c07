package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.QueueSpec;
import io.carrick.SessionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAP-38: subscriptions to a queue over the end of a broker, and whose a message is. */
class QueueSubscriptionRestartTest {

  private static final String JOBS = "$queue/jobs";

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

  private void jobs() {
    jobs(spec -> spec);
  }

  private void jobs(UnaryOperator<QueueSpec> options) {
    options.apply(broker.client().topology().queue("jobs").durable()).declare();
  }

  private void publish(int qos, String... payloads) {
    for (String payload : payloads) {
      Message job = Message.builder(payload).persistent().guarantee(Guarantee.ofQos(qos)).build();
      broker.await(broker.client().publisher("").publish("jobs", job));
    }
  }

  private QueueInfo info() {
    return broker.client().topology().find("jobs").orElseThrow();
  }

  private TestClient back(Version version, String id) {
    TestClient client = version.silent(broker).send(version.connect(id, true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  @ParameterizedTest
  @CsvSource({"MQTT_3_1_1, true", "MQTT_3_1_1, false", "MQTT_5, true", "MQTT_5, false"})
  void aPersistentSessionConsumesTheQueueAsBefore(Version version, boolean clean) {
    jobs();
    version.persistent(broker, "a").subscribe(JOBS, 1).disconnect();
    publish(2, "1");

    stop(clean);
    assertThat(broker.broker().sessions()).extracting(SessionInfo::subscriptions).containsOnly(1);
    TestClient a = back(version, "a"); // of a crash nobody knows what was sent before
    a.expect("PUBLISH jobs 1 qos1 #1" + (clean ? "" : " dup")).ack(PUBACK, 1);
    publish(2, "2");
    a.expect("PUBLISH jobs 2 qos1 #2").ack(PUBACK, 2).send(version.unsubscribe(8, JOBS));
    assertThat(a.next()).startsWith("UNSUBACK #8");
    publish(2, "3");
    a.vanish();

    stop(clean);
    back(version, "a").expectNothing();
    assertThat(info().ready()).isEqualTo(1);
  }

  @Test
  void aSubscriptionToAQueueThatDidNotOutliveTheBrokerIsGone() {
    broker.client().topology().queue("jobs").declare();
    TestClient.persistent(broker, "a").subscribe(JOBS, 1);

    stop(false);
    jobs();
    publish(1, "1");
    back(Version.MQTT_3_1_1, "a").expectNothing();
    assertThat(broker.broker().sessions()).extracting(SessionInfo::subscriptions).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.4.0-1/5")
  void whatWasUnderWayComesAgainToWhomItWasGivenAndToNobodyElse(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1", "2", "3");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos2 #2", "PUBLISH jobs 3 qos2 #3");
    a.ack(PUBREC, 2).expect("PUBREL #2");

    stop(false);
    assertThat(broker.client().poll("jobs")).isEmpty();
    TestClient b = version.clean(broker, "b").subscribe(JOBS, 2).expectNothing();
    a = back(version, "a");
    a.expect("PUBREL #2", "PUBLISH jobs 1 qos2 #1 dup", "PUBLISH jobs 3 qos2 #3 dup");
    a.ack(PUBREC, 1).ack(PUBCOMP, 1).ack(PUBCOMP, 2).expect("PUBREL #1").vanish();
    b.vanish();

    stop(true);
    assertThat(broker.client().poll("jobs")).isEmpty();
    back(version, "a").expect("PUBLISH jobs 3 qos2 #3 dup").ack(PUBREC, 3).expect("PUBREL #3");
    assertThat(info().unsettled()).isZero();
  }

  @Test
  void soItIsInAQueueWithPriorities() {
    jobs(spec -> spec.maxPriority(9));
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    for (int priority : new int[] {1, 9}) {
      Message job =
          Message.builder("p" + priority)
              .persistent()
              .priority(priority)
              .guarantee(Guarantee.EXACTLY_ONCE)
              .build();
      broker.await(broker.client().publisher("").publish("jobs", job));
    }
    a.expect("PUBLISH jobs p1 qos2 #1", "PUBLISH jobs p9 qos2 #2");

    stop(false);
    assertThat(broker.client().poll("jobs")).isEmpty();
    TestClient again = back(Version.MQTT_3_1_1, "a");
    assertThat(again.received())
        .containsExactlyInAnyOrder("PUBLISH jobs p1 qos2 #1 dup", "PUBLISH jobs p9 qos2 #2 dup");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatASessionHadBegunToGetThatDidNotOutliveTheBrokerIsInTheQueue(boolean clean) {
    jobs();
    TestClient a = TestClient.clean(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    a.expect("PUBLISH jobs 1 qos2 #1");

    stop(clean);
    var delivery = broker.client().poll("jobs").orElseThrow();
    assertThat(delivery.message().text()).isEqualTo("1");
    assertThat(delivery.redelivered()).isTrue();
    delivery.accept();
    broker.settle();

    stop(clean);
    assertThat(info().ready()).isZero();
  }

  @Test
  void whatASessionHadBegunToGetThatEndsAfterARestartGoesBackToTheQueue() {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1", "2");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos2 #2");

    stop(false);
    assertThat(broker.client().poll("jobs")).isEmpty();
    TestClient.clean(broker, "a"); // which ends the old session
    TestClient b = TestClient.persistent(broker, "b").subscribe(JOBS, 1);
    b.expect("PUBLISH jobs 1 qos1 #1", "PUBLISH jobs 2 qos1 #2").ack(PUBACK, 1).ack(PUBACK, 2);

    stop(false);
    back(Version.MQTT_3_1_1, "b").expectNothing();
    assertThat(info().ready()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoUnsubscribedFinishesWhatItHadAfterARestart(int qos) {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, qos);
    publish(qos, "1");
    a.expect("PUBLISH jobs 1 qos" + qos + " #1");
    a.send(unsubscribe(8, JOBS)).expect("UNSUBACK #8");

    stop(false);
    TestClient again = back(Version.MQTT_3_1_1, "a");
    if (qos == 1) {
      assertThat(broker.client().poll("jobs").orElseThrow().redelivered()).isTrue();
      again.expectNothing();
    } else {
      assertThat(broker.client().poll("jobs")).isEmpty();
      again.expect("PUBLISH jobs 1 qos2 #1 dup").ack(PUBREC, 1).expect("PUBREL #1");
    }
  }

  @Test
  void anExchangeOfQos2WhoseQueueHasGoneMeanwhileComesToItsEnd() {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    a.expect("PUBLISH jobs 1 qos2 #1");
    stop(false);
    broker.client().topology().deleteQueue("jobs");
    back(Version.MQTT_3_1_1, "a").expect("PUBREL #1").vanish();
    stop(false);
    back(Version.MQTT_3_1_1, "a").expect("PUBREL #1").ack(PUBCOMP, 1).vanish();
    back(Version.MQTT_3_1_1, "a").expectNothing();
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

  @Test
  @Tag("MQTT-4.3.3-1/5")
  void aMessageOfQos2ArrivesOnceWhereverTheBrokerCrashesThoughAnotherWaitsForIt() {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "x");
    int sent = disk.durableEntries();
    a.expect("PUBLISH jobs x qos2 #1").ack(PUBREC, 1).expect("PUBREL #1");
    int released = disk.durableEntries();
    a.ack(PUBCOMP, 1).expectNothing();
    Disk recorded = disk;
    int last = disk.durableEntries();
    assertThat(released).isGreaterThan(sent);
    assertThat(last).isGreaterThan(released);

    for (int place = sent; place <= last; place++) {
      disk.crash();
      disk = recorded.asOf(place);
      broker.restart();
      var other = new Receiver();
      other.run(TestClient.persistent(broker, "b").subscribe(JOBS, 2));
      assertThat(other.arrived).as("of b at %d", place).isEmpty();
      var first = new Receiver();
      first.arrived.add("x");
      if (place < released) {
        first.held.add("#1");
      }
      first.run(back(Version.MQTT_3_1_1, "a"));
      assertThat(first.arrived).as("at %d of %d", place, last).containsExactly("x");
      assertThat(first.held).as("at %d", place).isEmpty();
      assertThat(info()).as("at %d", place).matches(q -> q.ready() == 0 && q.unsettled() == 0);
    }
  }
}

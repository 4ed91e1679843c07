package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.subscribeEach;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Resource.Kind;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore;
import io.carrick.storage.MessageStore.State;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 3.1.1 §3.8 and §3.10 with as many filters in one packet as it can hold. */
class ManyFiltersTest {

  /** As many different filters of three bytes as fit. */
  private static final int MOST = (int) (Limit.CONTROL_PACKET_BYTES.byDefault() - 2) / (2 + 3 + 1);

  private final Disk disk = new Disk();

  @RegisterExtension final BrokerExtension memory = broker(MessageStore.inMemory());

  @RegisterExtension final BrokerExtension durable = broker(context -> disk.open(context));

  private static BrokerExtension broker(MessageStore.Factory store) {
    return BrokerExtension.of(
            EmbeddedBroker.builder()
                .adapter(Mqtt.onAnyPort())
                .store(store)
                .authorizer(
                    (who, action, what) ->
                        what.kind() != Kind.TOPIC || !what.name().startsWith("no.")))
        .inTestThread();
  }

  /** Returns different filters of three bytes each. */
  private static String[] filters(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new String(
                    new char[] {
                      (char) ('A' + i % 50), (char) ('A' + i / 50 % 50), (char) ('A' + i / 2500)
                    }))
        .toArray(String[]::new);
  }

  private static int subscriptions(BrokerExtension broker) {
    return broker.broker().sessions().get(0).subscriptions();
  }

  /** Expects that every filter was granted QoS 0; says no more than whether, of so many. */
  private static void expectGranted(TestClient client, int count) {
    List<String> received = client.received();
    assertThat(received).hasSize(1);
    String answer = received.get(0);
    assertThat(answer.equals("SUBACK #7 [" + "0, ".repeat(count - 1) + "0]"))
        .as("every filter of %d is granted", count)
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {5_000, 30_000})
  void oneSubscribeAndOneUnsubscribeMayHaveThousandsOfFilters(int count) {
    takesAll(memory, count);
  }

  @Test
  void oneSubscribeAndOneUnsubscribeMayHaveAsManyFiltersAsFit() {
    takesAll(memory, MOST);
    takesAll(durable, MOST);
  }

  private static void takesAll(BrokerExtension broker, int count) {
    String[] filters = filters(count);
    TestClient client = TestClient.persistent(broker, "s");

    expectGranted(client.send(subscribe(7, 0, filters)), count);
    assertThat(subscriptions(broker)).isEqualTo(count);
    TestClient.clean(broker, "p").publish(filters[count - 1], "x").disconnect();
    client.expect("PUBLISH " + filters[count - 1] + " x");

    client.send(unsubscribe(8, filters)).expect("UNSUBACK #8");
    assertThat(subscriptions(broker)).isZero();
    client.expectNothing();
  }

  @Test
  void theSameFilterAsOftenAsFitsIsOneSubscription() {
    String[] same = new String[(int) (Limit.CONTROL_PACKET_BYTES.byDefault() - 2) / 4];
    java.util.Arrays.fill(same, "t");
    TestClient client = TestClient.persistent(memory, "s");
    expectGranted(client.send(subscribe(7, 0, same)), same.length);
    assertThat(subscriptions(memory)).isEqualTo(1);
  }

  @Test
  void onePacketIsOneRecordSetAndWaitsForTheStoreOnce() {
    int count = 30_000;
    TestClient client = TestClient.persistent(durable, "s");
    disk.hold();
    int before = disk.durableEntries();

    client.send(subscribe(7, 0, filters(count))).expect();
    disk.release();
    expectGranted(client, count);
    assertThat(disk.durableEntries() - before).isEqualTo(1);

    disk.hold();
    client.send(unsubscribe(8, filters(count))).expect();
    disk.release();
    client.expect("UNSUBACK #8");
    assertThat(disk.durableEntries() - before).isEqualTo(2);
  }

  @Test
  void afterACrashAllOfAPacketIsThereOrNothing() {
    TestClient client = TestClient.persistent(durable, "s");
    client.send(subscribe(7, 1, "a", "b")).expect("SUBACK #7 [1, 1]");
    disk.hold();
    client.send(subscribe(8, 1, "c", "d")).expect();

    disk.crash();
    durable.restart();

    assertThat(subscriptions(durable)).isEqualTo(2);
    TestClient again = TestClient.silent(durable).send(connect("s").persistent().bytes());
    again.expect("CONNACK 0 present");
    again.send(unsubscribe(9, "a", "b")).expect("UNSUBACK #9");
    disk.crash();
    durable.restart();
    assertThat(subscriptions(durable)).isZero();
  }

  @Test
  @Tag("MQTT-3.8.4-4/311")
  @Tag("MQTT-3.8.4-5/311")
  @Tag("MQTT-3.10.4-6/311")
  void oneRefusedFilterAmongManyIsRefusedAlone() {
    for (BrokerExtension broker : new BrokerExtension[] {memory, durable}) {
      TestClient client = TestClient.persistent(broker, "s");
      client.send(subscribeEach(7, "a", 1, "no/x", 1, "b", 2, "no/y", 0, "c", 0));
      client.expect("SUBACK #7 [1, 128, 2, 128, 0]"); // [MQTT-3.9.3-2]
      assertThat(subscriptions(broker)).isEqualTo(3);
      client.send(unsubscribe(8, "a", "no/x", "b", "never")).expect("UNSUBACK #8");
      assertThat(subscriptions(broker)).isEqualTo(1);
    }
  }

  @Test
  void aStoreThatTakesNothingRefusesEachFilter() {
    TestClient client = TestClient.persistent(durable, "s");
    disk.state(State.FULL);
    client.send(subscribe(7, 1, "a", "b")).expect("SUBACK #7 [128, 128]");
    assertThat(Limits.defaults().value(Limit.SESSION_SUBSCRIPTIONS)).isGreaterThan(MOST);
  }
}

package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A session that is taken over again and again while messages go both ways: none is lost, those of
 * QoS 2 come once, and all in order.
 */
class TakeOverStormTest {

  private static final int ROUNDS = 300;

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).store(disk))
          .inTestThread();

  private final List<List<String>> toClient = List.of(new ArrayList<>(), new ArrayList<>());
  private final List<List<String>> fromClient = List.of(new ArrayList<>(), new ArrayList<>());
  private StubbornClient client;
  private StubbornClient other;
  private int number;

  static Stream<Arguments> versionsAndSeeds() {
    return Stream.of(Version.values())
        .flatMap(v -> Stream.of(1, 2, 3, 4, 5).map(seed -> Arguments.of(v, seed)));
  }

  private void begin(Version version) {
    client = new StubbornClient(broker, version, "c");
    client.connect();
    client.subscribe(2, "to/#");
    client.take(9);
    other = new StubbornClient(broker, version, "other");
    other.connect();
    other.subscribe(2, "from/#");
    other.take(9);
  }

  private void toClient(int qos) {
    String payload = "q" + qos + "-" + number++;
    toClient.get(qos - 1).add(payload);
    other.publish("to/" + qos, payload, qos);
  }

  private void fromClient(int qos) {
    String payload = "q" + qos + "-" + number++;
    fromClient.get(qos - 1).add(payload);
    client.publish("from/" + qos, payload, qos);
  }

  private void finish() {
    client.connect();
    int taken;
    do {
      taken = client.take(Integer.MAX_VALUE) + other.take(Integer.MAX_VALUE);
    } while (taken > 0 || client.unfinished() > 0 && moreAfterAWhile());
    assertThat(client.unfinished() + other.unfinished()).isZero();
    expect(client.got, toClient);
    expect(other.got, fromClient);
    assertThat(broker.broker().connections()).hasSize(2);
    assertThat(broker.broker().queues()).allMatch(queue -> queue.ready() == 0);
  }

  /** Who takes over gets a few at first, and the rest a little later. */
  private boolean moreAfterAWhile() {
    broker.advance(java.time.Duration.ofMillis(200));
    return client.take(Integer.MAX_VALUE) > 0;
  }

  private static void expect(List<String> got, List<List<String>> sent) {
    assertThat(got.stream().filter(m -> m.startsWith("q1")).distinct())
        .as("QoS 1: each at least once, in order of their first coming")
        .containsExactlyElementsOf(sent.get(0));
    assertThat(got.stream().filter(m -> m.startsWith("q2")))
        .as("QoS 2: each once, in order")
        .containsExactlyElementsOf(sent.get(1));
  }

  @ParameterizedTest
  @MethodSource("versionsAndSeeds")
  @Tag("MQTT-4.4.0-1/311")
  @Tag("MQTT-4.4.0-1/5")
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.3.3-2/311")
  @Tag("MQTT-4.6.0-1/311")
  @Tag("MQTT-3.1.4-2/311")
  @Tag("MQTT-3.1.4-3/5")
  void aTakeOverLosesNothingDoublesNothingAndKeepsTheOrder(Version version, int seed) {
    var random = new Random(seed);
    begin(version);
    for (int round = 0; round < ROUNDS; round++) {
      switch (random.nextInt(6)) {
        case 0 -> client.connect(); // while the connection before is open
        case 1 -> {
          client.vanish();
          toClient(1 + random.nextInt(2));
          client.connect();
        }
        case 2 -> toClient(1 + random.nextInt(2));
        case 3 -> fromClient(1 + random.nextInt(2));
        case 4 -> client.take(random.nextInt(5));
        default -> other.take(random.nextInt(5));
      }
      if (client.unfinished() > 100) {
        client.take(Integer.MAX_VALUE);
      }
    }
    finish();
  }

  @ParameterizedTest
  @MethodSource("versionsAndSeeds")
  void hundredsOfTakeOversWithAFullWindowLoseNothing(Version version, int seed) {
    var random = new Random(seed);
    begin(version);
    for (int i = 0; i < 150; i++) {
      toClient(1 + i % 2);
      other.take(9);
    }
    for (int round = 0; round < ROUNDS; round++) {
      client.connect();
      client.take(random.nextInt(4));
    }
    finish();
  }
}

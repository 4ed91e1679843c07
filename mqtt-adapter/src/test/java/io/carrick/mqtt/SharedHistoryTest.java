package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of clients of both versions that share a subscription: they come, take their
 * sessions over, are lost, subscribe, acknowledge or not, and begin anew, while messages are
 * published and the broker stops or crashes.
 */
class SharedHistoryTest {

  private static final String SHARED = "$share/g/t";
  private static final int CLIENTS = 3;
  private static final int STEPS = 60;

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .store(context -> disk.open(context)))
          .inTestThread();

  static LongStream seeds() {
    return LongStream.range(0, 150);
  }

  /** A client with what it keeps of its session, which is more than the broker asks of it. */
  private final class Member {
    final String id;
    Version version = Version.MQTT_5;
    @Nullable TestClient connected;
    boolean lasts;
    boolean joined;

    /** What it has to answer, in the order of its coming. */
    final List<String> unanswered = new ArrayList<>();

    /** QoS 2 identifiers from PUBLISH to PUBREL, and what they stand for. */
    final Map<String, String> held = new HashMap<>();

    Member(String id) {
      this.id = id;
    }

    void begins() {
      unanswered.clear();
      held.clear();
      joined = false;
    }
  }

  private final List<Member> members = new ArrayList<>();

  /** Messages that nobody has got yet. */
  private final Set<String> waiting = new HashSet<>();

  /** Messages that must not come as new ones any more. */
  private final Set<String> done = new HashSet<>();

  /** Who has begun to get a message with QoS 2. */
  private final Map<String, Object> begun = new LinkedHashMap<>();

  private Random random = new Random();
  private int published;

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("MQTT-4.8.2-4/5")
  @Tag("MQTT-4.8.2-5/5")
  void nothingIsLostAndWhatOneHasBegunToGetWithQos2IsItsAlone(long seed) {
    random = new Random(seed);
    for (int i = 0; i < CLIENTS; i++) {
      members.add(new Member("c" + i));
    }
    for (int step = 0; step < STEPS; step++) {
      step(members.get(random.nextInt(CLIENTS)));
    }
    ends();
  }

  private void step(Member m) {
    switch (random.nextInt(12)) {
      case 0 -> connect(m, true);
      case 1 -> connect(m, random.nextInt(4) > 0);
      case 2 -> lose(m);
      case 3, 4 -> subscribe(m);
      case 5 -> unsubscribe(m);
      case 6, 7, 8 -> publish(1 + random.nextInt(3));
      case 9, 10 -> answer(m, random.nextInt(4));
      default -> {
        if (random.nextInt(3) == 0) {
          restart(random.nextBoolean());
        }
      }
    }
    members.forEach(this::look);
  }

  /** Connects, perhaps while it is connected already. */
  private void connect(Member m, boolean keep) {
    boolean present = m.lasts && keep;
    if (!present) {
      ended(m);
    }
    m.version = random.nextBoolean() ? Version.MQTT_5 : Version.MQTT_3_1_1;
    TestClient client = m.version.silent(broker).send(m.version.connect(m.id, keep));
    m.unanswered.clear();
    m.connected = client;
    m.lasts = keep;
    assertThat(client.next()).isEqualTo("CONNACK 0" + (present ? " present" : ""));
  }

  /** Its session ends, with what it has begun to get. */
  private void ended(Member m) {
    m.begins();
    begun.replaceAll((message, by) -> by == m ? "nobody" : by);
    desertIfSo();
  }

  private void lose(Member m) {
    TestClient client = m.connected;
    if (client != null) {
      if (random.nextBoolean()) {
        client.vanish();
      } else {
        client.disconnect();
      }
      gone(m);
    }
  }

  private void gone(Member m) {
    m.connected = null;
    m.unanswered.clear();
    if (!m.lasts) {
      ended(m);
    }
  }

  private void subscribe(Member m) {
    TestClient client = m.connected;
    if (client != null) {
      client.send(m.version.subscribe(9, random.nextInt(3), SHARED));
      m.joined = true;
      look(m);
    }
  }

  private void unsubscribe(Member m) {
    TestClient client = m.connected;
    if (client != null && random.nextInt(3) == 0) {
      client.send(m.version.unsubscribe(8, SHARED));
      m.joined = false;
      look(m);
      desertIfSo();
    }
  }

  /** With the last subscription goes what waits. */
  private void desertIfSo() {
    if (members.stream().noneMatch(m -> m.joined)) {
      waiting.clear();
    }
  }

  private void publish(int messages) {
    TestClient publisher = TestClient.clean(broker, "publisher");
    for (int i = 1; i <= messages; i++) {
      String payload = "m" + ++published;
      int qos = 1 + random.nextInt(2);
      if (members.stream().anyMatch(m -> m.joined)) {
        waiting.add(payload);
      }
      publisher.send(Version.MQTT_3_1_1.publish("t", payload, qos, i));
      assertThat(publisher.received()).hasSize(1);
    }
    publisher.vanish();
  }

  private void answer(Member m, int most) {
    TestClient client = m.connected;
    for (int i = 0; i < most && client != null && !m.unanswered.isEmpty(); i++) {
      String[] words = m.unanswered.remove(0).split(" ");
      if (words[0].equals("PUBREL")) {
        m.held.remove(words[1]);
        client.ack(PacketType.PUBCOMP, id(words[1]));
      } else if (words[3].equals("qos1")) {
        done.add(words[2]);
        client.ack(PacketType.PUBACK, id(words[4]));
      } else {
        client.ack(PacketType.PUBREC, id(words[4]));
      }
      look(m);
    }
  }

  private static int id(String word) {
    return Integer.parseInt(word.substring(1));
  }

  private void restart(boolean crash) {
    if (crash) {
      disk.crash();
    }
    broker.restart();
    members.forEach(this::gone);
  }

  /** Takes note of what a client has got, and checks that it may have it. */
  private void look(Member m) {
    TestClient client = m.connected;
    if (client == null) {
      return;
    }
    for (String packet : client.received()) {
      String[] words = packet.split(" ");
      if (words[0].equals("PUBREL")) {
        m.unanswered.add(packet);
      } else if (words[0].equals("PUBLISH")) {
        got(m, packet, words);
      }
    }
  }

  private void got(Member m, String packet, String[] words) {
    String payload = words[2];
    Object by = begun.get(payload);
    assertThat(by).as("who has begun to get %s, which %s gets", packet, m.id).isIn(null, m);
    waiting.remove(payload);
    if (words.length == 3) {
      assertThat(done.add(payload)).as("%s for %s is new", packet, m.id).isTrue();
      return;
    }
    m.unanswered.add(packet);
    if (words[3].equals("qos1")) {
      assertThat(done).as("%s for %s", packet, m.id).doesNotContain(payload);
      return;
    }
    String before = m.held.put(words[4], payload);
    if (before == null) {
      assertThat(done.add(payload)).as("%s for %s is new", packet, m.id).isTrue();
      begun.put(payload, m);
    } else {
      assertThat(packet).as("for %s, a repetition", m.id).endsWith(" dup");
      assertThat(payload).as("what %s of %s stands for", words[4], m.id).isEqualTo(before);
    }
  }

  /** Everybody comes and acknowledges what there is. */
  private void ends() {
    for (Member m : members) {
      lose(m);
      connect(m, true);
      look(m);
    }
    subscribe(members.get(0));
    for (int round = 0; round < published + 10; round++) {
      members.forEach(m -> answer(m, 20));
      members.forEach(this::look);
    }
    assertThat(waiting).as("what nobody has got").isEmpty();
    assertThat(members).allMatch(m -> m.held.isEmpty());
    assertThat(broker.broker().queues())
        .filteredOn(q -> q.name().startsWith("mqtt.share."))
        .allMatch(q -> q.ready() == 0 && q.unsettled() == 0);
  }
}

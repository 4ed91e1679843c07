package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client that does what the standard asks of clients, and knows what has to come to it: it keeps
 * its half of the session as long as the broker says that it has the other one. Confined to the
 * test's thread.
 */
final class ModelClient {

  private static final int LATE = 60_000;

  /** What the broker sends at first to one that comes back, whatever it may have. */
  private static final int AT_FIRST = 16;

  private static final Pattern PUBLISH =
      Pattern.compile("PUBLISH (\\S+) (\\d+)(?: qos(\\d) #(\\d+))?( dup)?");

  /** A message to the client that it has not acknowledged. */
  private static final class Incoming {
    final int number;
    final String topic;
    int qos;
    int packetId;
    boolean sent;

    /** Whether that was on the connection that there is. */
    boolean here;

    /** Whether a broker that has ended may have sent it, or forgotten under which identifier. */
    boolean unsure;

    /** Whether it was published when nobody knew if the session is there. */
    final boolean mayBeMissing;

    Incoming(int number, String topic, int qos, boolean mayBeMissing) {
      this.number = number;
      this.topic = topic;
      this.qos = qos;
      this.mayBeMissing = mayBeMissing;
    }
  }

  /** A message of the client that the broker has not acknowledged to the end. */
  private record Outgoing(int number, int qos, boolean received) {}

  private @Nullable TestClient connection;
  private Version version = Version.MQTT_5;
  private int receiveMaximum;

  private final TreeMap<Integer, Incoming> incoming = new TreeMap<>();

  /** QoS 0 that has to come now. */
  private final Set<Integer> now = new HashSet<>();

  /** QoS 2 identifiers from PUBLISH to PUBREL, and what they stand for. */
  private final Map<Integer, Integer> received = new TreeMap<>();

  /** Those between PUBREC and PUBCOMP. */
  private final Set<Integer> releasing = new HashSet<>();

  /** Those of them for which PUBREL has come on this connection. */
  private final List<Integer> released = new ArrayList<>();

  private final Set<Integer> taken = new HashSet<>();
  private final Map<Integer, Outgoing> outgoing = new LinkedHashMap<>();

  /** QoS of what was sent in a session that lives: it arrives. */
  private final Map<Integer, Integer> sent = new TreeMap<>();

  private final Map<Integer, Integer> sentInOtherSessions = new TreeMap<>();
  private final List<String> answers = new ArrayList<>();
  private int nextPacketId;
  private int lastSentAgain;

  TestClient connection() {
    return Objects.requireNonNull(connection);
  }

  Version version() {
    return version;
  }

  boolean v5() {
    return version == Version.MQTT_5;
  }

  // ---- the session

  void connected(TestClient to, boolean five, int mostUnderWay) {
    connection = to;
    version = five ? Version.MQTT_5 : Version.MQTT_3_1_1;
    receiveMaximum = mostUnderWay;
    lastSentAgain = 0;
    released.clear();
    now.clear();
    answers.clear();
    incoming.values().forEach(m -> m.here = false);
    read(); // first the broker's, then ours
    assertThat(released).as("PUBREL again").containsExactlyInAnyOrderElementsOf(releasing);
    List.copyOf(outgoing.keySet()).forEach(this::sendAgain);
  }

  private void sendAgain(int packetId) {
    Outgoing o = Objects.requireNonNull(outgoing.get(packetId));
    connection()
        .send(
            o.received
                ? Packets.ack(PUBREL, packetId)
                : Packets.dup(version.publish("in/x", "" + o.number, o.qos, packetId)));
    read();
  }

  void sessionEnds() {
    incoming.clear();
    received.clear();
    releasing.clear();
    outgoing.clear();
    sentInOtherSessions.putAll(sent);
    sent.clear();
    nextPacketId = 0;
  }

  void brokerEnded() {
    incoming.values().forEach(m -> m.unsure = true);
  }

  // ---- to the client

  void toCome(int number, String topic, int qos, boolean connected, boolean mayBeMissing) {
    if (qos > 0) {
      incoming.put(number, new Incoming(number, topic, qos, mayBeMissing));
    } else if (connected) {
      now.add(number);
    }
  }

  void expectAnswer(String answer) {
    answers.add(answer);
  }

  /** Takes what has come, and looks whether it is right and all that could come. */
  void read() {
    for (String packet : connection().received()) {
      if (packet.startsWith("PUBLISH")) {
        onPublish(packet);
      } else if (packet.contains(" #" + LATE)) {
        assertThat(packet).startsWith("PUB");
      } else if (packet.startsWith("PUB")) {
        onAck(packet, Integer.parseInt(packet.replaceAll(".* #(\\d+).*", "$1")));
      } else {
        assertThat(answers.remove(packet)).as("an answer: %s", packet).isTrue();
      }
    }
    assertThat(answers).as("answers that are missing").isEmpty();
    assertThat(now).as("QoS 0 that is missing").isEmpty();
    int underWay = underWay();
    if (underWay < Math.min(AT_FIRST, receiveMaximum)) {
      assertThat(incoming.values()).as("what could come").allMatch(m -> m.here || m.mayBeMissing);
    }
  }

  private int underWay() {
    return (int) incoming.values().stream().filter(m -> m.here).count() + releasing.size();
  }

  private void onPublish(String packet) {
    Matcher words = PUBLISH.matcher(packet);
    assertThat(words.matches()).as(packet).isTrue();
    int number = Integer.parseInt(words.group(2));
    if (words.group(3) == null) {
      assertThat(now.remove(number)).as("QoS 0, once: %s", packet).isTrue();
      return;
    }
    Incoming m = incoming.get(number);
    assertThat(m).as("a message that is not acknowledged: %s", packet).isNotNull();
    assertThat(words.group(1)).isEqualTo(m.topic);
    int qos = Integer.parseInt(words.group(3));
    if (m.unsure && !(m.sent && m.qos == 2)) {
      m.qos = qos; // by the subscriptions that there are now
      m.packetId = 0;
    }
    assertThat(qos).as("QoS of %s", packet).isEqualTo(m.qos);
    assertThat(m.here).as("sent twice on one connection: %s", packet).isFalse();
    onPublish(m, Integer.parseInt(words.group(4)), words.group(5) != null);
  }

  private void onPublish(Incoming m, int packetId, boolean dup) {
    if (m.sent) {
      assertThat(dup).as("DUP of %s", m.number).isTrue();
      assertThat(m.number).as("in the order of the first time").isGreaterThan(lastSentAgain);
      lastSentAgain = m.number;
      if (m.packetId != 0) {
        assertThat(packetId).as("identifier of %s", m.number).isEqualTo(m.packetId);
      }
    } else {
      assertThat(dup && !m.unsure).as("DUP of %s", m.number).isFalse();
      assertThat(incoming.headMap(m.number).values())
          .as("before %s", m.number)
          .allMatch(o -> o.sent || o.mayBeMissing || o.qos != m.qos || !o.topic.equals(m.topic));
    }
    m.packetId = 0;
    assertThat(incoming.values()).noneMatch(o -> o.here && o.packetId == packetId);
    assertThat(releasing).as("identifiers in use").doesNotContain(packetId);
    m.sent = true;
    m.here = true;
    m.unsure = false;
    m.packetId = packetId;
    assertThat(underWay()).isLessThanOrEqualTo(receiveMaximum); // [MQTT-3.3.4-9]
    if (m.qos == 2) {
      Integer known = received.putIfAbsent(packetId, m.number);
      assertThat(known == null || known == m.number)
          .as("identifier %d stands for %s and for %d", packetId, known, m.number)
          .isTrue();
      assertThat(known != null || taken.add(m.number)).as("%d once", m.number).isTrue();
    }
  }

  private void onAck(String packet, int packetId) {
    boolean failure = packet.matches(".* 0x[89A-F].*");
    if (packet.startsWith("PUBREL")) {
      assertThat(releasing).contains(packetId);
      received.remove(packetId);
      released.add(packetId);
      return;
    }
    Outgoing o = outgoing.remove(packetId);
    assertThat(o).as("a message of the client: %s", packet).isNotNull();
    assertThat(failure).as(packet).isFalse();
    if (packet.startsWith("PUBREC")) {
      outgoing.put(packetId, new Outgoing(o.number, o.qos, true));
    } else if (packet.startsWith("PUBACK")) {
      assertThat(o.qos).isEqualTo(1);
    } else {
      assertThat(o.received).as("PUBCOMP behind PUBREL").isTrue();
    }
  }

  /** Sends one of the acknowledgements that the client owes, if it owes one. */
  void acknowledge(int which, boolean rejecting) {
    List<Incoming> unanswered = incoming.values().stream().filter(m -> m.here).toList();
    int all = unanswered.size() + released.size();
    if (all == 0) {
      return;
    }
    int place = which % all;
    if (place >= unanswered.size()) {
      int packetId = released.remove(place - unanswered.size());
      releasing.remove(packetId);
      connection().ack(PUBCOMP, packetId);
      return;
    }
    Incoming m = unanswered.get(place);
    incoming.remove(m.number);
    boolean rejects = rejecting && v5();
    if (m.qos == 2 && rejects) {
      received.remove(m.packetId);
    } else if (m.qos == 2) {
      releasing.add(m.packetId);
    }
    PacketType type = m.qos == 1 ? PUBACK : PUBREC;
    connection()
        .send(rejects ? Packets5.ack(type, m.packetId, 0x87) : Packets.ack(type, m.packetId));
  }

  /** Sends what belongs to nothing: no harm is done. */
  void acknowledgeLate() {
    connection().ack(PUBACK, LATE).ack(PUBREC, LATE).ack(PUBCOMP, LATE).ack(PUBREL, LATE);
  }

  // ---- from the client

  void send(int number, int qos) {
    int packetId = 0;
    if (qos > 0) {
      do {
        packetId = nextPacketId++ % 20 + 1;
      } while (outgoing.containsKey(packetId) && outgoing.size() < 20);
      if (outgoing.containsKey(packetId)) {
        return;
      }
      outgoing.put(packetId, new Outgoing(number, qos, false));
    }
    sent.put(number, qos);
    connection().send(version.publish("in/x", "" + number, qos, packetId));
  }

  void release(int which) {
    List<Integer> all =
        outgoing.entrySet().stream()
            .filter(o -> o.getValue().received)
            .map(Map.Entry::getKey)
            .toList();
    if (!all.isEmpty()) {
      connection().ack(PUBREL, all.get(which % all.size()));
    }
  }

  /** Looks whether what was sent has arrived, so often as it may. */
  void checkSent(Map<Integer, Integer> observed) {
    sent.forEach(
        (number, qos) -> {
          int times = observed.getOrDefault(number, 0);
          assertThat(times).as("arrivals of %d, QoS %d", number, qos).isPositive();
          assertThat(times == 1 || qos == 1).as("QoS %d arrives once", qos).isTrue();
        });
    sentInOtherSessions.forEach(
        (number, qos) ->
            assertThat(qos == 1 || observed.getOrDefault(number, 0) == 1)
                .as("QoS %d arrives once", qos)
                .isTrue());
  }

  // ---- the end

  boolean owes() {
    return !incoming.isEmpty() || !releasing.isEmpty() || !outgoing.isEmpty();
  }

  void assertNothingIsMissing() {
    assertThat(incoming.values()).as("messages that never came").allMatch(m -> m.mayBeMissing);
    assertThat(releasing).isEmpty();
    assertThat(outgoing).isEmpty();
  }
}

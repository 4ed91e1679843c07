package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Metrics;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Conversations of version 5 that go wrong anywhere: whatever a client sends, the broker answers or
 * ends that connection, never for an error of its own, leaves no buffer behind, and a client beside
 * it notices nothing.
 *
 * <p>It runs for {@code carrick.fuzz.seconds}, and each conversation is made from a number that a
 * failure names; {@code carrick.fuzz.seed} begins with another one.
 */
class PacketFuzzTest {

  private static final long SECONDS = Long.getLong("carrick.fuzz.seconds", 10);
  private static final long FIRST_SEED = Long.getLong("carrick.fuzz.seed", 1);
  private static final String[] TOPICS = {"t", "t/u", "", "$SYS/x", "\u00e4", "+", "$share/g/t"};
  private static final String[] FILTERS = {"t", "t/#", "+/u", "#", "$share/g/t", "$share//t", "a#"};
  private static final int[] CODES = {0, 0, 0, 0x10, 0x80, 0x87, 0x92, 4, 0x97, 1};

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private final PrintStream standardError = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
  private Random random = new Random();

  @BeforeEach
  void watch() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void watchNoMore() {
    System.setErr(standardError);
    ResourceLeakDetector.setLevel(level);
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void nothingThatAClientSendsIsMoreThanItsOwnError() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long seed = FIRST_SEED;
    TestClient beside = TestClient.clean(broker, "beside").subscribe("beside", 1);
    while (System.nanoTime() - end < 0) {
      random = new Random(seed);
      converse();
      assertUndisturbed(beside, seed);
      seed++;
    }
    assertThat(seed).as("conversations").isGreaterThan(FIRST_SEED + SECONDS);
  }

  private void converse() {
    LocalPeer wild = broker.peer("mqtt");
    List<byte[]> packets = conversation();
    for (int changes = random.nextInt(3); changes > 0; changes--) {
      packets.add(random.nextInt(packets.size()), packets.get(random.nextInt(packets.size())));
    }
    byte[] bytes = Packets.join(packets.toArray(byte[][]::new));
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    for (int at = 0; at < bytes.length && !wild.closed(); ) {
      int to = Math.min(bytes.length, at + 1 + random.nextInt(300));
      wild.send(Arrays.copyOfRange(bytes, at, to));
      at = to;
    }
    wild.close();
    if (random.nextInt(10) == 0) {
      broker.advance(Duration.ofSeconds(random.nextInt(20)));
    }
  }

  private void assertUndisturbed(TestClient beside, long seed) {
    beside.send(Packets.PINGREQ, Packets.publish("beside", "x", 1, 1));
    List<String> received = beside.received();
    assertThat(received).as("seed %d", seed).hasSize(3).contains("PINGRESP", "PUBACK #1");
    String delivery =
        received.stream().filter(p -> p.startsWith("PUBLISH beside x")).findAny().orElseThrow();
    beside.ack(PacketType.PUBACK, Integer.parseInt(delivery.replaceAll(".*#", "")));
    Metrics metrics = broker.broker().metrics();
    assertThat(metrics.value("connections.closed{reason=error}")).as("seed %d", seed).isZero();
    assertThat(broker.broker().connections()).as("seed %d", seed).hasSize(1);
    assertThat(log.toString(StandardCharsets.UTF_8)).as("seed %d", seed).isEmpty();
    long opened = metrics.value("connections.opened");
    assertThat(opened).as("seed %d", seed).isEqualTo(seed - FIRST_SEED + 2);
  }

  // ---- what may be said

  private List<byte[]> conversation() {
    var packets = new ArrayList<byte[]>();
    packets.add(connect());
    for (int i = 3 + random.nextInt(30); i > 0; i--) {
      packets.add(packet());
    }
    return packets;
  }

  private boolean bit() {
    return random.nextBoolean();
  }

  private byte[] connect() {
    Packets5.ConnectBuilder connect = Packets5.connect(bit() ? "wild" : "w" + random.nextInt(3));
    if (bit()) {
      connect.with(Properties5.sessionExpiry(random.nextInt(3) * 10L));
    }
    if (bit()) {
      connect.with(Properties5.receiveMaximum(1 + random.nextInt(4)));
      connect.with(Properties5.topicAliasMaximum(random.nextInt(3)));
      connect.with(Properties5.maximumPacketSize(20 + random.nextInt(100)));
    }
    if (random.nextInt(3) == 0) {
      connect.will(
          "t", "will", random.nextInt(3), bit(), Properties5.willDelay(random.nextInt(20)));
    }
    return bit() ? connect.resume().bytes() : connect.bytes();
  }

  private byte[] packet() {
    int id = random.nextInt(20) == 0 ? random.nextInt(65_536) : 1 + random.nextInt(4);
    int code = CODES[random.nextInt(CODES.length)];
    return switch (random.nextInt(16)) {
      case 0, 1 ->
          Packets5.subscribe(
              id,
              Properties5.subscriptionId(1 + random.nextInt(268_435_455)),
              FILTERS[random.nextInt(bit() ? 3 : FILTERS.length)],
              random.nextInt(bit() ? 0x30 : 0x100));
      case 2 -> Packets5.subscribe(id, random.nextInt(3), "t", "t/u");
      case 3 -> Packets5.unsubscribe(id, FILTERS[random.nextInt(FILTERS.length)]);
      case 4, 5, 6, 7, 8 -> publish(id);
      case 9 -> Packets5.ack(PacketType.PUBACK, id, code);
      case 10 -> Packets5.ack(PacketType.PUBREC, id, code);
      case 11 -> Packets5.ack(PacketType.PUBREL, id, bit() ? 0 : code);
      case 12 -> Packets5.ack(PacketType.PUBCOMP, id, bit() ? 0 : code);
      case 13 -> Packets.PINGREQ;
      case 14 ->
          random.nextInt(4) == 0
              ? Packets5.disconnect(code, Properties5.sessionExpiry(random.nextInt(3)))
              : Packets.PINGREQ;
      default ->
          random.nextInt(4) == 0 ? Packets5.auth(0x19, Properties5.authMethod("m")) : publish(id);
    };
  }

  private byte[] publish(int id) {
    String topic = TOPICS[random.nextInt(bit() ? 2 : TOPICS.length)];
    byte[] properties =
        Packets.join(
            random.nextInt(3) == 0 ? Properties5.topicAlias(random.nextInt(4)) : new byte[0],
            random.nextInt(3) == 0 ? Properties5.messageExpiry(random.nextInt(9)) : new byte[0],
            random.nextInt(3) == 0 ? Properties5.user("k", "v") : new byte[0]);
    String payload = "x".repeat(random.nextInt(40));
    int qos = random.nextInt(3);
    byte[] packet =
        qos == 0
            ? Packets5.publish(topic, payload, properties)
            : Packets5.publish(topic, payload, qos, id, properties);
    return random.nextInt(5) == 0 ? Packets.retained(packet) : packet;
  }
}

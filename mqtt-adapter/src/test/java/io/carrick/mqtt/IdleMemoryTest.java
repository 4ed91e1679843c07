package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an idle connection with a subscription costs, of the objects that live. */
class IdleMemoryTest {

  private static final int CONNECTIONS = 500;

  /** What else this JVM keeps from its past may come into some of them, and only adds to them. */
  private static final int BATCHES = 4;

  /** What a collector fills gaps with; no connection has one of these. */
  private static final String FILLER = "[I";

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).realTime();

  private final List<SocketChannel> clients = new ArrayList<>();

  enum Kind {
    MQTT_3(1_536),
    MQTT_5(1_536),
    /** Its session lasts, too. */
    MQTT_5_THAT_ASKS_FOR_ALL(1_792);

    private final long mostBytes;

    Kind(long mostBytes) {
      this.mostBytes = mostBytes;
    }

    byte[] connect(String id) {
      return switch (this) {
        case MQTT_3 -> Packets.connect(id).bytes();
        case MQTT_5 -> Packets5.connect(id).bytes();
        case MQTT_5_THAT_ASKS_FOR_ALL ->
            Packets5.connect(id)
                .with(
                    Properties5.sessionExpiry(3_600),
                    Properties5.topicAliasMaximum(0xFFFF),
                    Properties5.receiveMaximum(100),
                    Properties5.maximumPacketSize(100_000),
                    Properties5.user("name", "x".repeat(10_000)))
                .bytes();
      };
    }

    byte[] subscribe(String filter) {
      return switch (this) {
        case MQTT_3 -> Packets.subscribe(1, 1, filter);
        case MQTT_5 -> Packets5.subscribe(1, 1, filter);
        case MQTT_5_THAT_ASKS_FOR_ALL ->
            Packets5.subscribe(1, Properties5.subscriptionId(268_435_455), filter, 0x0D);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIdleConnectionWithASubscriptionIsSmall(Kind kind) throws Exception {
    connect(kind, "warm", 50);
    long aClient = bytesOfAClient();
    long least = Long.MAX_VALUE;

    for (int batch = 0; batch < BATCHES; batch++) {
      long before = liveBytes();
      connect(kind, "client" + batch + "-", CONNECTIONS);
      least = Math.min(least, (liveBytes() - before) / CONNECTIONS - aClient);
    }

    assertThat(broker.broker().sessions()).hasSize(50 + BATCHES * CONNECTIONS);
    assertThat(least).as("bytes of the broker for each connection").isBetween(200L, kind.mostBytes);
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  private void connect(Kind kind, String prefix, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      SocketChannel client = SocketChannel.open(broker.address("mqtt"));
      clients.add(client);
      ask(client, kind.connect(prefix + i));
      ask(client, kind.subscribe("devices/" + prefix + i + "/commands"));
    }
  }

  /** Sends a packet and waits for its answer. */
  private static void ask(SocketChannel client, byte[] packet) throws IOException {
    client.write(ByteBuffer.wrap(packet));
    assertThat(client.read(ByteBuffer.allocate(100))).isPositive();
  }

  /** Returns what the other end in this JVM costs. */
  private static long bytesOfAClient() throws IOException, JMException {
    var ends = new ArrayList<SocketChannel>();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      server.bind(any);
      long before = liveBytes();
      for (int i = 0; i < CONNECTIONS; i++) {
        ends.add(SocketChannel.open(server.getLocalAddress()));
        server.accept().close();
      }
      long each = (liveBytes() - before) / CONNECTIONS;
      for (SocketChannel end : ends) {
        end.close();
      }
      return each;
    }
  }

  private static long liveBytes() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .map(line -> line.strip().split(" +"))
        .filter(words -> words[0].endsWith(":") && !words[3].equals(FILLER))
        .mapToLong(words -> Long.parseLong(words[2]))
        .sum();
  }
}

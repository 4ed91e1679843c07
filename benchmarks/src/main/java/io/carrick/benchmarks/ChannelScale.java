package io.carrick.benchmarks;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens as many channels as a connection may have, with a consumer on each, and prints what each
 * takes of the heap and of CPU time. Confined to one thread, but for the broker's.
 */
final class ChannelScale {

  private static final int CHANNELS = 2_047;
  private static final int CONNECTIONS = 10;
  private static final double NANOS_PER_US = 1e3;
  private static final int METHOD = 1;
  private static final int FRAME_END = 0xCE;

  private ChannelScale() {}

  /**
   * What channels cost, each.
   *
   * @param channels how many
   * @param heapBytes of the live heap
   * @param cpuNanos of the broker's loop
   */
  record Cost(int channels, long heapBytes, long cpuNanos) {

    @Override
    public String toString() {
      return "%,d channels of a connection, each with a consumer: %,d B of heap and %.1f us each"
          .formatted(CHANNELS, heapBytes / channels, cpuNanos / NANOS_PER_US / channels);
    }
  }

  /** Prints the line of docs/performance.md. */
  public static void main(String[] args) throws IOException {
    measure(2);
    System.out.println(measure(CONNECTIONS));
  }

  /** Opens connections with as many channels as they may have. */
  static Cost measure(int connections) throws IOException {
    try (Broker broker =
        EmbeddedBroker.builder().loops(NettyLoops.factory(1)).adapter(Amqp.onAnyPort()).start()) {
      int port = broker.address("amqp").getPort();
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        peers.add(new Peer(port));
      }
      peers.get(0).declareQueue();
      long heap = usedBytes();
      long cpu = BrokerThreads.cpuNanos();
      for (Peer peer : peers) {
        peer.openAll();
      }
      cpu = BrokerThreads.cpuNanos() - cpu;
      heap = usedBytes() - heap;
      for (Peer peer : peers) {
        peer.socket.close();
      }
      return new Cost(connections * CHANNELS, heap, cpu);
    }
  }

  /** A connection, with as little as possible behind it. */
  private static final class Peer {

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;

    Peer(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      out = new DataOutputStream(socket.getOutputStream());
      in = new DataInputStream(socket.getInputStream());
      out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
      await(10, 10, 1);
      method(0, 10, 11, 0, 0, 0, 0, "PLAIN", new byte[] {0, 0, 0, 12}, "\0guest\0guest", "en_US");
      await(10, 30, 1);
      method(0, 10, 31, 7, 255, 0, 2, 0, 0, 0, 0);
      method(0, 10, 40, "/", 0, 0);
      await(10, 41, 1);
    }

    void declareQueue() throws IOException {
      method(1, 20, 10, 0);
      await(20, 11, 1);
      method(1, 50, 10, 0, 0, "shared", 0, 0, 0, 0, 0);
      await(50, 11, 1);
      method(1, 20, 40, 0, 200, "", 0, 0, 0, 0);
      await(20, 41, 1);
    }

    void openAll() throws IOException {
      for (int channel = 1; channel <= CHANNELS; channel++) {
        method(channel, 20, 10, 0);
        method(channel, 60, 20, 0, 0, "shared", "", 0, 0, 0, 0, 0);
      }
      await(60, 21, CHANNELS);
    }

    /** Writes a method: numbers are octets, and texts short strings but behind a length. */
    private void method(int channel, int classId, int methodId, Object... arguments)
        throws IOException {
      var bytes = new java.io.ByteArrayOutputStream();
      boolean sized = false;
      for (Object argument : arguments) {
        if (argument instanceof Integer octet) {
          bytes.write(octet);
        } else if (argument instanceof byte[] length) {
          bytes.write(length);
          sized = true;
        } else {
          byte[] text = argument.toString().getBytes(StandardCharsets.UTF_8);
          if (!sized) {
            bytes.write(text.length);
          }
          sized = false;
          bytes.write(text);
        }
      }
      out.writeByte(METHOD);
      out.writeShort(channel);
      out.writeInt(4 + bytes.size());
      out.writeShort(classId);
      out.writeShort(methodId);
      out.write(bytes.toByteArray());
      out.writeByte(FRAME_END);
      out.flush();
    }

    /** Reads until a method has come so many times. */
    private void await(int classId, int methodId, int times) throws IOException {
      for (int left = times; left > 0; ) {
        in.readByte();
        in.readShort();
        byte[] payload = in.readNBytes(in.readInt());
        in.readByte();
        if (payload.length >= 4 && payload[1] == classId && payload[3] == methodId) {
          left--;
        } else if (payload.length >= 4 && (payload[3] == 40 || payload[3] == 50)) {
          throw new IOException(
              "the broker refuses " + new String(payload, StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}

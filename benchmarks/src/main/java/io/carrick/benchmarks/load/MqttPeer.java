package io.carrick.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An MQTT client, of 3.1.1 or of 5. Confined to the thread of the run. */
final class MqttPeer implements Peer {

  private static final int MOST_LENGTH_BYTES = 4;
  private static final int FILTERS_PER_PACKET = 100;

  private final Settings settings;
  private final Receiver receiver;
  private final byte[] topic;

  /** What each PUBLISH has between its topic and its payload; empty with MQTT 3.1.1. */
  private byte[] properties = {};

  private @Nullable Output output;
  private int missingSubAcks;
  private boolean connected;
  private int nextPacketId = 1;
  private int unacknowledged;

  /**
   * What a client is to be. Immutable.
   *
   * @param login who it is
   * @param clientId its name
   * @param cleanSession whether the broker forgets it when it leaves
   * @param qos at which it publishes and subscribes
   * @param topic it publishes to; empty for a subscriber
   * @param filters it subscribes to
   */
  record Settings(
      Login login,
      String clientId,
      boolean cleanSession,
      int qos,
      String topic,
      List<String> filters) {}

  MqttPeer(Settings settings, Receiver receiver) {
    this.settings = settings;
    this.receiver = receiver;
    this.topic = utf8(settings.topic);
  }

  /** Speaks MQTT 5 and publishes with {@link Headers}. */
  MqttPeer withHeaders() {
    properties = Headers.AS_PROPERTIES;
    return this;
  }

  private boolean speaks5() {
    return properties.length > 0;
  }

  @Override
  public void start(Output over) {
    output = over;
    byte[] id = utf8(settings.clientId);
    byte[] user = utf8(settings.login.user());
    byte[] password = utf8(settings.login.password());
    boolean named = user.length > 0;
    int flags = (settings.cleanSession ? 0x02 : 0) | (named ? 0xC0 : 0);
    int none = speaks5() ? 1 : 0; // the length of no properties
    int length = 10 + none + 2 + id.length + (named ? 4 + user.length + password.length : 0);
    ByteBuffer out = over.reserve(length + 5);
    header(out, 0x10, length);
    string(out, utf8("MQTT"));
    out.put((byte) (4 + none)).put((byte) flags).putShort((short) 0);
    noProperties(out);
    string(out, id);
    if (named) {
      string(out, user);
      string(out, password);
    }
  }

  private void noProperties(ByteBuffer out) {
    if (speaks5()) {
      out.put((byte) 0);
    }
  }

  private ByteBuffer reserve(int bytes) {
    return Objects.requireNonNull(output, "started").reserve(bytes);
  }

  @Override
  public boolean ready() {
    return connected && missingSubAcks == 0;
  }

  @Override
  public int unacknowledged() {
    return unacknowledged;
  }

  @Override
  public void publish(Stamp stamp, int size) {
    int length = 2 + topic.length + (settings.qos > 0 ? 2 : 0) + properties.length + size;
    ByteBuffer out = reserve(length + 1 + MOST_LENGTH_BYTES);
    header(out, 0x30 | settings.qos << 1, length);
    string(out, topic);
    if (settings.qos > 0) {
      out.putShort((short) nextPacketId);
      nextPacketId = nextPacketId == 0xFFFF ? 1 : nextPacketId + 1;
      unacknowledged++;
    }
    out.put(properties);
    stamp.write(out, size);
  }

  @Override
  public void leave() {
    header(reserve(2), 0xE0, 0);
  }

  // ---- what comes

  @Override
  public void read(ByteBuffer in) throws IOException {
    while (in.remaining() >= 2) {
      int start = in.position();
      int first = in.get(start) & 0xFF;
      int length = 0;
      int at = start + 1;
      int shift = 0;
      byte b;
      do {
        if (at == in.limit()) {
          return;
        }
        b = in.get(at++);
        length |= (b & 0x7F) << shift;
        shift += 7;
      } while (b < 0);
      if (in.limit() - at < length) {
        return;
      }
      packet(first, in, at, length);
      in.position(at + length);
    }
  }

  private void packet(int first, ByteBuffer in, int at, int length) throws IOException {
    switch (first >> 4) {
      case 2 -> connAck(in.get(at + 1));
      case 3 -> received(first, in, at, length);
      case 4, 7 -> unacknowledged--;
      case 5 -> answer(0x62, in.getShort(at));
      case 6 -> answer(0x70, in.getShort(at));
      case 9 -> missingSubAcks--;
      default -> throw new IOException("an MQTT packet of type " + (first >> 4));
    }
  }

  private void connAck(int code) throws IOException {
    if (code != 0) {
      throw new IOException("the broker refuses MQTT connections with code " + code);
    }
    connected = true;
    for (int from = 0; from < settings.filters.size(); from += FILTERS_PER_PACKET) {
      int to = Math.min(settings.filters.size(), from + FILTERS_PER_PACKET);
      subscribe(settings.filters.subList(from, to).stream().map(MqttPeer::utf8).toList());
    }
  }

  private void subscribe(List<byte[]> filters) {
    int none = speaks5() ? 1 : 0;
    int length = 2 + none + filters.stream().mapToInt(f -> 3 + f.length).sum();
    ByteBuffer out = reserve(length + 1 + MOST_LENGTH_BYTES);
    header(out, 0x82, length);
    out.putShort((short) ++missingSubAcks);
    noProperties(out);
    for (byte[] filter : filters) {
      string(out, filter);
      out.put((byte) settings.qos);
    }
  }

  private void received(int first, ByteBuffer in, int at, int length) {
    int qos = (first >> 1) & 3;
    int afterTopic = at + 2 + (in.getShort(at) & 0xFFFF);
    int payload = qos == 0 ? afterTopic : afterTopic + 2;
    if (speaks5()) {
      payload = afterProperties(in, payload);
    }
    receiver.received(in, payload, at + length - payload);
    if (qos > 0) {
      answer(qos == 1 ? 0x40 : 0x50, in.getShort(afterTopic));
    }
  }

  private static int afterProperties(ByteBuffer in, int at) {
    int length = 0;
    int shift = 0;
    int next = at;
    byte b;
    do {
      b = in.get(next++);
      length |= (b & 0x7F) << shift;
      shift += 7;
    } while (b < 0);
    return next + length;
  }

  private void answer(int type, short packetId) {
    ByteBuffer out = reserve(4);
    header(out, type, 2);
    out.putShort(packetId);
  }

  // ---- bytes

  private static void header(ByteBuffer out, int first, int length) {
    out.put((byte) first);
    int rest = length;
    while (rest > 0x7F) {
      out.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static void string(ByteBuffer out, byte[] text) {
    out.putShort((short) text.length).put(text);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "MQTT client " + settings.clientId;
  }
}

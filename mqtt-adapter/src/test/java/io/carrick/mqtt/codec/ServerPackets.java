package io.carrick.mqtt.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Packets of a server in words, read independently of the main code: {@code CONNACK 0 present},
 * {@code PUBLISH a/b 21.5 qos1 #7 dup retain}, {@code SUBACK #1 [1, 128]}.
 */
public final class ServerPackets {

  private ServerPackets() {}

  /**
   * Reads whole packets.
   *
   * @throws AssertionError if a packet is cut off or not one of a server
   */
  public static List<String> describe(byte[] stream) {
    var words = new ArrayList<String>();
    ByteBuffer in = ByteBuffer.wrap(stream);
    while (in.hasRemaining()) {
      int first = in.get() & 0xFF;
      byte[] body = new byte[length(in)];
      in.get(body);
      words.add(describe(first, ByteBuffer.wrap(body)));
    }
    return words;
  }

  /** Returns how many bytes the first packet has, 0 if it is not there in full. */
  public static int firstLength(byte[] stream, int available) {
    int length = 0;
    for (int i = 1; i < Math.min(5, available); i++) {
      length |= (stream[i] & 127) << (7 * (i - 1));
      if (stream[i] >= 0) {
        return i + 1 + length <= available ? i + 1 + length : 0;
      }
    }
    return 0;
  }

  private static int length(ByteBuffer in) {
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      length |= (b & 127) << shift;
      if (b >= 0) {
        return length;
      }
    }
  }

  private static String describe(int first, ByteBuffer body) {
    PacketType type = PacketType.values()[first >> 4];
    boolean flagsRight = (first & 15) == (type == PacketType.PUBREL ? 2 : 0);
    if (type != PacketType.PUBLISH && !flagsRight) {
      throw new AssertionError("a first byte of " + Integer.toHexString(first));
    }
    String words =
        switch (type) {
          case CONNACK -> connAck(body);
          case PUBLISH -> publish(first, body);
          case PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK -> type + " #" + (int) body.getChar(0);
          case SUBACK -> subAck(body);
          case PINGRESP -> "PINGRESP";
          default -> throw new AssertionError("a server does not send " + type);
        };
    int right = type == PacketType.PINGRESP ? 0 : 2;
    if (type != PacketType.PUBLISH && type != PacketType.SUBACK && body.limit() != right) {
      throw new AssertionError(words + " has " + body.limit() + " bytes");
    }
    return words;
  }

  private static String connAck(ByteBuffer body) {
    return "CONNACK " + body.get(1) + (body.get(0) == 1 ? " present" : "");
  }

  private static String publish(int first, ByteBuffer body) {
    byte[] topic = new byte[body.getChar()];
    body.get(topic);
    int qos = (first >> 1) & 3;
    String id = qos == 0 ? "" : " qos" + qos + " #" + (int) body.getChar();
    byte[] payload = new byte[body.remaining()];
    body.get(payload);
    return "PUBLISH "
        + new String(topic, StandardCharsets.UTF_8)
        + (payload.length == 0 ? "" : " " + new String(payload, StandardCharsets.UTF_8))
        + id
        + ((first & 8) != 0 ? " dup" : "")
        + ((first & 1) != 0 ? " retain" : "");
  }

  private static String subAck(ByteBuffer body) {
    int packetId = body.getChar();
    var codes = new int[body.remaining()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = body.get() & 0xFF;
    }
    return "SUBACK #" + packetId + " " + Arrays.toString(codes);
  }
}

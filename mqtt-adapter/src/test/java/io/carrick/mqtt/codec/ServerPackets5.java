package io.carrick.mqtt.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Packets of a server of version 5 in words, read independently of the main code: {@code PUBLISH
 * a/b 21.5 qos1 #7 {user=k:v, subscription=3}}, {@code PUBACK #1 0x10 {reason=…}}, {@code SUBACK #1
 * [1, 135]}. A code of 0 is not named, nor are properties if there are none.
 */
public final class ServerPackets5 {

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0x01, "1format"),
          Map.entry(0x02, "4expiry"),
          Map.entry(0x03, "scontent"),
          Map.entry(0x08, "sresponse"),
          Map.entry(0x09, "scorrelation"),
          Map.entry(0x0B, "vsubscription"),
          Map.entry(0x11, "4sessionExpiry"),
          Map.entry(0x12, "sassigned"),
          Map.entry(0x13, "2keepAlive"),
          Map.entry(0x15, "smethod"),
          Map.entry(0x16, "sdata"),
          Map.entry(0x1A, "sresponseInformation"),
          Map.entry(0x1C, "sserver"),
          Map.entry(0x1F, "sreason"),
          Map.entry(0x21, "2receiveMaximum"),
          Map.entry(0x22, "2topicAliasMaximum"),
          Map.entry(0x23, "2alias"),
          Map.entry(0x24, "1maximumQos"),
          Map.entry(0x25, "1retainAvailable"),
          Map.entry(0x26, "puser"),
          Map.entry(0x27, "4maximumPacketSize"),
          Map.entry(0x28, "1wildcardAvailable"),
          Map.entry(0x29, "1identifiersAvailable"),
          Map.entry(0x2A, "1sharedAvailable"));

  private ServerPackets5() {}

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
      byte[] body = new byte[variable(in)];
      in.get(body);
      ByteBuffer packet = ByteBuffer.wrap(body);
      words.add(describe(first, packet));
      check(!packet.hasRemaining(), "bytes behind " + words.get(words.size() - 1));
    }
    return words;
  }

  /**
   * Reads them and leaves away what version 3 has not: properties, and codes that refuse nothing.
   */
  public static List<String> plain(byte[] stream) {
    return describe(stream).stream()
        .map(packet -> packet.replaceAll(" \\{.*}$", ""))
        .map(packet -> packet.replaceAll("(PUB(ACK|REC|REL|COMP) #\\d+) 0x[0-7].", "$1"))
        .map(packet -> packet.replaceAll("(UNSUBACK #\\d+) .*", "$1"))
        .toList();
  }

  private static void check(boolean right, String what) {
    if (!right) {
      throw new AssertionError(what);
    }
  }

  private static String describe(int first, ByteBuffer body) {
    PacketType type = PacketType.values()[first >> 4];
    boolean flagsRight = (first & 15) == (type == PacketType.PUBREL ? 2 : 0);
    check(type == PacketType.PUBLISH || flagsRight, "a first byte of " + first);
    return switch (type) {
      case CONNACK -> connAck(body);
      case PUBLISH -> publish(first, body);
      case PUBACK, PUBREC, PUBREL, PUBCOMP ->
          type + " #" + (int) body.getChar() + codeAndProperties(body);
      case SUBACK, UNSUBACK -> type + " #" + (int) body.getChar() + codes(body);
      case PINGRESP -> "PINGRESP";
      case DISCONNECT, AUTH -> type + codeAndProperties(body);
      default -> throw new AssertionError("a server does not send " + type);
    };
  }

  private static String connAck(ByteBuffer body) {
    int flags = body.get();
    check((flags & ~1) == 0, "CONNACK with flags " + flags); // [MQTT-3.2.2-1]
    int code = body.get() & 0xFF;
    return "CONNACK "
        + (code == 0 ? "0" : hex(code))
        + (flags == 1 ? " present" : "")
        + properties(body);
  }

  private static String publish(int first, ByteBuffer body) {
    String topic = text(body);
    int qos = (first >> 1) & 3;
    String id = qos == 0 ? "" : " qos" + qos + " #" + (int) body.getChar();
    String properties = properties(body);
    byte[] payload = new byte[body.remaining()];
    body.get(payload);
    return "PUBLISH "
        + topic
        + (payload.length == 0 ? "" : " " + new String(payload, StandardCharsets.UTF_8))
        + id
        + ((first & 8) != 0 ? " dup" : "")
        + ((first & 1) != 0 ? " retain" : "")
        + properties;
  }

  private static String codes(ByteBuffer body) {
    String properties = properties(body);
    var codes = new int[body.remaining()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = body.get() & 0xFF;
    }
    return " " + Arrays.toString(codes) + properties;
  }

  private static String codeAndProperties(ByteBuffer body) {
    int code = body.hasRemaining() ? body.get() & 0xFF : 0;
    return (code == 0 ? "" : " " + hex(code)) + (body.hasRemaining() ? properties(body) : "");
  }

  private static String hex(int code) {
    return String.format("0x%02X", code);
  }

  private static String properties(ByteBuffer body) {
    int end = variable(body) + body.position();
    var all = new ArrayList<String>();
    while (body.position() < end) {
      int id = body.get();
      String name = NAMES.get(id);
      check(name != null, "a server does not send property " + id);
      all.add(name.substring(1) + "=" + value(name.charAt(0), body));
    }
    check(body.position() == end, "a property beyond the end of its section");
    return all.isEmpty() ? "" : " {" + String.join(", ", all) + "}";
  }

  private static String value(char type, ByteBuffer body) {
    return switch (type) {
      case '1' -> "" + (body.get() & 0xFF);
      case '2' -> "" + (int) body.getChar();
      case '4' -> "" + (body.getInt() & 0xFFFF_FFFFL);
      case 'v' -> "" + variable(body);
      case 'p' -> text(body) + ":" + text(body);
      default -> text(body);
    };
  }

  private static String text(ByteBuffer body) {
    byte[] text = new byte[body.getChar()];
    body.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static int variable(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 127) << shift;
      if (b >= 0) {
        check(shift == 0 || b != 0, "a length with a byte that it does not need"); // [MQTT-1.5.5-1]
        return value;
      }
    }
  }
}

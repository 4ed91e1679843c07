package io.carrick.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Ten names and texts that a message has beside its payload, as bytes. Stateless. */
final class Headers {

  private static final int COUNT = 10;
  private static final int USER_PROPERTY = 38; // MQTT 5 §2.2.2.2
  private static final int MOST_BYTES = 1_024;

  /** The property section of a PUBLISH of MQTT 5, with its length. */
  static final byte[] AS_PROPERTIES = properties();

  /** A header table of AMQP 0-9-1, with its length. */
  static final byte[] AS_TABLE = table();

  private Headers() {}

  private static byte[] properties() {
    ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
    for (int i = 0; i < COUNT; i++) {
      out.put((byte) USER_PROPERTY);
      out.putShort((short) name(i).length).put(name(i));
      out.putShort((short) text(i).length).put(text(i));
    }
    byte[] all = Arrays.copyOf(out.array(), out.position());
    ByteBuffer section = ByteBuffer.allocate(all.length + 2);
    section.put((byte) ((all.length & 0x7F) | 0x80)).put((byte) (all.length >> 7)).put(all);
    return section.array();
  }

  private static byte[] table() {
    ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
    out.putInt(0);
    for (int i = 0; i < COUNT; i++) {
      AmqpSetup.shortString(out, name(i));
      out.put((byte) 'S').putInt(text(i).length).put(text(i));
    }
    out.putInt(0, out.position() - Integer.BYTES);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] name(int i) {
    return ("header-" + i).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] text(int i) {
    return ("the text of header " + i).getBytes(StandardCharsets.UTF_8);
  }
}

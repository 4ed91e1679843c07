package io.carrick.transport;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a client of WebSocket says and hears, byte by byte (RFC 6455 §5.2). Stateless. */
final class Frames {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int LAST = 0x80;

  private static final byte[] MASK = {7, -7, 70, -70};
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private Frames() {}

  /** A frame that was received. */
  record Frame(int first, byte[] payload) {

    /** Returns the status of a Close. */
    int status() {
      return (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    }
  }

  static byte[] request(String path, String... moreHeaders) {
    return request(
        "GET " + path + " HTTP/1.1",
        Stream.concat(
                Stream.of(
                    "Host: localhost",
                    "Upgrade: websocket",
                    "Connection: keep-alive, Upgrade",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: " + KEY),
                Stream.of(moreHeaders))
            .toList());
  }

  static byte[] request(String line, List<String> headers) {
    return (line + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** A request that the endpoints of these tests grant. */
  static byte[] goodRequest() {
    return request("/mqtt", "Sec-WebSocket-Protocol: other, test");
  }

  static byte[] binary(byte... payload) {
    return masked(LAST | BINARY, payload);
  }

  static byte[] close(int status) {
    return masked(LAST | CLOSE, (byte) (status >> 8), (byte) status);
  }

  static byte[] masked(int first, byte... payload) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(head(first, 0x80, payload.length));
    out.writeBytes(MASK);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ MASK[i % 4]);
    }
    return out.toByteArray();
  }

  /** Returns the beginning of a frame, without the mask's key. */
  static byte[] head(int first, int masked, long length) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    if (length < 126) {
      out.write((int) (masked | length));
    } else if (length < 65_536) {
      out.write(masked | 126);
      out.write((int) (length >> 8));
      out.write((int) length);
    } else {
      out.write(masked | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) (length >> shift));
      }
    }
    return out.toByteArray();
  }

  static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    Arrays.asList(parts).forEach(out::writeBytes);
    return out.toByteArray();
  }

  /** Reads a frame of the server's, which has no mask. */
  static Frame read(InputStream from) throws IOException {
    var in = new DataInputStream(from);
    int first = in.readUnsignedByte();
    long length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new Frame(first, payload);
  }

  /** Reads up to the empty line. */
  static String head(InputStream from) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = from.read();
      if (next < 0) {
        throw new EOFException("no whole head: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }
}

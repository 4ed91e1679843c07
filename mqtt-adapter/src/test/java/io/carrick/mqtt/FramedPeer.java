package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.transport.LocalPeer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of WebSocket that does nothing by itself: a test sends each frame and sees what comes in
 * words. Confined to the test's thread.
 */
final class FramedPeer {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int LAST = 0x80;

  private static final int MASK = 0x12345678;

  private final LocalPeer peer;

  /** What the broker has said of its choice, up to the empty line. */
  final String head;

  FramedPeer(LocalPeer peer, String subprotocols) {
    this.peer = peer;
    String request =
        "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: "
            + subprotocols
            + "\r\n\r\n";
    peer.send(request.getBytes(StandardCharsets.US_ASCII));
    this.head = new String(peer.received(), StandardCharsets.US_ASCII);
  }

  /** Sends bytes as they are. */
  FramedPeer raw(byte... bytes) {
    peer.send(bytes);
    return this;
  }

  /** Sends a binary frame for each. */
  FramedPeer binary(byte[]... payloads) {
    for (byte[] payload : payloads) {
      peer.send(frame(LAST | BINARY, payload));
    }
    return this;
  }

  static byte[] frame(int first, byte... payload) {
    var out = ByteBuffer.allocate(payload.length + 14).put((byte) first);
    if (payload.length < 126) {
      out.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      out.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      out.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    out.putInt(MASK);
    for (int i = 0; i < payload.length; i++) {
      out.put((byte) (payload[i] ^ MASK >> (24 - i % 4 * 8)));
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** Takes what has come: packets in their words, {@code PONG text} and {@code CLOSE status}. */
  List<String> received() {
    ByteBuffer in = ByteBuffer.wrap(peer.received());
    var all = new ArrayList<String>();
    var packets = new ByteArrayOutputStream();
    while (in.hasRemaining()) {
      int first = in.get() & 0xff;
      int length = in.get() & 0xff;
      byte[] payload =
          new byte
              [length == 127
                  ? (int) in.getLong()
                  : length == 126 ? in.getShort() & 0xffff : length];
      in.get(payload);
      if (first == (LAST | BINARY)) {
        packets.writeBytes(payload);
      } else if (first == (LAST | PONG)) {
        all.add("PONG " + new String(payload, StandardCharsets.UTF_8));
      } else {
        assertThat(first).isEqualTo(LAST | CLOSE);
        assertThat(in.hasRemaining()).as("something behind Close").isFalse();
        all.addAll(ServerPackets.describe(packets.toByteArray()));
        packets.reset();
        all.add("CLOSE " + ByteBuffer.wrap(payload).getShort());
      }
    }
    all.addAll(ServerPackets.describe(packets.toByteArray()));
    return all;
  }

  FramedPeer expect(String... words) {
    assertThat(received()).containsExactly(words);
    return this;
  }

  /** Expects that nothing has come, and that the connection works. */
  FramedPeer expectNothing() {
    return binary(Packets.PINGREQ).expect("PINGRESP");
  }

  boolean closed() {
    return peer.closed();
  }
}

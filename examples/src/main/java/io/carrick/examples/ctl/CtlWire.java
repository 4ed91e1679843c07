package io.carrick.examples.ctl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How a command line and its answer go through a socket: a number of bytes and as many bytes. A
 * command line is its words, each ended by a NUL; an answer is an exit code and a text. Stateless.
 */
final class CtlWire {

  static final int MOST_REQUEST_BYTES = 64 << 10;
  static final int MOST_ANSWER_BYTES = Integer.MAX_VALUE - 8;

  private static final int CHUNK = 64 << 10;

  private CtlWire() {}

  static byte[] words(List<String> words) throws IOException {
    var all = new StringBuilder();
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw new IOException("a NUL in a word");
      }
      all.append(word).append('\0');
    }
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  static List<String> words(byte[] bytes) {
    var words = new ArrayList<String>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        words.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    return words;
  }

  static byte[] answer(int exitCode, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) exitCode).put(bytes).array();
  }

  static void write(SocketChannel channel, byte[] bytes, long patienceMs) throws IOException {
    ByteBuffer out =
        ByteBuffer.allocate(Integer.BYTES + bytes.length).putInt(bytes.length).put(bytes).flip();
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_WRITE);
      while (out.hasRemaining()) {
        if (channel.write(out) == 0) {
          await(selector, patienceMs);
        }
      }
    }
  }

  static byte[] read(SocketChannel channel, int most, long patienceMs) throws IOException {
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      int length = fill(channel, ByteBuffer.allocate(Integer.BYTES), selector, patienceMs).getInt();
      if (length < 0 || length > most) {
        throw new IOException("more than " + most + " bytes");
      }
      // What is announced is not believed: memory comes with the bytes.
      var all = new java.io.ByteArrayOutputStream(Math.min(length, CHUNK));
      while (all.size() < length) {
        int chunk = Math.min(CHUNK, length - all.size());
        ByteBuffer in = fill(channel, ByteBuffer.allocate(chunk), selector, patienceMs);
        all.write(in.array(), 0, chunk);
      }
      return all.toByteArray();
    }
  }

  private static ByteBuffer fill(
      SocketChannel channel, ByteBuffer in, Selector selector, long patienceMs) throws IOException {
    while (in.hasRemaining()) {
      int read = channel.read(in);
      if (read < 0) {
        throw new IOException("the other side has gone");
      } else if (read == 0) {
        await(selector, patienceMs);
      }
    }
    return in.flip();
  }

  private static void await(Selector selector, long patienceMs) throws IOException {
    if (selector.select(patienceMs) == 0) {
      throw new IOException("the other side says nothing");
    }
    selector.selectedKeys().clear();
  }
}

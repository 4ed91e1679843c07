package io.carrick.mqtt;

import io.carrick.HeaderNames;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The topic that stands for a queue to which a reply goes, {@code $reply/PROOF/QUEUE}: what a
 * requester of another protocol has named, for clients that only know topics (MAP-19). Immutable.
 *
 * <p>The words of the queue's name are levels, so that both ways to spell topics as routing keys
 * leave them whole. What is no printable ASCII character, or has a meaning in a topic, is escaped
 * byte by byte as in a URI: a queue may be called what no client would take for a topic.
 *
 * @param proof that the queue was named by a request
 * @param queue its name
 */
record ReplyTopic(String proof, String queue) {

  /** What they begin with. */
  static final String PREFIX = HeaderNames.REPLY_TOPICS + "/";

  private static final int HEX = 16;

  /** Returns the topic. */
  String text() {
    var text = new StringBuilder(PREFIX).append(proof).append('/');
    for (byte b : queue.getBytes(StandardCharsets.UTF_8)) {
      if (b == '.') {
        text.append('/');
      } else if (isPlain(b)) {
        text.append((char) b);
      } else {
        text.append('%').append(digit(b >> 4)).append(digit(b));
      }
    }
    return text.toString();
  }

  private static boolean isPlain(byte b) {
    return b >= ' ' && b < 0x7F && b != '%' && b != '/' && b != '+' && b != '#';
  }

  private static char digit(int bits) {
    return Character.toUpperCase(Character.forDigit(bits & 0xF, HEX));
  }

  /** Reads a topic; empty if it is another one. */
  static Optional<ReplyTopic> read(String topic) {
    if (!topic.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int end = topic.indexOf('/', PREFIX.length());
    String queue = end < 0 ? null : unescaped(topic, end + 1);
    return queue == null
        ? Optional.empty()
        : Optional.of(new ReplyTopic(topic.substring(PREFIX.length(), end), queue));
  }

  private static @Nullable String unescaped(String text, int from) {
    var queue = new ByteArrayOutputStream(text.length() - from);
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/') {
        queue.write('.');
      } else if (c != '%') {
        queue.write(c);
      } else if (i + 2 < text.length()) {
        int escaped =
            Character.digit(text.charAt(i + 1), HEX) << 4
                | Character.digit(text.charAt(i + 2), HEX);
        if (escaped < 0) {
          return null;
        }
        queue.write(escaped);
        i += 2;
      } else {
        return null;
      }
    }
    return queue.toString(StandardCharsets.UTF_8);
  }
}

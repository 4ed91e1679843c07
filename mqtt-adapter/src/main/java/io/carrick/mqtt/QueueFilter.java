package io.carrick.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Filters that name a queue: {@code $queue/} and its name, whatever is in it (MAP-38). What no
 * filter can have in that place is escaped as between topics and keys (MAP-2): {@code +}, {@code #}
 * and NUL are {@code %2B}, {@code %23} and {@code %00}, and a name that looks like one of these
 * gets one {@code 25} more. Dots and slashes are themselves. Stateless.
 */
final class QueueFilter {

  private static final byte[] LEVEL = "$queue".getBytes(StandardCharsets.UTF_8);

  private QueueFilter() {}

  /** Returns whether a filter is meant to be one of these: its first level says so. */
  static boolean isMeant(byte[] filter) {
    return filter.length >= LEVEL.length
        && Arrays.equals(filter, 0, LEVEL.length, LEVEL, 0, LEVEL.length)
        && (filter.length == LEVEL.length || filter[LEVEL.length] == '/');
  }

  /**
   * Returns the name of the queue that a filter is {@linkplain #isMeant meant} to name.
   *
   * @return empty if it names none: it says no name, or has a wildcard in it
   */
  static Optional<String> queue(byte[] filter) {
    if (filter.length <= LEVEL.length + 1) {
      return Optional.empty();
    }
    var name = new ByteArrayOutputStream(filter.length);
    for (int i = LEVEL.length + 1; i < filter.length; i++) {
      switch (filter[i]) {
        case '+', '#' -> {
          return Optional.empty();
        }
        case '%' -> {
          int end = escapeEnd(filter, i);
          if (end == i + 3) {
            name.write(escaped(filter, i + 1));
            i = end - 1;
          } else {
            name.write('%');
            i += end == i ? 0 : 2; // without one 25
          }
        }
        default -> name.write(filter[i]);
      }
    }
    return Optional.of(name.toString(StandardCharsets.UTF_8));
  }

  /** Returns the one filter that names a queue. */
  static byte[] of(String queue) {
    byte[] name = queue.getBytes(StandardCharsets.UTF_8);
    var filter = new ByteArrayOutputStream(LEVEL.length + 1 + name.length);
    filter.writeBytes(LEVEL);
    filter.write('/');
    for (int i = 0; i < name.length; i++) {
      switch (name[i]) {
        case '+' -> filter.writeBytes(new byte[] {'%', '2', 'B'});
        case '#' -> filter.writeBytes(new byte[] {'%', '2', '3'});
        case 0 -> filter.writeBytes(new byte[] {'%', '0', '0'});
        case '%' ->
            filter.writeBytes(
                escapeEnd(name, i) == i ? new byte[] {'%'} : new byte[] {'%', '2', '5'});
        default -> filter.write(name[i]);
      }
    }
    return filter.toByteArray();
  }

  /** Returns where an escape {@code %(25)*HH} ends that starts somewhere; there, if it is none. */
  private static int escapeEnd(byte[] text, int from) {
    int at = from + 1;
    while (at + 1 < text.length && text[at] == '2' && text[at + 1] == '5') {
      at += 2;
    }
    return escaped(text, at) < 0 ? from : at + 2;
  }

  private static int escaped(byte[] text, int at) {
    if (at + 1 >= text.length) {
      return -1;
    }
    return switch (text[at] << 8 | text[at + 1]) {
      case '2' << 8 | 'B' -> '+';
      case '2' << 8 | '3' -> '#';
      case '0' << 8 | '0' -> 0;
      default -> -1;
    };
  }
}

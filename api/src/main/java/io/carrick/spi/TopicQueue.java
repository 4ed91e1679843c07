package io.carrick.spi;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name that stands for a topic where a reply can only go to a queue, as AMQP's {@code reply_to}
 * says it: {@code $topic.} and the topic's levels as words (MAP-19). There is no such queue, and
 * none can be declared: what is published to the default exchange with that name goes to the topic.
 * A slash is never in it, since there are clients that would look for an exchange before it.
 * Stateless.
 */
public final class TopicQueue {

  /** What such names begin with. */
  public static final String PREFIX = "$topic.";

  /** The longest name of a queue. AMQP 0-9-1 §1.2 */
  private static final int LONGEST = 255;

  private static final String DOT = "%2E";
  private static final String PERCENT = "%25";

  private TopicQueue() {}

  /** Returns the name for a topic; empty if it would be longer than a queue's can be. */
  public static Optional<String> name(String topic) {
    String name = PREFIX + topic.replace("%", PERCENT).replace(".", DOT).replace('/', '.');
    return name.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        ? Optional.of(name)
        : Optional.empty();
  }

  /** Returns the topic that a name stands for; empty if it is the name of a queue. */
  public static Optional<String> topic(String name) {
    return name.startsWith(PREFIX)
        ? Optional.ofNullable(unescaped(name, PREFIX.length()))
        : Optional.empty();
  }

  private static @Nullable String unescaped(String name, int from) {
    var topic = new StringBuilder(name.length() - from);
    for (int i = from; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.') {
        topic.append('/');
      } else if (c != '%') {
        topic.append(c);
      } else if (name.startsWith(DOT, i) || name.startsWith(PERCENT, i)) {
        topic.append(name.startsWith(DOT, i) ? '.' : '%');
        i += DOT.length() - 1;
      } else {
        return null;
      }
    }
    return topic.toString();
  }
}

package io.carrick.mqtt;

import io.carrick.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Below which topic answers to a client may go: what it is told when it asks (MQTT 5 §4.10.1).
 * Immutable.
 *
 * @param levels of the topic; {@code %c} and {@code %u} stand for the client's own names, none for
 *     no such topic
 */
record ResponseTopics(List<String> levels) {

  /** Clients are told nothing. */
  static final ResponseTopics NONE = new ResponseTopics(List.of());

  private static final String CLIENT_ID = "%c";
  private static final String USER = "%u";
  private static final int MOST_BYTES = 0xFFFF;

  /**
   * Reads a topic.
   *
   * @throws IllegalArgumentException if it is none, or has a name that is not a level of its own
   */
  static ResponseTopics of(String topic) {
    boolean wrong = topic.isEmpty() || topic.length() > MOST_BYTES || topic.startsWith("$");
    if (wrong || topic.chars().anyMatch(c -> c == '+' || c == '#' || Character.isISOControl(c))) {
      throw new IllegalArgumentException("not a topic for answers: " + topic);
    }
    List<String> levels = List.of(topic.split("/", -1));
    for (String level : levels) {
      boolean name = level.equals(CLIENT_ID) || level.equals(USER);
      if (!name && (level.contains(CLIENT_ID) || level.contains(USER))) {
        throw new IllegalArgumentException("%c and %u stand for a whole level: " + topic);
      }
    }
    return new ResponseTopics(levels);
  }

  /** Returns the topic of a client; empty if there is none, or a name of its own is no level. */
  Optional<String> of(Identity who) {
    var topic = new ArrayList<String>(levels.size());
    for (String level : levels) {
      String name =
          switch (level) {
            case CLIENT_ID -> who.clientId();
            case USER -> who.user();
            default -> level;
          };
      if (!name.equals(level) && !isLevel(name)) {
        return Optional.empty();
      }
      topic.add(name);
    }
    String joined = String.join("/", topic);
    boolean some =
        !levels.isEmpty() && joined.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
    return some ? Optional.of(joined) : Optional.empty();
  }

  private static boolean isLevel(String name) {
    return !name.isEmpty() && name.chars().noneMatch(c -> c == '/' || c == '+' || c == '#');
  }
}

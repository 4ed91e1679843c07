package io.carrick;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** How the built-in profiles spell topics. Immutable. */
enum ProfileSpelling implements TopicSpelling {

  /** Every topic has a key of its own and comes back from it: what differs is escaped (MAP-2). */
  LOSSLESS {
    @Override
    public RoutingKey address(byte[] topic) {
      return RoutingKey.ofTopic(topic);
    }

    @Override
    public RoutingKey filter(byte[] filter) {
      return RoutingKey.ofTopic(filter);
    }

    @Override
    public boolean spells(RoutingKey key) {
      return key.hasTopic();
    }

    @Override
    public byte[] topic(RoutingKey key) {
      return key.topicBytes();
    }
  },

  /**
   * As RabbitMQ does: {@code /} and {@code .} are the same, and nothing is escaped, so {@code
   * a.b/c} comes back as {@code a/b/c}. What would come back as no legal topic is not delivered to
   * MQTT, and counted (MAP-4).
   */
  RABBITMQ {
    @Override
    public RoutingKey address(byte[] topic) {
      return RoutingKey.ofKey(replaced(topic, '/', '.'));
    }

    @Override
    public RoutingKey filter(byte[] filter) {
      var levels = new ByteArrayOutputStream(filter.length + 8);
      int start = 0;
      for (int i = 0; i <= filter.length; i++) {
        if (i == filter.length || filter[i] == '/' || filter[i] == '.') {
          if (start > 0) {
            levels.write('/');
          }
          level(Arrays.copyOfRange(filter, start, i), levels);
          start = i + 1;
        }
      }
      return RoutingKey.ofTopic(levels.toByteArray());
    }

    /** Adds one level of a filter: a wildcard, or a word in the spelling that keys compare by. */
    private void level(byte[] word, ByteArrayOutputStream out) {
      boolean wildcard = word.length == 1 && (word[0] == '+' || word[0] == '#' || word[0] == '*');
      if (wildcard) {
        out.write(word[0] == '#' ? '#' : '+');
      } else {
        out.writeBytes(RoutingKey.ofKey(word).topicBytes());
      }
    }

    @Override
    public boolean spells(RoutingKey key) {
      if (!key.hasTopic()) {
        return false;
      }
      for (byte b : key.keyBytes()) {
        if (b == '*' || b == '+' || b == '#' || b == 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public byte[] topic(RoutingKey key) {
      // Without anything to escape both spellings are one, and the key keeps that.
      boolean same = key.origin() == RoutingKey.Origin.KEY && key.levelBytes() == key.bytes();
      return same ? key.topicBytes() : replaced(key.keyBytes(), '.', '/');
    }
  };

  private static byte[] replaced(byte[] text, char from, char to) {
    byte[] made = text.clone();
    for (int i = 0; i < made.length; i++) {
      if (made[i] == from) {
        made[i] = (byte) to;
      }
    }
    return made;
  }
}

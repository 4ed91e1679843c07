package io.carrick;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TopicMapper} spells topics. Addresses have AMQP's form, so the engine compares the
 * mapper's words; topics that were made of keys lately are known, since messages repeat them.
 * Thread-safe.
 */
final class MappedSpelling implements TopicSpelling {

  private static final int SLOTS = 256;

  /** Longer keys are not kept: it would be much memory for what nobody repeats. */
  private static final int LONGEST = 1_024;

  private static final int MOST_TOPIC_BYTES = 0xFFFF;

  private final TopicMapper mapper;
  private final AtomicReferenceArray<@Nullable Known> lately = new AtomicReferenceArray<>(SLOTS);

  /** What a key is as a topic, null for nothing. Immutable. */
  private record Known(RoutingKey key, byte @Nullable [] topic) {}

  MappedSpelling(TopicMapper mapper) {
    this.mapper = mapper;
  }

  @Override
  public String name() {
    return mapper.name();
  }

  @Override
  public RoutingKey address(byte[] topic) {
    return isTheBrokers(topic)
        ? RoutingKey.ofTopic(topic)
        : RoutingKey.ofKey(String.join(".", words(topic)));
  }

  private static boolean isTheBrokers(byte[] text) {
    return text.length > 0 && text[0] == '$';
  }

  private String[] words(byte[] topic) {
    String[] words = new String(topic, UTF_8).split("/", -1);
    for (int place = 0; place < words.length; place++) {
      words[place] = word(place, words[place]);
    }
    return words;
  }

  private String word(int place, String level) {
    String word;
    try {
      word = mapper.word(place, level);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the mapper '" + name() + "' has failed: " + e, e);
    }
    if (word.indexOf('.') >= 0 || (place == 0 && word.startsWith("$"))) {
      throw new IllegalArgumentException("the mapper '" + name() + "' has no word for a level");
    }
    return word;
  }

  @Override
  public RoutingKey filter(byte[] filter) {
    if (isTheBrokers(filter)) {
      return RoutingKey.ofTopic(filter);
    }
    String[] levels = new String(filter, UTF_8).split("/", -1);
    for (int place = 0; place < levels.length; place++) {
      String level = levels[place];
      if (!level.equals("+") && !level.equals("#")) {
        // In the spelling that keys compare by.
        levels[place] = TopicMapper.losslessLevel(word(place, level));
      }
    }
    return RoutingKey.ofTopic(String.join("/", levels));
  }

  @Override
  public boolean spells(RoutingKey key) {
    return known(key).topic != null;
  }

  @Override
  public byte[] topic(RoutingKey key) {
    byte[] topic = known(key).topic;
    if (topic == null) {
      throw new IllegalArgumentException("there is no topic for " + key);
    }
    return topic;
  }

  private Known known(RoutingKey key) {
    int slot = key.hashCode() & (SLOTS - 1);
    Known known = lately.get(slot);
    if (known != null && known.key.equals(key)) {
      return known;
    }
    Known made = new Known(key, topicOrNull(key));
    if (key.bytes().length <= LONGEST) {
      lately.set(slot, made);
    }
    return made;
  }

  private byte @Nullable [] topicOrNull(RoutingKey key) {
    if (!key.hasTopic()) {
      return null;
    }
    byte[] words = key.keyBytes();
    return isTheBrokers(words) ? key.topicBytes() : topicOrNull(words);
  }

  private byte @Nullable [] topicOrNull(byte[] key) {
    String[] words = new String(key, UTF_8).split("\\.", -1);
    for (int place = 0; place < words.length; place++) {
      String level = levelOrNull(place, words[place]);
      if (level == null) {
        return null;
      }
      words[place] = level;
    }
    byte[] topic = String.join("/", words).getBytes(UTF_8);
    return topic.length == 0 || topic.length > MOST_TOPIC_BYTES ? null : topic;
  }

  private @Nullable String levelOrNull(int place, String word) {
    String level;
    try {
      level = mapper.level(place, word);
    } catch (RuntimeException e) {
      return null;
    }
    boolean legal =
        level.chars().noneMatch(c -> c == '/' || c == '+' || c == '#' || Character.isISOControl(c));
    return legal && !(place == 0 && level.startsWith("$")) ? level : null;
  }
}

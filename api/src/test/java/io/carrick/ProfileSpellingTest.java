package io.carrick;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How each profile spells topics and filters (MAP-2, MAP-4). */
class ProfileSpellingTest {

  private static final ProfileSpelling RABBITMQ = ProfileSpelling.RABBITMQ;

  @ParameterizedTest(name = "RABBITMQ: topic {0} is key {1} [MAP-4]")
  @CsvSource({
    "a/b, a.b",
    "a.b/c, a.b.c",
    "/a, .a",
    "a//b, a..b",
    "a/, a.",
    "a%2Fb, a%2Fb",
    "a/*/b, a.*.b",
    "$SYS/x, $SYS.x",
  })
  void topicsBecomeKeys(String topic, String key) {
    RoutingKey address = RABBITMQ.address(topic.getBytes(UTF_8));

    assertThat(address.asKey()).isEqualTo(key);
    assertThat(address.sameBytes(RoutingKey.ofKey(key))).isTrue();
  }

  @ParameterizedTest(name = "RABBITMQ: key {0} is topic {1} [MAP-4]")
  @CsvSource({"a.b, a/b", "a/b, a/b", ".a, /a", "a%2Eb, a%2Eb", "a b.é, a b/é"})
  void keysBecomeTopics(String key, String topic) {
    RoutingKey address = RoutingKey.ofKey(key);

    assertThat(RABBITMQ.spells(address)).isTrue();
    assertThat(new String(RABBITMQ.topic(address), UTF_8)).isEqualTo(topic);
  }

  @ParameterizedTest
  @EnumSource(ProfileSpelling.class)
  void theTopicOfAKeyIsMadeOnceForAllSubscribers(ProfileSpelling profile) {
    RoutingKey key = RoutingKey.ofKey("a.b.c");

    assertThat(profile.topic(key)).isEqualTo("a/b/c".getBytes(UTF_8));
    assertThat(profile.topic(key)).isSameAs(profile.topic(key));
  }

  @ParameterizedTest(name = "RABBITMQ: {0} has no topic [MAP-4]")
  @ValueSource(strings = {"", "a.*.b", "a*b", "a.+", "a+b", "a.#", "#", "\0", "a\0b"})
  void whatIsNoLegalTopicHasNone(String key) {
    assertThat(RABBITMQ.spells(RoutingKey.ofKey(key))).isFalse();
  }

  @Test
  void whatIsNoTextHasNoTopic() {
    assertThat(RABBITMQ.spells(RoutingKey.ofKey(new byte[] {(byte) 0xFF}))).isFalse();
  }

  @ParameterizedTest(name = "seed {0} [MAP-4]")
  @ValueSource(longs = {1, 2, 3})
  void aFilterMatchesAsItsDotsAndStarsDoInRabbitMq(long seed) {
    var random = new Random(seed);
    int matched = 0;
    for (int i = 0; i < 40_000; i++) {
      String filter = random(random, "a", "%", "2E", "%2F", "*", "+", "#");
      String key = random(random, "a", "%", "2E", "%2F", "*", "b").replace('/', '.');
      List<String> pattern = words(filter.replace('/', '.').replace('+', '*'));
      boolean expected = matches(pattern, words(key));

      boolean actual = matches(RABBITMQ.filter(filter.getBytes(UTF_8)), RoutingKey.ofKey(key));

      assertThat(actual).as("%s meets %s", filter, key).isEqualTo(expected);
      matched += expected ? 1 : 0;
    }
    assertThat(matched).isBetween(1_000, 39_000);
  }

  /** Levels of one piece each, wildcards whole, joined by either separator. */
  private static String random(Random random, String... pieces) {
    var text = new StringBuilder(pieces[random.nextInt(pieces.length)]);
    for (int more = random.nextInt(4); more > 0; more--) {
      text.append(random.nextBoolean() ? '/' : '.');
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  private static List<String> words(String key) {
    return Arrays.asList(key.split("\\.", -1));
  }

  /** AMQP 0-9-1 §3.1.3.3, word by word. */
  private static boolean matches(List<String> pattern, List<String> words) {
    if (pattern.isEmpty()) {
      return words.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.get(0).equals("#")) {
      return matches(rest, words)
          || (!words.isEmpty() && matches(pattern, words.subList(1, words.size())));
    }
    return !words.isEmpty()
        && (pattern.get(0).equals("*") || pattern.get(0).equals(words.get(0)))
        && matches(rest, words.subList(1, words.size()));
  }

  private static boolean matches(RoutingKey filter, RoutingKey key) {
    return matches(filter, 0, key, 0);
  }

  private static boolean matches(RoutingKey filter, int level, RoutingKey key, int word) {
    if (level == filter.levels()) {
      return word == key.levels();
    }
    boolean left = word < key.levels();
    if (filter.isMany(level)) {
      return matches(filter, level + 1, key, word)
          || (left && matches(filter, level, key, word + 1));
    }
    return left
        && (filter.isOne(level) || filter.sameLevel(level, key, word))
        && matches(filter, level + 1, key, word + 1);
  }
}

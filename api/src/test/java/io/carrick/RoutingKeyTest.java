package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingKeyTest {

  @Provide
  Arbitrary<String> topics() {
    return Arbitraries.strings().withChars("%25EFB30./*a").ofMinLength(1).ofMaxLength(14);
  }

  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.strings().withChars("%25EFB30./+#*a\u0000").ofMinLength(1).ofMaxLength(14);
  }

  @Property
  void topicToKeyAndBackIsIdentity_MAP2(@ForAll("topics") String topic) {
    String key = RoutingKey.ofTopic(topic).asKey();
    assertThat(RoutingKey.ofKey(key).asTopic()).isEqualTo(topic);
  }

  @Property
  void keyToTopicAndBackIsIdentity_MAP2(@ForAll("keys") String key) {
    String topic = RoutingKey.ofKey(key).asTopic();
    assertThat(RoutingKey.ofTopic(topic).asKey()).isEqualTo(key);
    assertThat(topic).doesNotContain("+", "#", "\u0000");
  }

  @Property
  void bothFormsAreEqualLevelByLevel_MAP1(@ForAll("keys") String text) {
    RoutingKey key = RoutingKey.ofKey(text);
    RoutingKey topic = RoutingKey.ofTopic(key.topicBytes());
    assertThat(topic).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(key).isEqualTo(topic);
    assertThat(topic.levels()).isEqualTo(key.levels());
    for (int i = 0; i < key.levels(); i++) {
      assertThat(level(topic, i)).isEqualTo(level(key, i));
      assertThat(topic.levelHash(i)).isEqualTo(key.levelHash(i));
      assertThat(topic.sameLevel(i, key, i)).isTrue();
    }
  }

  @Property
  void keysOfDifferentTextDiffer(@ForAll("keys") String one, @ForAll("keys") String other) {
    assertThat(RoutingKey.ofKey(one).equals(RoutingKey.ofKey(other))).isEqualTo(one.equals(other));
    assertThat(
            RoutingKey.ofTopic(RoutingKey.ofKey(one).topicBytes()).equals(RoutingKey.ofKey(other)))
        .isEqualTo(one.equals(other));
  }

  @Property
  void aCompactKeyIsTheSameInEverything(@ForAll("keys") String text, @ForAll boolean topic) {
    RoutingKey key = topic ? RoutingKey.ofTopic(text) : RoutingKey.ofKey(text);
    RoutingKey compact = key.compact();
    assertThat(compact).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(compact.sameBytes(key)).isTrue();
    assertThat(compact.levels()).isEqualTo(key.levels());
    assertThat(compact.hasWildcard()).isEqualTo(key.hasWildcard());
    assertThat(compact.hasTopic()).isEqualTo(key.hasTopic());
    RoutingKey located = compact.located();
    for (int i = 0; i < key.levels(); i++) {
      assertThat(level(compact, i)).isEqualTo(level(key, i)).isEqualTo(level(located, i));
      assertThat(compact.levelHash(i)).isEqualTo(key.levelHash(i));
      assertThat(compact.isOne(i)).isEqualTo(key.isOne(i));
      assertThat(compact.isMany(i)).isEqualTo(key.isMany(i));
      assertThat(compact.sameLevel(i, key, i)).isTrue();
    }
  }

  @Property(tries = 300)
  void aKeyOfVeryManyLevelsKnowsEachOfThem(
      @ForAll("keys") String text, @ForAll @IntRange(min = 100, max = 700) int times) {
    String many = (text + ".").repeat(times) + "end";
    RoutingKey key = RoutingKey.ofKey(many);
    RoutingKey topic = RoutingKey.ofTopic(key.topicBytes());
    List<String> words = List.of(many.split("\\.", -1));
    for (RoutingKey same : List.of(key, topic, key.compact(), topic.compact().located())) {
      assertThat(same.levels()).isEqualTo(words.size());
      assertThat(same).isEqualTo(key).isEqualTo(topic).hasSameHashCodeAs(topic);
      for (int i = 0; i < words.size(); i += 7) {
        RoutingKey word = RoutingKey.ofKey(words.get(i));
        if (word.levels() == 1) { // the key of zero words has no level
          assertThat(same.sameLevel(i, word, 0)).isTrue();
          assertThat(same.levelHash(i)).isEqualTo(word.levelHash(0));
          assertThat(level(same, i)).isEqualTo(level(word, 0));
        }
      }
    }
    assertThat(RoutingKey.ofTopic("#").matches(topic)).isEqualTo(!topic.dollar());
    assertThat(key)
        .isNotEqualTo(RoutingKey.ofTopic(many + "d"))
        .isNotEqualTo(RoutingKey.ofKey(many + "d"));
  }

  @Test
  void theLongestTopicIsAKeyOfAsManyLevels() {
    RoutingKey slashes = RoutingKey.ofTopic("/".repeat(65_535));
    assertThat(slashes.levels()).isEqualTo(65_536);
    assertThat(slashes.levelStart(65_535)).isEqualTo(65_535);
    assertThat(slashes.levelEnd(65_535)).isEqualTo(65_535);
    assertThat(slashes).isEqualTo(RoutingKey.ofKey(".".repeat(65_535)));
    assertThat(RoutingKey.ofTopic("/".repeat(99) + "+/#").matches(slashes)).isTrue();
    assertThat(RoutingKey.ofTopic("/".repeat(99) + "+").matches(slashes)).isFalse();
  }

  @Test
  void theEmptyKeyIsCompactToo() {
    assertThat(RoutingKey.EMPTY.compact()).isEqualTo(RoutingKey.EMPTY);
    assertThat(RoutingKey.EMPTY.compact().levels()).isZero();
    assertThat(RoutingKey.EMPTY.compact().located().levels()).isZero();
    assertThat(RoutingKey.EMPTY.hasWildcard()).isFalse();
  }

  private static String level(RoutingKey key, int level) {
    return new String(
        Arrays.copyOfRange(key.levelBytes(), key.levelStart(level), key.levelEnd(level)),
        StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "a.b/c, a%2Eb.c",
    "x%2Fy/z, x/y.z",
    "50%/x, 50%.x",
    "a%2Eb, a%252Eb",
    "/a, .a",
    "a//b, a..b",
    "a/*, a.*",
    "a/%23, a.#",
    "a/%2523, a.%23",
    "a/%2B, a.+"
  })
  void theExamplesOfTheMappingHold_MAP2(String topic, String key) {
    assertThat(RoutingKey.ofTopic(topic).asKey()).isEqualTo(key);
    assertThat(RoutingKey.ofKey(key).asTopic()).isEqualTo(topic);
    assertThat(RoutingKey.ofTopic(topic)).isEqualTo(RoutingKey.ofKey(key));
  }

  @Test
  void theEmptyKeyHasNoLevelsAndNoTopic_MAP1() {
    assertThat(RoutingKey.EMPTY.levels()).isZero();
    assertThat(RoutingKey.EMPTY.hasTopic()).isFalse();
    assertThat(RoutingKey.ofKey(".").levels()).isEqualTo(2);
    assertThat(RoutingKey.ofTopic("/").levels()).isEqualTo(2);
  }

  @Test
  void aKeyThatIsNotUtf8HasNoTopic_MAP2() {
    assertThat(RoutingKey.ofKey(new byte[] {'a', (byte) 0xC3}).hasTopic()).isFalse();
    assertThat(RoutingKey.ofKey("\u00e4").hasTopic()).isTrue();
    for (String control : new String[] {"a\u0001", "a\n\u00e4", "\u007f", "a.\u0085"}) {
      assertThat(RoutingKey.ofKey(control).hasTopic()).as("a control character").isFalse();
    }
    assertThat(RoutingKey.ofKey("a\0").hasTopic()).as("NUL, which has an escape").isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "+, true, false",
    "#, false, true",
    "*, false, false",
    "%23, false, false",
    "a+, false, false"
  })
  void aFilterHasTheWildcardsOfMqtt_MAP3(String level, boolean one, boolean many) {
    RoutingKey filter = RoutingKey.ofTopic("x/" + level);
    assertThat(filter.isOne(1)).isEqualTo(one);
    assertThat(filter.isMany(1)).isEqualTo(many);
    assertThat(filter.hasWildcard()).isEqualTo(one || many);
  }

  @ParameterizedTest
  @CsvSource({
    "+, *",
    "a/+/+/b/#, a.*.*.b.#",
    "a+/+b, a+.+b",
    "a.b/+, a%2Eb.*",
    "a/b, a.b",
  })
  void aFilterHasTheWildcardsOfAmqpInItsForm_MAP3(String filter, String key) {
    assertThat(RoutingKey.ofTopic(filter).asBindingKey()).isEqualTo(key);
    assertThat(RoutingKey.ofKey(key).asBindingKey()).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({
    "a/%2B, a.+",
    "a/%2B/+, a.+.*",
    "a/*/+, a.%2A.*",
    "a/%23/#, a.%23.#",
    "a/%2A, a.%252A",
    "a/%252A, a.%25252A",
    "a/%2523, a.%2523",
    "a/x*, a.x*",
    "*, %2A",
    "a/%2/%, a.%2.%",
  })
  void whatIsNoWildcardOfAFilterIsShownAsNone_MAP3(String filter, String key) {
    assertThat(RoutingKey.ofTopic(filter).asBindingKey()).isEqualTo(key);
  }

  @Test
  void aBindingKeyThatLooksLikeAShownWildcardIsToldFromOne_MAP3() {
    assertThat(RoutingKey.ofKey("a.*.#").asBindingKey()).isEqualTo("a.*.#");
    assertThat(RoutingKey.ofKey("a.%2A").asBindingKey()).isEqualTo("a.%252A");
    assertThat(RoutingKey.ofKey("a.%23").asBindingKey()).isEqualTo("a.%2523");
    assertThat(RoutingKey.EMPTY.asBindingKey()).isEmpty();
  }

  @Provide
  Arbitrary<String> filters() {
    return Arbitraries.of("+", "#", "*", "%23", "%2B", "%2A", "%252A", "%2523", "a.b", "", "a", "%")
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(levels -> String.join("/", levels));
  }

  @Property
  void differentFiltersAreShownAsDifferentBindingKeys_MAP3(
      @ForAll("filters") String one, @ForAll("filters") String other) {
    String shown = RoutingKey.ofTopic(one).asBindingKey();
    assertThat(shown.equals(RoutingKey.ofTopic(other).asBindingKey())).isEqualTo(one.equals(other));
    assertThat(RoutingKey.ofKey(shown).hasWildcard())
        .isEqualTo(RoutingKey.ofTopic(one).hasWildcard());
  }

  @ParameterizedTest
  @CsvSource({
    "*, true, false",
    "#, false, true",
    "+, false, false",
    "%23, false, false",
    "##, false, false"
  })
  void aBindingKeyHasTheWildcardsOfAmqp_MAP3(String word, boolean one, boolean many) {
    RoutingKey key = RoutingKey.ofKey("x." + word);
    assertThat(key.isOne(1)).isEqualTo(one);
    assertThat(key.isMany(1)).isEqualTo(many);
    assertThat(key.hasWildcard()).isEqualTo(one || many);
  }
}

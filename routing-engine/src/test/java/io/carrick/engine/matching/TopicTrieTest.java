package io.carrick.engine.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTrieTest {

  private final TopicTrie<String> trie = new TopicTrie<>(Limits.defaults());

  @Provide
  Arbitrary<List<RoutingKey>> patterns() {
    return Keys.patterns().list().ofMaxSize(25);
  }

  @Provide
  Arbitrary<List<RoutingKey>> published() {
    return Keys.published().list().ofMinSize(1).ofMaxSize(10);
  }

  @Provide
  Arbitrary<RoutingKey> pattern() {
    return Keys.patterns();
  }

  @Provide
  Arbitrary<RoutingKey> filter() {
    return Keys.filters();
  }

  @Provide
  Arbitrary<RoutingKey> key() {
    return Keys.published();
  }

  private static <V> List<V> match(TopicTrie<V> trie, RoutingKey key) {
    List<V> matched = new ArrayList<>();
    trie.match(key, matched, List::add);
    return matched;
  }

  private static String name(RoutingKey pattern) {
    return pattern.origin() + " " + pattern;
  }

  @Property(tries = 3_000)
  void matchesAsTheRulesSay(
      @ForAll("patterns") List<RoutingKey> patterns, @ForAll("published") List<RoutingKey> keys) {
    TopicTrie<String> trie = new TopicTrie<>(Limits.defaults());
    // As the engine keeps them: without where their levels are.
    patterns.forEach(p -> trie.add(p.compact(), name(p)));
    for (RoutingKey key : keys) {
      Set<String> expected = new LinkedHashSet<>();
      patterns.stream().filter(p -> NaiveMatch.matches(p, key)).forEach(p -> expected.add(name(p)));
      assertThat(match(trie, key)).as("%s", key).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Property(tries = 20_000)
  void aPatternAloneMatchesAsTheRulesSay(
      @ForAll("pattern") RoutingKey pattern, @ForAll("key") RoutingKey key) {
    assertThat(pattern.matches(key)).isEqualTo(NaiveMatch.matches(pattern, key));
  }

  @Property(tries = 2_000)
  void addingAndRemovingLeavesWhatIsLeft(
      @ForAll("patterns") List<RoutingKey> patterns,
      @ForAll List<Integer> changes,
      @ForAll("published") List<RoutingKey> keys) {
    TopicTrie<String> trie = new TopicTrie<>(Limits.defaults());
    Map<String, RoutingKey> model = new HashMap<>();
    for (int change : changes) {
      if (patterns.isEmpty()) {
        break;
      }
      RoutingKey pattern = patterns.get(Math.floorMod(change, patterns.size()));
      String value = name(pattern) + Math.floorMod(change / 64, 3);
      if (change % 2 == 0) {
        trie.add(pattern.compact(), value);
        model.put(value, pattern);
      } else {
        trie.remove(pattern, value);
        model.remove(value);
      }
    }
    for (RoutingKey key : keys) {
      List<String> expected =
          model.entrySet().stream()
              .filter(e -> NaiveMatch.matches(e.getValue(), key))
              .map(Map.Entry::getKey)
              .toList();
      assertThat(match(trie, key)).containsExactlyInAnyOrderElementsOf(expected);
    }
    model.forEach((value, pattern) -> trie.remove(pattern, value));
    assertThat(trie.isEmpty()).as("nothing is left, not even a branch").isTrue();
  }

  @Property(tries = 3_000)
  void aFilterAndItsBindingKeyMatchTheSameExceptForDollar_MAP3(
      @ForAll("filter") RoutingKey filter, @ForAll("key") RoutingKey key) {
    for (int i = 0; i < filter.levels(); i++) {
      if (filter.levelIs(i, '*')) {
        return; // a literal * has no AMQP binding key: MAP-3
      }
    }
    if (filter.asTopic().contains("%23")) {
      return; // nor has a literal #
    }
    RoutingKey bindingKey = RoutingKey.ofKey(filter.asKey().replace("+", "*"));
    if (key.dollar() && (filter.isOne(0) || filter.isMany(0))) {
      return; // MAP-7
    }
    TopicTrie<String> trie = new TopicTrie<>(Limits.defaults());
    trie.add(filter, "filter");
    trie.add(bindingKey, "binding key");
    boolean matches = NaiveMatch.matches(filter, key);
    assertThat(match(trie, key))
        .containsExactlyInAnyOrderElementsOf(
            matches ? List.of("filter", "binding key") : List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "sport/#, sport, true",
    "sport/#, sport/tennis/player1, true",
    "#, sport/tennis, true",
    "sport/tennis/+, sport/tennis/player1/ranking, false",
    "sport/+, sport, false",
    "sport/+, sport/, true",
    "+/+, /finance, true",
    "/+, /finance, true",
    "+, /finance, false",
    "#, $SYS/monitor, false",
    "+/monitor/Clients, $SYS/monitor/Clients, false",
    "$SYS/#, $SYS/monitor, true",
    "$SYS/monitor/+, $SYS/monitor/Clients, true"
  })
  void filtersMatchAsTheStandardSays_MQTT4_7(String filter, String topic, boolean matches) {
    trie.add(RoutingKey.ofTopic(filter), "v");
    assertThat(match(trie, RoutingKey.ofTopic(topic))).hasSize(matches ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "*.stock.#, usd.stock, true",
    "*.stock.#, eur.stock.db, true",
    "*.stock.#, stock.nasdaq, false",
    "a.#.b, a.b, true",
    "a.#.b, a.x.y.b, true",
    "a.#.b, a.x.b.y, false",
    "#.a.#.a.#, a, false",
    "#.a.#.a.#, x.a.a.a, true",
    "#.#, x, true",
    "#.*, x, true",
    "#, $SYS.x, true",
    "*.x, $SYS.x, true"
  })
  void bindingKeysMatchAsTheStandardSays_AMQP3_1_3_3(String pattern, String key, boolean matches) {
    trie.add(RoutingKey.ofKey(pattern), "v");
    assertThat(match(trie, RoutingKey.ofKey(key))).hasSize(matches ? 1 : 0);
  }

  @Test
  void theEmptyKeyIsMatchedByManyButNotByOne_MAP1() {
    trie.add(RoutingKey.ofKey("#"), "many");
    trie.add(RoutingKey.ofKey("*"), "one");
    trie.add(RoutingKey.EMPTY, "empty");
    assertThat(match(trie, RoutingKey.EMPTY)).containsExactlyInAnyOrder("many", "empty");
    assertThat(match(trie, RoutingKey.ofKey("."))).containsExactly("many");
  }

  @Test
  void aWordThatLooksLikeAWildcardIsOrdinaryInARoutingKey_MAP3() {
    trie.add(RoutingKey.ofTopic("a/*"), "literal *");
    trie.add(RoutingKey.ofKey("a.#"), "many");
    trie.add(RoutingKey.ofTopic("a/%23"), "literal #");
    assertThat(match(trie, RoutingKey.ofKey("a.*"))).containsExactlyInAnyOrder("literal *", "many");
    assertThat(match(trie, RoutingKey.ofKey("a.#"))).containsExactlyInAnyOrder("literal #", "many");
    assertThat(match(trie, RoutingKey.ofKey("a.b"))).containsExactly("many");
  }

  @Test
  void whatMqttCannotSpellIsMatchedAcrossProtocols_MAP2() {
    trie.add(RoutingKey.ofTopic("x%2Fy/+"), "mqtt");
    trie.add(RoutingKey.ofKey("a%2Eb.*"), "amqp");
    assertThat(match(trie, RoutingKey.ofKey("x/y.z"))).containsExactly("mqtt");
    assertThat(match(trie, RoutingKey.ofTopic("a.b/c"))).containsExactly("amqp");
  }

  @Test
  void tooManyLevelsAreRefused_MAP39() {
    TopicTrie<String> small = new TopicTrie<>(Limits.defaults().with(Limit.TOPIC_LEVELS, 3));
    small.add(RoutingKey.ofTopic("a/b/+"), "v");
    assertThatThrownBy(() -> small.add(RoutingKey.ofTopic("a/b/c/+"), "v"))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("4 levels");
  }

  @Test
  void noLimitAllowsMoreLevelsThanAMatchMayGoDown_MAP39() {
    TopicTrie<String> deep = new TopicTrie<>(Limits.defaults().with(Limit.TOPIC_LEVELS, 100_000));
    String most = "a/".repeat(510);
    RoutingKey one = RoutingKey.ofTopic(most + "a/+").compact();
    RoutingKey other = RoutingKey.ofTopic(most + "b/+").compact();
    RoutingKey many = RoutingKey.ofKey("#." + "a.".repeat(510) + "b");
    deep.add(one, "one");
    deep.add(other, "other");
    deep.add(many, "many");

    assertThat(match(deep, RoutingKey.ofTopic(most + "b/c"))).containsExactly("other");
    assertThat(match(deep, RoutingKey.ofTopic("a/".repeat(2_000) + "b"))).containsExactly("many");
    assertThatThrownBy(() -> deep.add(RoutingKey.ofTopic("a/" + most + "a/+"), "v"))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("at most 512");

    deep.remove(one, "one");
    deep.remove(other, "other");
    deep.remove(many, "many");
    assertThat(deep.isEmpty()).isTrue();
  }

  @Test
  void aKeyOfVeryManyLevelsIsMatchedByEveryPatternThatMatchesIt() {
    String topic = "a/b/".repeat(16_000);
    for (String pattern : List.of("#", "a/#", "a/+/a/#", "+/b/#", "b/#", "a/b/+", "+/+/+")) {
      trie.add(RoutingKey.ofTopic(pattern), pattern);
    }
    for (String pattern : List.of("#.b.", "#.a.#", "#.c.#", "*.b.#.b.*", "a.#.a", "#.b.#.a.b.")) {
      trie.add(RoutingKey.ofKey(pattern), pattern);
    }
    assertThat(match(trie, RoutingKey.ofTopic(topic)))
        .containsExactlyInAnyOrder(
            "#", "a/#", "a/+/a/#", "+/b/#", "#.b.", "#.a.#", "*.b.#.b.*", "#.b.#.a.b.");
  }

  @Test
  void tooManyInnerWildcardsAreRefused_MAP39() {
    trie.add(RoutingKey.ofKey("#.a.#.b.#"), "v");
    assertThatThrownBy(() -> trie.add(RoutingKey.ofKey("#.a.#.b.#.c"), "v"))
        .isInstanceOf(PreconditionFailedException.class);
    trie.remove(RoutingKey.ofKey("#.a.#.b.#"), "v");
    assertThat(trie.isEmpty()).isTrue();
  }

  @Test
  void aSinkMayMatchAgain() {
    trie.add(RoutingKey.ofKey("#.a.#.b"), "v");
    RoutingKey key = RoutingKey.ofKey("a.a.b.b");
    List<String> outer = new ArrayList<>();
    trie.match(
        key,
        outer,
        (sink, value) -> {
          sink.add(value);
          assertThat(match(trie, key)).containsExactly("v");
        });
    assertThat(outer).containsExactly("v");
  }

  @Test
  @Timeout(20) // looking at every way to place the words takes years
  void manyInnerWildcardsCostNoMoreThanTheirProduct_MAP39() {
    int most = 12;
    var many = new TopicTrie<String>(Limits.defaults().with(Limit.INNER_MULTI_WILDCARDS, most));
    many.add(RoutingKey.ofKey("#.a.".repeat(most) + "x"), "unmatched");
    many.add(RoutingKey.ofKey("#.a.".repeat(most) + "end"), "matched");

    assertThat(match(many, RoutingKey.ofKey("a.".repeat(60) + "end"))).containsExactly("matched");
  }

  @Test
  void innerWildcardsMatchOnceHoweverManyWaysThereAre_MAP39() {
    List<String> words = List.of("a", "b", "c");
    for (String one : words) {
      for (String other : words) {
        trie.add(RoutingKey.ofKey("#." + one + ".#." + other + ".x"), "unmatched");
        trie.add(RoutingKey.ofKey("#." + one + ".#." + other + ".#"), one + other);
      }
    }
    RoutingKey key = RoutingKey.ofKey("a.b.c.".repeat(40) + "end");
    assertThat(match(trie, key)).hasSize(9);
  }

  @Test
  void levelsOfOneHashStayApart() {
    assertThat(RoutingKey.ofTopic("Aa").levelHash(0))
        .isEqualTo(RoutingKey.ofTopic("BB").levelHash(0));
    for (String level : List.of("Aa", "BB", "other")) {
      trie.add(RoutingKey.ofTopic(level + "/+"), level);
      trie.add(RoutingKey.ofTopic("+/" + level), "under + " + level);
    }
    for (String level : List.of("Aa", "BB", "other")) {
      assertThat(match(trie, RoutingKey.ofTopic(level + "/x"))).containsExactly(level);
      assertThat(match(trie, RoutingKey.ofTopic("x/" + level))).containsExactly("under + " + level);
    }
    trie.remove(RoutingKey.ofTopic("Aa/+"), "Aa");
    assertThat(match(trie, RoutingKey.ofTopic("Aa/x"))).isEmpty();
    assertThat(match(trie, RoutingKey.ofTopic("BB/x"))).containsExactly("BB");
  }

  @Test
  void aPatternMatchesOnceThoughALongerOneComesMeanwhile() {
    trie.add(RoutingKey.ofKey("#.a.#"), "v");
    List<String> matched = new ArrayList<>();
    trie.match(
        RoutingKey.ofKey("a.a.a"),
        matched,
        (sink, value) -> {
          sink.add(value);
          trie.add(RoutingKey.ofKey("#.a.#.b"), "longer");
        });
    assertThat(matched).containsExactly("v");
  }

  @Property(tries = 40)
  void noMatchIsWrongWhileAWriterChurns(
      @ForAll("patterns") List<RoutingKey> lasting,
      @ForAll("patterns") List<RoutingKey> passing,
      @ForAll("published") List<RoutingKey> keys) {
    TopicTrie<String> trie = new TopicTrie<>(Limits.defaults());
    lasting.forEach(p -> trie.add(p, "lasting " + name(p)));
    List<Set<String>> always = new ArrayList<>();
    List<Set<String>> possible = new ArrayList<>();
    for (RoutingKey key : keys) {
      Set<String> expected = matching("lasting ", lasting, key);
      always.add(Set.copyOf(expected));
      expected.addAll(matching("passing ", passing, key));
      possible.add(expected);
    }
    AtomicBoolean done = new AtomicBoolean();
    Set<String> wrong = ConcurrentHashMap.newKeySet();
    AtomicLong matches = new AtomicLong();
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      readers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int at = 0; !done.get(); at = (at + 1) % keys.size()) {
                  List<String> matched = match(trie, keys.get(at));
                  Set<String> each = new LinkedHashSet<>(matched);
                  if (each.size() != matched.size()
                      || !each.containsAll(always.get(at))
                      || !possible.get(at).containsAll(each)) {
                    wrong.add(keys.get(at) + " matched " + matched);
                  }
                  matches.incrementAndGet();
                }
              }));
    }
    for (int round = 0; round < 100 || (matches.get() < 2_000 && running(readers)); round++) {
      passing.forEach(p -> trie.add(p, "passing " + name(p)));
      passing.forEach(p -> trie.remove(p, "passing " + name(p)));
    }
    done.set(true);
    readers.forEach(CompletableFuture::join); // fails as one of them has failed
    assertThat(wrong).isEmpty();
  }

  private static boolean running(List<CompletableFuture<Void>> readers) {
    return readers.stream().noneMatch(CompletableFuture::isDone);
  }

  private static Set<String> matching(String prefix, List<RoutingKey> patterns, RoutingKey key) {
    Set<String> names = new LinkedHashSet<>();
    patterns.stream()
        .filter(p -> NaiveMatch.matches(p, key))
        .forEach(p -> names.add(prefix + name(p)));
    return names;
  }
}

package io.carrick.engine.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicValuesTest {

  /** Levels about the depth from which on topics are kept as a whole. */
  private static final int DEEP = ValueBranch.DEEPEST - 2;

  private final TopicValues<String> values = new TopicValues<>();

  @Provide
  Arbitrary<List<RoutingKey>> topics() {
    return Keys.published().list().ofMaxSize(30);
  }

  @Provide
  Arbitrary<List<RoutingKey>> filters() {
    return Keys.patterns().list().ofMinSize(1).ofMaxSize(10);
  }

  private static <V> List<V> find(TopicValues<V> values, RoutingKey filter) {
    List<V> found = new ArrayList<>();
    ValueCursor<V> cursor = values.find(filter);
    for (Optional<V> next = cursor.next(); next.isPresent(); next = cursor.next()) {
      found.add(next.get());
    }
    assertThat(cursor.next()).isEmpty();
    return found;
  }

  @Property(tries = 3_000)
  void findsWhatTheFilterMatches(
      @ForAll("topics") List<RoutingKey> topics, @ForAll("filters") List<RoutingKey> filters) {
    TopicValues<RoutingKey> values = new TopicValues<>();
    topics.forEach(t -> values.put(t, t));
    for (RoutingKey filter : filters) {
      List<RoutingKey> expected =
          topics.stream().distinct().filter(t -> NaiveMatch.matches(filter, t)).toList();
      assertThat(find(values, filter))
          .as("%s", filter)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Property(tries = 500)
  void findsWhatTheFilterMatchesFarDown(
      @ForAll("topics") List<RoutingKey> topics, @ForAll("filters") List<RoutingKey> filters) {
    TopicValues<RoutingKey> values = new TopicValues<>();
    List<RoutingKey> deep = topics.stream().map(t -> below("x", t)).distinct().toList();
    deep.forEach(t -> assertThat(values.put(t, t)).isEmpty());
    for (RoutingKey filter : filters) {
      for (RoutingKey deepFilter : List.of(below("x", filter), below("+", filter))) {
        assertThat(find(values, deepFilter))
            .as("%s", deepFilter)
            .containsExactlyInAnyOrderElementsOf(
                deep.stream().filter(t -> NaiveMatch.matches(deepFilter, t)).toList());
      }
    }
    deep.forEach(t -> assertThat(values.get(t)).contains(t));
    deep.forEach(t -> assertThat(values.put(t, t)).contains(t));
    deep.forEach(t -> assertThat(values.remove(t)).contains(t));
    deep.forEach(t -> assertThat(values.remove(t)).isEmpty());
    assertThat(values.isEmpty()).isTrue();
  }

  private static RoutingKey below(String level, RoutingKey rest) {
    return RoutingKey.ofTopic((level + "/").repeat(DEEP) + "x/" + rest.asTopic());
  }

  @Test
  void topicsOfEveryLengthTakeNoStackAndNoBranchForEachLevel() {
    String longest = "/".repeat(65_530);
    for (String end : List.of("a", "b", "a/b")) {
      values.put(RoutingKey.ofTopic(longest + end), end);
    }
    assertThat(find(values, RoutingKey.ofTopic("#"))).containsExactlyInAnyOrder("a", "b", "a/b");
    assertThat(values.get(RoutingKey.ofTopic(longest + "b"))).contains("b");
    assertThat(find(values, RoutingKey.ofTopic("//////+/#"))).hasSize(3);
    ValueCursor<String> all = values.find(RoutingKey.ofTopic("#"));
    while (all.next().isPresent()) {
      // to the end
    }
    assertThat(all.places()).isLessThan(ValueBranch.DEEPEST + 16);
    for (String end : List.of("a", "b", "a/b")) {
      assertThat(values.remove(RoutingKey.ofTopic(longest + end))).contains(end);
    }
    assertThat(values.isEmpty()).isTrue();
  }

  @Property(tries = 2_000)
  void puttingAndRemovingEqualsAMap(
      @ForAll("topics") List<RoutingKey> topics, @ForAll List<Integer> changes) {
    TopicValues<Integer> values = new TopicValues<>();
    Map<RoutingKey, Integer> model = new HashMap<>();
    for (int change : changes) {
      if (topics.isEmpty()) {
        break;
      }
      RoutingKey topic = topics.get(Math.floorMod(change / 4, topics.size()));
      if (change % 2 == 0) {
        assertThat(values.put(topic, change))
            .isEqualTo(Optional.ofNullable(model.put(topic, change)));
      } else {
        assertThat(values.remove(topic)).isEqualTo(Optional.ofNullable(model.remove(topic)));
      }
      assertThat(values.size()).isEqualTo(model.size());
    }
    topics.forEach(t -> assertThat(values.get(t)).isEqualTo(Optional.ofNullable(model.get(t))));
    assertThat(find(values, RoutingKey.ofKey("#")))
        .containsExactlyInAnyOrderElementsOf(model.values());
    model.keySet().forEach(values::remove);
    assertThat(values.isEmpty()).as("nothing is left, not even a branch").isTrue();
  }

  @Test
  void aFilterThatStartsWithAWildcardDoesNotSeeDollar_MAP7() {
    values.put(RoutingKey.ofTopic("$SYS/uptime"), "1 s");
    values.put(RoutingKey.ofTopic("a/uptime"), "2 s");
    assertThat(find(values, RoutingKey.ofTopic("#"))).containsExactly("2 s");
    assertThat(find(values, RoutingKey.ofTopic("+/uptime"))).containsExactly("2 s");
    assertThat(find(values, RoutingKey.ofTopic("$SYS/#"))).containsExactly("1 s");
    assertThat(find(values, RoutingKey.ofKey("#"))).containsExactlyInAnyOrder("1 s", "2 s");
  }

  @Test
  void aCursorGoesOnWhileValuesChange() {
    for (int i = 0; i < 1_000; i++) {
      values.put(RoutingKey.ofTopic("a/" + i), "before");
    }
    ValueCursor<String> cursor = values.find(RoutingKey.ofTopic("a/#"));
    assertThat(cursor.next()).contains("before");
    for (int i = 0; i < 1_000; i++) {
      values.remove(RoutingKey.ofTopic("a/" + i));
      values.put(RoutingKey.ofTopic("a/b/" + i), "after");
    }
    int found = 1;
    while (cursor.next().isPresent()) {
      found++;
    }
    assertThat(found).isLessThanOrEqualTo(2_000);
    assertThat(find(values, RoutingKey.ofTopic("a/#"))).hasSize(1_000).containsOnly("after");
  }

  /** Puts 200 topics for each site. */
  private static void putSites(TopicValues<String> values, int sites) {
    for (int site = 0; site < sites; site++) {
      for (int device = 0; device < 100; device++) {
        String topic = "site" + site + "/device" + device;
        values.put(RoutingKey.ofTopic(topic + "/state"), "on");
        values.put(RoutingKey.ofTopic(topic + "/power"), "1 W");
      }
    }
  }

  /** Returns how many places a walk to the end looks at. */
  private static long places(TopicValues<String> values, String filter, int matches) {
    ValueCursor<String> cursor = values.find(RoutingKey.ofTopic(filter));
    int found = 0;
    while (cursor.next().isPresent()) {
      found++;
    }
    assertThat(found).as(filter).isEqualTo(matches);
    return cursor.places();
  }

  @ParameterizedTest
  @CsvSource({"site7/device7/state, 1", "site7/device7/+, 2", "site7/+/state, 100", "site7/#, 200"})
  void aLookUpCostsTheSameAmongAHundredTimesAsManyTopics_MAP32(String filter, int matches) {
    TopicValues<String> few = new TopicValues<>();
    putSites(few, 10);
    putSites(values, 1_000);
    assertThat(values.size()).isEqualTo(100 * few.size());
    assertThat(places(values, filter, matches)).isEqualTo(places(few, filter, matches));
  }

  @Test
  void aLookUpCostsNothingForWhatIsGone_MAP32() {
    putSites(values, 1_000);
    for (int site = 0; site < 1_000; site++) {
      values.put(RoutingKey.ofTopic("site" + site + "/name"), "a site");
      if (site >= 10) {
        values.remove(RoutingKey.ofTopic("site" + site + "/name"));
      }
    }
    for (int site = 10; site < 1_000; site++) {
      for (int device = 0; device < 100; device++) {
        values.remove(RoutingKey.ofTopic("site" + site + "/device" + device + "/state"));
        values.remove(RoutingKey.ofTopic("site" + site + "/device" + device + "/power"));
      }
    }
    assertThat(places(values, "+/name", 10)).isLessThanOrEqualTo(8 + 16 * 10);
  }

  @ParameterizedTest
  @CsvSource({
    "site7/device7/state, 1",
    "site7/#, 200",
    "site7/+/state, 100",
    "+/device7/state, 1000",
    "+/device7/#, 2000",
    "site7/device7/+, 2",
    "site7/+/+, 200",
    "+/device7/+, 2000",
    "nowhere/#, 0",
    "+/nothing/#, 0",
    "site7/+/nothing/#, 0"
  })
  void aLookUpCostsWhatItFindsAndNotWhatThereIs_MAP32(String filter, int matches) {
    putSites(values, 1_000);
    long places = places(values, filter, matches);
    // What a wildcard lets through and a later level rules out counts as found here.
    int passed = Math.max(matches, filter.startsWith("+") ? 1_000 : 100);
    assertThat(places).isLessThanOrEqualTo(8L + 6L * passed);
  }

  @ParameterizedTest
  @CsvSource({"#, 5", "+/x/#, 5", "+/+, 5", "+/x, 5", "$SYS/x/7, 1", "$SYS/nothing/#, 0"})
  void whatWildcardsDoNotSeeBelowDollarCostsThemNothing_MAP7(String filter, int matches) {
    for (int i = 0; i < 100_000; i++) {
      values.put(RoutingKey.ofTopic("$SYS/x/" + i), "the broker's");
    }
    for (int i = 0; i < 5; i++) {
      values.put(RoutingKey.ofTopic("a" + i + "/x"), "a device's");
    }
    assertThat(places(values, filter, matches)).isLessThanOrEqualTo(32);
  }

  @Test
  void whereMuchIsRuledOutALookUpGoesOnBitByBit() {
    for (int i = 0; i < 10_000; i++) {
      values.put(RoutingKey.ofTopic("a" + i + "/x"), "no");
    }
    values.put(RoutingKey.ofTopic("b/y"), "yes");
    ValueCursor<String> cursor = values.find(RoutingKey.ofTopic("+/y/#"));
    List<String> found = new ArrayList<>();
    int calls = 0;
    while (!cursor.atEnd()) {
      long before = cursor.places();
      cursor.next(100).ifPresent(found::add);
      assertThat(cursor.places() - before).isLessThanOrEqualTo(100);
      calls++;
    }
    assertThat(found).containsExactly("yes");
    assertThat(calls).isGreaterThanOrEqualTo(100);
  }
}

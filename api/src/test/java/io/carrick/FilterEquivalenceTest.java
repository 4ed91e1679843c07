package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A filter of MQTT meets the topics whose keys its binding key meets, by the words of either
 * standard and by what the broker compares (MAP-1, MAP-3, MAP-7).
 */
class FilterEquivalenceTest {

  private static final List<String> LEVELS =
      List.of("a", "b", "", "a.b", "x%2Fy", "a%2Eb", "50%", "%25", "$a", "%2B");

  @Property
  void aFilterMeetsTheTopicsWhoseKeysItsBindingKeyMeets(@ForAll long seed) {
    var random = new Random(seed);
    List<String> topicLevels = levels(random);
    List<String> filterLevels = filterFor(topicLevels, random);
    String topic = String.join("/", topicLevels);
    String filter = String.join("/", filterLevels);
    RoutingKey asTopic = RoutingKey.ofTopic(topic);
    RoutingKey asFilter = RoutingKey.ofTopic(filter);
    String key = asTopic.asKey();
    String bindingKey = asFilter.asBindingKey();

    boolean met = meets(filterLevels, topicLevels, "+");
    boolean hidden = topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"));

    assertThat(meets(words(bindingKey), words(key), "*")).as(bindingKey + " " + key).isEqualTo(met);
    assertThat(RoutingKey.ofKey(bindingKey).matches(RoutingKey.ofKey(key))).isEqualTo(met);
    assertThat(RoutingKey.ofKey(bindingKey).matches(asTopic)).isEqualTo(met);
    assertThat(asFilter.matches(asTopic)).as(filter + " " + topic).isEqualTo(met && !hidden);
    assertThat(asFilter.matches(RoutingKey.ofKey(key))).isEqualTo(met && !hidden);
  }

  private static List<String> levels(Random random) {
    var levels = new ArrayList<String>();
    for (int left = 1 + random.nextInt(4); left > 0; left--) {
      levels.add(LEVELS.get(random.nextInt(LEVELS.size())));
    }
    if (levels.equals(List.of(""))) {
      levels.add(""); // there is no empty topic
    }
    return levels;
  }

  /** Returns a filter that is often one for these levels. */
  private static List<String> filterFor(List<String> topic, Random random) {
    List<String> filter = new ArrayList<>(random.nextInt(4) == 0 ? levels(random) : topic);
    filter.replaceAll(level -> random.nextInt(3) == 0 ? "+" : level);
    if (random.nextInt(3) == 0) {
      int from = random.nextInt(filter.size() + 1);
      filter.subList(from, filter.size()).clear();
      filter.add("#");
    }
    return filter.equals(List.of("")) ? List.of("#") : filter;
  }

  private static List<String> words(String key) {
    return List.of(key.split("\\.", -1));
  }

  /** MQTT 5 §4.7.1, AMQP 0-9-1 §3.1.3.3. */
  private static boolean meets(List<String> pattern, List<String> name, String one) {
    if (pattern.isEmpty()) {
      return name.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.get(0).equals("#")) {
      return meets(rest, name, one)
          || (!name.isEmpty() && meets(pattern, name.subList(1, name.size()), one));
    }
    return !name.isEmpty()
        && (pattern.get(0).equals(one) || pattern.get(0).equals(name.get(0)))
        && meets(rest, name.subList(1, name.size()), one);
  }
}

package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Random keys and patterns of few different levels, so that they often match; two of the levels
 * have one hash.
 */
final class Keys {

  private static final List<String> LEVELS =
      List.of("", "a", "b", "a.b", "a/b", "$", "$a", "%", "%23", "%2E", "*", "Aa", "BB");

  private Keys() {}

  /** Topics and keys to publish with, the zero-word key among them. */
  static Arbitrary<RoutingKey> published() {
    Arbitrary<String> level = Arbitraries.of(LEVELS);
    Arbitrary<RoutingKey> topics =
        level.list().ofMinSize(1).ofMaxSize(6).map(l -> RoutingKey.ofTopic(nonEmpty(l, "/")));
    Arbitrary<RoutingKey> keys =
        level.list().ofMaxSize(6).map(l -> RoutingKey.ofKey(String.join(".", l)));
    return Arbitraries.oneOf(topics, keys);
  }

  /** Filters with the last level {@code #} or not. */
  static Arbitrary<RoutingKey> filters() {
    Arbitrary<String> level =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(2, Arbitraries.of(LEVELS)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just("+")));
    return Combinators.combine(
            level.list().ofMinSize(1).ofMaxSize(5), Arbitraries.of(true, false, false))
        .as(
            (levels, many) ->
                RoutingKey.ofTopic(many ? String.join("/", levels) + "/#" : nonEmpty(levels, "/")));
  }

  /** Binding keys with at most two {@code #} before the last word. */
  static Arbitrary<RoutingKey> bindingKeys() {
    Arbitrary<String> word =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, Arbitraries.of(LEVELS)),
            net.jqwik.api.Tuple.of(1, Arbitraries.of("*", "#")));
    return word.list()
        .ofMaxSize(6)
        .filter(l -> l.stream().limit(Math.max(0, l.size() - 1)).filter("#"::equals).count() <= 2)
        .map(l -> RoutingKey.ofKey(String.join(".", l)));
  }

  static Arbitrary<RoutingKey> patterns() {
    return Arbitraries.oneOf(
        filters(), bindingKeys(), Arbitraries.of("#", "+").map(RoutingKey::ofTopic));
  }

  /** A topic of one empty level does not exist: [MQTT-4.7.3-1]. */
  private static String nonEmpty(List<String> levels, String separator) {
    String text = String.join(separator, levels);
    return text.isEmpty() ? separator : text;
  }
}

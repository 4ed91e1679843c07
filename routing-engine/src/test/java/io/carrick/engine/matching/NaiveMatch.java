package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import io.carrick.RoutingKey.Origin;
import java.util.List;

/** The rules of matching, written as plainly as they can be, to compare the tries with. */
final class NaiveMatch {

  private NaiveMatch() {}

  static boolean matches(RoutingKey pattern, RoutingKey key) {
    boolean mqtt = pattern.origin() == Origin.TOPIC;
    List<String> patternLevels = levels(mqtt ? pattern.asTopic() : pattern.asKey(), mqtt);
    List<String> keyLevels = levels(mqtt ? key.asTopic() : key.asKey(), mqtt);
    if (key.levels() == 0) {
      keyLevels = List.of();
    }
    if (mqtt
        && !keyLevels.isEmpty()
        && keyLevels.get(0).startsWith("$")
        && List.of("+", "#").contains(patternLevels.get(0))) {
      return false;
    }
    return matches(patternLevels, keyLevels, mqtt ? "+" : "*");
  }

  private static List<String> levels(String text, boolean mqtt) {
    return text.isEmpty() && !mqtt ? List.of() : List.of(text.split(mqtt ? "/" : "\\.", -1));
  }

  private static boolean matches(List<String> pattern, List<String> key, String one) {
    if (pattern.isEmpty()) {
      return key.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.get(0).equals("#")) {
      return matches(rest, key, one)
          || (!key.isEmpty() && matches(pattern, key.subList(1, key.size()), one));
    }
    return !key.isEmpty()
        && (pattern.get(0).equals(one) || pattern.get(0).equals(key.get(0)))
        && matches(rest, key.subList(1, key.size()), one);
  }
}

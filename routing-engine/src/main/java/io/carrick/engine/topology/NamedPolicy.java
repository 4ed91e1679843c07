package io.carrick.engine.topology;

import io.carrick.Policy;
import io.carrick.engine.matching.WatchedText;
import java.util.regex.Pattern;

/**
 * A policy, ready to be asked. Immutable.
 *
 * @param policy what it says
 * @param pattern its pattern
 */
record NamedPolicy(Policy policy, Pattern pattern) {

  NamedPolicy(Policy policy) {
    this(policy, Pattern.compile(policy.pattern()));
  }

  /** Returns whether it is for a name; one about which it cannot tell in time is not its. */
  boolean matches(String name) {
    try {
      return new WatchedText(name).finds(pattern);
    } catch (WatchedText.TooLong undecided) {
      return false;
    }
  }
}

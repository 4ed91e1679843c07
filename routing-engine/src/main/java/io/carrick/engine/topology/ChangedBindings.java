package io.carrick.engine.topology;

/**
 * What has become of bindings that somebody added or removed. Immutable.
 *
 * @param count how many are new, or were there
 * @param sequence which the store has to have before anybody is told
 */
public record ChangedBindings(int count, long sequence) {

  /** Nothing has changed. */
  static final ChangedBindings NONE = new ChangedBindings(0, 0);
}

package io.carrick.spi;

import io.carrick.Identity;
import io.carrick.RoutingKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Topics, as an access file names them: an MQTT filter, in which levels may stand for the client's
 * own names. Those are taken literally: one with a wildcard or a {@code /} in it is no topic's
 * level. Immutable.
 */
final class AccessPattern {

  private static final String ONE = "+";
  private static final String MANY = "#";
  private static final String CLIENT_ID = "%c";
  private static final String USER = "%u";

  /** Levels that stand for themselves or for what is shown so (MAP-3). */
  private static final Pattern SHOWN = Pattern.compile("%2A|%25(25)*(2A|23)");

  private final String[] levels;
  private final byte[][] literals;

  /** Whether it ends in {@code #}, which is none of the levels. */
  private final boolean open;

  private final boolean named;

  private AccessPattern(String[] levels, boolean open, boolean named) {
    this.levels = levels;
    this.literals = new byte[levels.length][];
    for (int i = 0; i < levels.length; i++) {
      literals[i] = levels[i].getBytes(StandardCharsets.UTF_8);
    }
    this.open = open;
    this.named = named;
  }

  /**
   * Reads one.
   *
   * @param named whether {@code %c} and {@code %u} stand for the client's names
   * @throws IllegalArgumentException for what is no filter
   */
  static AccessPattern of(String filter, boolean named) {
    String[] all = filter.split("/", -1);
    int last = all.length - 1;
    for (int i = 0; i <= last; i++) {
      boolean wild = all[i].contains(ONE) || all[i].contains(MANY);
      if (wild && !all[i].equals(ONE) && !(all[i].equals(MANY) && i == last)) {
        throw new IllegalArgumentException("not a topic filter: " + filter);
      }
      boolean name = all[i].contains(CLIENT_ID) || all[i].contains(USER);
      if (named && name && all[i].length() > CLIENT_ID.length()) {
        throw new IllegalArgumentException("%c and %u stand for a whole level: " + filter);
      }
    }
    boolean open = all[last].equals(MANY);
    return new AccessPattern(open ? Arrays.copyOf(all, last) : all, open, named);
  }

  /** Returns whether it is {@code #}. */
  boolean isEverything() {
    return open && levels.length == 0;
  }

  /**
   * Returns whether everything that a key or binding key stands for is among these topics.
   *
   * @param key read as a pattern; without wildcards it is a topic
   */
  boolean covers(RoutingKey key, Identity who) {
    if (hidden(key)) {
      return false;
    }
    int there = key.levels();
    if (open ? there < levels.length : there != levels.length) {
      return false;
    }
    for (int i = 0; i < levels.length; i++) {
      boolean wild = key.isMany(i) || (key.isOne(i) && !levels[i].equals(ONE));
      if (wild || !same(i, key, who, true)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a key or binding key stands for any of these topics; if in doubt, it does. */
  boolean meets(RoutingKey key, Identity who) {
    if (hidden(key) || seesNot(key)) {
      return false;
    }
    int there = key.levels();
    for (int i = 0; i < levels.length; i++) {
      if (i < there && key.isMany(i)) {
        return true;
      }
      if (i >= there || (!key.isOne(i) && !same(i, key, who, false))) {
        return false;
      }
    }
    return open
        || there == levels.length
        || (there == levels.length + 1 && key.isMany(levels.length));
  }

  /** A pattern that starts with a wildcard does not see what starts with {@code $}. */
  private boolean hidden(RoutingKey key) {
    return key.dollar() && (levels.length == 0 || levels[0].equals(ONE));
  }

  private boolean seesNot(RoutingKey key) {
    boolean wild = key.levels() > 0 && (key.isOne(0) || key.isMany(0));
    return wild && levels.length > 0 && levels[0].startsWith("$");
  }

  /**
   * Returns whether a level of a key is the same.
   *
   * @param surely what to say of a level that may stand for two: false if one of them is another
   */
  private boolean same(int level, RoutingKey key, Identity who, boolean surely) {
    if (levels[level].equals(ONE)) {
      return true;
    }
    byte[] wanted = literals[level];
    if (named && levels[level].equals(CLIENT_ID)) {
      wanted = who.clientId().getBytes(StandardCharsets.UTF_8);
    } else if (named && levels[level].equals(USER)) {
      wanted = who.user().getBytes(StandardCharsets.UTF_8);
    } else {
      return equal(wanted, key, level, surely);
    }
    // Who has no such name has no such topic.
    return wanted.length > 0 && equal(wanted, key, level, surely);
  }

  private static boolean equal(byte[] wanted, RoutingKey key, int level, boolean surely) {
    byte[] there = key.levelBytes();
    int start = key.levelStart(level);
    int end = key.levelEnd(level);
    boolean same = Arrays.equals(wanted, 0, wanted.length, there, start, end);
    if (same != surely || start == end || there[start] != '%') {
      return same;
    }
    String text = new String(there, start, end - start, StandardCharsets.UTF_8);
    if (!SHOWN.matcher(text).matches()) {
      return same;
    }
    // A routing key is itself, and of a binding key it is what asBindingKey shows in this way.
    String meant = text.equals("%2A") ? "*" : "%" + text.substring("%25".length());
    return Arrays.equals(wanted, meant.getBytes(StandardCharsets.UTF_8));
  }
}

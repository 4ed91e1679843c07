package io.carrick;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a message is addressed to, or the pattern of a binding: levels of bytes, and the protocol
 * form in which they arrived. Immutable.
 *
 * <p>An MQTT topic {@code a/b} and an AMQP key {@code a.b} are the same two levels. Levels are
 * compared in MQTT's spelling, so a key of either origin meets a binding of either origin; the
 * bytes as they arrived are kept, and the other form is made only when it is asked for (MAP-1,
 * MAP-2). Equality is by levels, across origins.
 */
public final class RoutingKey {

  /** The form in which a key arrived. */
  public enum Origin {
    /** Levels separated by {@code /}: MQTT. */
    TOPIC('/'),
    /** Words separated by {@code .}: AMQP. */
    KEY('.');

    private final byte separator;

    Origin(char separator) {
      this.separator = (byte) separator;
    }
  }

  /** The AMQP key of zero words. */
  public static final RoutingKey EMPTY = ofKey(new byte[0]);

  /** Numbers kept for a level, which starts one byte after the end of the last. */
  private static final int STRIDE = 2;

  /**
   * Levels up to which a key knows where each is. Of more it knows every {@link #MARKED} level
   * only: a topic may have one for each of its 65,535 bytes, and should not weigh ten times that.
   */
  private static final int MOST_LOCATED = 128;

  private static final int MARKED = 16;

  private static final int NOT_THE_SAME = -1;

  /** A literal word that looks like one that is shown for a wildcard's character. */
  private static final Pattern SHOWN = Pattern.compile("%(25)*(2A|23)");

  private static final int END = 0;
  private static final int HASH = 1;

  private final byte[] bytes;
  private final Origin origin;

  /** The levels in MQTT's spelling; the same array as {@code bytes} unless escapes differ. */
  private final byte[] levelBytes;

  /** Where the levels are and their hashes; null in a compact key and in one of very many. */
  private final int @Nullable [] levels;

  /** Of very many levels: how many, then where every sixteenth starts; null in other keys. */
  private final int @Nullable [] marks;

  private final int hash;

  /** The form that did not arrive, made on demand. */
  private volatile byte @Nullable [] otherForm;

  private RoutingKey(byte[] bytes, Origin origin) {
    this.bytes = bytes;
    this.origin = origin;
    this.levelBytes =
        origin == Origin.KEY && LevelEscapes.inKey(bytes) ? LevelEscapes.keyToTopic(bytes) : bytes;
    int count = countLevels();
    int[] located = count > MOST_LOCATED ? null : new int[count * STRIDE];
    this.hash = count == 0 ? 0 : locateLevels(levelBytes, separator(), located);
    this.levels = located;
    this.marks = located == null ? markLevels(count) : null;
  }

  private RoutingKey(RoutingKey other, int @Nullable [] levels, int @Nullable [] marks) {
    this.bytes = other.bytes;
    this.origin = other.origin;
    this.levelBytes = other.levelBytes;
    this.hash = other.hash;
    this.levels = levels;
    this.marks = marks;
  }

  private int countLevels() {
    if (isEmpty()) {
      return 0;
    }
    int count = 1;
    for (byte b : bytes) {
      if (b == origin.separator) {
        count++;
      }
    }
    return count;
  }

  /** Returns whether this is the key of zero words. */
  private boolean isEmpty() {
    return bytes.length == 0 && origin == Origin.KEY;
  }

  /**
   * Returns an equal key for a table that keeps very many: it takes no memory for where its levels
   * are, but finds them anew each time it is asked for one.
   */
  public RoutingKey compact() {
    return levels == null && marks == null ? this : new RoutingKey(this, null, null);
  }

  /** Returns an equal key that is not {@linkplain #compact() compact}. */
  public RoutingKey located() {
    if (levels != null || marks != null) {
      return this;
    }
    int count = countLevels();
    if (count > MOST_LOCATED) {
      return new RoutingKey(this, null, markLevels(count));
    }
    int[] located = new int[count * STRIDE];
    if (count > 0) {
      locateLevels(levelBytes, separator(), located);
    }
    return new RoutingKey(this, located, null);
  }

  private int[] markLevels(int count) {
    int[] marked = new int[1 + (count - 1) / MARKED];
    marked[0] = count;
    int start = 0;
    for (int level = 1; level < count; level++) {
      start = levelEndFrom(start) + 1;
      if (level % MARKED == 0) {
        marked[level / MARKED] = start;
      }
    }
    return marked;
  }

  /** Returns what separates the levels in {@link #levelBytes}. */
  private byte separator() {
    return levelBytes == bytes ? origin.separator : Origin.TOPIC.separator;
  }

  /**
   * Finds the levels of a text that has some.
   *
   * @param levels where to put what is found; null for nowhere
   * @return the hash of all
   */
  private static int locateLevels(byte[] text, byte separator, int @Nullable [] levels) {
    int level = 0;
    int levelHash = 0;
    int whole = 0;
    for (int i = 0; i <= text.length; i++) {
      if (i < text.length && text[i] != separator) {
        levelHash = levelHash * 31 + text[i];
        continue;
      }
      int mixed = mix(levelHash);
      if (levels != null) {
        levels[level * STRIDE + END] = i;
        levels[level * STRIDE + HASH] = mixed;
      }
      whole = whole * 0x01000193 + mixed;
      level++;
      levelHash = 0;
    }
    return mix(whole);
  }

  private static int mix(int h) {
    h *= 0x9E3779B1;
    return h ^ (h >>> 15);
  }

  /** An MQTT topic name or filter; not validated. */
  public static RoutingKey ofTopic(String topic) {
    return ofTopic(topic.getBytes(StandardCharsets.UTF_8));
  }

  /** An MQTT topic name or filter in UTF-8; the array is kept and must not change. */
  public static RoutingKey ofTopic(byte[] topic) {
    return new RoutingKey(topic, Origin.TOPIC);
  }

  /** An AMQP routing or binding key. */
  public static RoutingKey ofKey(String key) {
    return ofKey(key.getBytes(StandardCharsets.UTF_8));
  }

  /** An AMQP routing or binding key; the array is kept and must not change. */
  public static RoutingKey ofKey(byte[] key) {
    return new RoutingKey(key, Origin.KEY);
  }

  /** Returns the form in which it arrived. */
  public Origin origin() {
    return origin;
  }

  /** Returns about how many bytes of memory its arrays keep; always the same. */
  int memoryBytes() {
    int spelled = levelBytes == bytes ? 0 : levelBytes.length;
    return bytes.length + spelled + (levels == null ? 0 : levels.length * Integer.BYTES);
  }

  /** Returns the bytes as they arrived; not to be modified. */
  public byte[] bytes() {
    return bytes;
  }

  /** Returns the number of levels: 0 only for the empty AMQP key. */
  public int levels() {
    if (levels != null) {
      return levels.length / STRIDE;
    }
    return marks == null ? countLevels() : marks[0];
  }

  /** Looks for the start of a level, from the last one before it of which it is known. */
  private int findLevel(int level) {
    int mark = marks == null ? 0 : level / MARKED;
    int start = mark == 0 || marks == null ? 0 : marks[mark];
    for (int passed = mark * MARKED; passed < level; passed++) {
      start = levelEndFrom(start) + 1;
    }
    return start;
  }

  private int hashFrom(int start) {
    byte separator = separator();
    int levelHash = 0;
    for (int i = start; i < levelBytes.length && levelBytes[i] != separator; i++) {
      levelHash = levelHash * 31 + levelBytes[i];
    }
    return mix(levelHash);
  }

  /** Returns the array into which {@link #levelStart} and {@link #levelEnd} point; not modified. */
  public byte[] levelBytes() {
    return levelBytes;
  }

  /** Returns where a level starts in {@link #levelBytes()}. */
  public int levelStart(int level) {
    int[] located = levels;
    if (located == null) {
      return findLevel(level);
    }
    return level == 0 ? 0 : located[(level - 1) * STRIDE + END] + 1;
  }

  /** Returns where a level ends in {@link #levelBytes()}, exclusive. */
  public int levelEnd(int level) {
    int[] located = levels;
    return located == null ? levelEndFrom(findLevel(level)) : located[level * STRIDE + END];
  }

  /** Returns a level's hash; equal levels have equal hashes. */
  public int levelHash(int level) {
    int[] located = levels;
    return located == null ? hashFrom(findLevel(level)) : located[level * STRIDE + HASH];
  }

  /** Returns whether a level consists of just that ASCII character, as a wildcard does. */
  public boolean levelIs(int level, char c) {
    return isJust(levelStart(level), levelEnd(level), c);
  }

  private boolean isJust(int start, int end, char c) {
    return end == start + 1 && levelBytes[start] == c;
  }

  /**
   * Returns whether a level of this key, read as a pattern, stands for exactly one level: {@code +}
   * in a topic filter, {@code *} in a binding key (MAP-3).
   */
  public boolean isOne(int level) {
    return isOne(levelStart(level), levelEnd(level));
  }

  private boolean isOne(int start, int end) {
    return isJust(start, end, origin == Origin.TOPIC ? '+' : '*');
  }

  /**
   * Returns whether a level of this key, read as a pattern, stands for any number of levels: a
   * {@code #} as it arrived, never one that is spelled as an escape (MAP-3).
   */
  public boolean isMany(int level) {
    return isMany(levelStart(level), levelEnd(level));
  }

  private boolean isMany(int start, int end) {
    if (origin == Origin.TOPIC) {
      return isJust(start, end, '#');
    }
    // In a key only the word "#" is spelled %23 among the levels; the word "%23" is %2523.
    return end == start + 3
        && levelBytes[start] == '%'
        && levelBytes[start + 1] == '2'
        && levelBytes[start + 2] == '3';
  }

  /** Returns whether this key, read as a pattern, has a wildcard. */
  public boolean hasWildcard() {
    int none = afterLastLevel();
    for (int at = firstLevel(); at < none; ) {
      int end = levelEndFrom(at);
      if (isOne(at, end) || isMany(at, end)) {
        return true;
      }
      at = end + 1;
    }
    return false;
  }

  /** Returns whether the first level starts with {@code $}, which hides it from MQTT wildcards. */
  public boolean dollar() {
    return levelBytes.length > 0 && levelBytes[0] == '$';
  }

  /** Returns the AMQP form; not to be modified. */
  public byte[] keyBytes() {
    return origin == Origin.KEY ? bytes : other();
  }

  /** Returns the MQTT form; not to be modified. Meaningful only if {@link #hasTopic()}. */
  public byte[] topicBytes() {
    return origin == Origin.TOPIC ? bytes : other();
  }

  private byte[] other() {
    byte[] made = otherForm;
    if (made == null) {
      made = origin == Origin.KEY ? LevelEscapes.keyToTopic(bytes) : LevelEscapes.topicToKey(bytes);
      otherForm = made;
    }
    return made;
  }

  /**
   * Returns whether an MQTT form exists: not for zero words, for what is not UTF-8 or has control
   * characters, nor for more than 65,535 bytes (MAP-2).
   */
  public boolean hasTopic() {
    return origin == Origin.TOPIC
        || (!isEmpty() && topicBytes().length <= 65_535 && LevelEscapes.isText(bytes));
  }

  /** Returns the AMQP form as text. */
  public String asKey() {
    return new String(keyBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the AMQP form as text of what is read as a pattern: a {@code +} of a topic filter is
   * {@code *} there. A level that is the character {@code *} or the word {@code #} itself, of which
   * AMQP has no pattern, is shown as {@code %2A} or {@code %23}, and a word that looks so already
   * with one {@code 25} more, so that different patterns are shown as different texts (MAP-3).
   */
  public String asBindingKey() {
    String key = asKey();
    boolean plain = origin == Origin.KEY && key.indexOf('%') < 0;
    if (plain || isEmpty()) {
      return key;
    }
    String[] words = key.split("\\.", -1);
    for (int i = 0; i < words.length; i++) {
      if (isOne(i)) {
        words[i] = "*";
      } else if (!isMany(i)) {
        words[i] = shown(words[i]);
      }
    }
    return String.join(".", words);
  }

  private static String shown(String literal) {
    return switch (literal) {
      case "*" -> "%2A";
      case "#" -> "%23";
      default -> SHOWN.matcher(literal).matches() ? "%25" + literal.substring(1) : literal;
    };
  }

  /** Returns the MQTT form as text. */
  public String asTopic() {
    return new String(topicBytes(), StandardCharsets.UTF_8);
  }

  /** Returns whether both arrived as the same bytes in the same form. */
  public boolean sameBytes(RoutingKey other) {
    return origin == other.origin && Arrays.equals(bytes, other.bytes);
  }

  /** Returns whether {@code level} here is the same as {@code otherLevel} there. */
  public boolean sameLevel(int level, RoutingKey other, int otherLevel) {
    return levelHash(level) == other.levelHash(otherLevel)
        && Arrays.equals(
            levelBytes,
            levelStart(level),
            levelEnd(level),
            other.levelBytes,
            other.levelStart(otherLevel),
            other.levelEnd(otherLevel));
  }

  /**
   * Returns whether this key, read as a pattern, matches a name: {@code #} stands for zero or more
   * levels wherever it is, and an MQTT filter that starts with a wildcard does not see what starts
   * with {@code $} (MAP-1, MAP-3, MAP-7). [MQTT-4.7.2-1]
   *
   * @param name not a pattern: wildcards in it are ordinary text
   */
  public boolean matches(RoutingKey name) {
    // Reads the text alone and not where its levels are: among very many patterns, a match waits
    // for each piece of memory that it touches.
    if (name.dollar() && origin == Origin.TOPIC && (oneAt(0) || manyAt(0))) {
      return false;
    }
    int levelsOfName = name.levels();
    int none = afterLastLevel();
    int at = firstLevel();
    int level = 0;
    int retryAt = none;
    int retryLevel = levelsOfName;
    while (at < none || level < levelsOfName) {
      if (at < none && manyAt(at)) {
        // The last '#' decides: what an earlier one could take, it can take too.
        at = levelEndFrom(at) + 1;
        retryAt = at;
        retryLevel = level;
        if (at == none) {
          return true;
        }
        continue;
      }
      int end = at < none && level < levelsOfName ? endOfSame(at, name, level) : NOT_THE_SAME;
      if (end != NOT_THE_SAME) {
        at = end + 1;
        level++;
      } else if (retryLevel < levelsOfName) {
        at = retryAt;
        level = ++retryLevel;
      } else {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the level that starts there is just the wildcard for exactly one. */
  private boolean oneAt(int start) {
    return endsAt(start + 1) && isOne(start, start + 1);
  }

  /** Returns whether the level that starts there is just the wildcard for any number of levels. */
  private boolean manyAt(int start) {
    int end = start + (origin == Origin.TOPIC ? 1 : 3);
    return endsAt(end) && isMany(start, end);
  }

  private boolean endsAt(int end) {
    return end == levelBytes.length || (end < levelBytes.length && levelBytes[end] == separator());
  }

  /** Returns where the level that starts there ends, if it stands for a level of a name. */
  private int endOfSame(int start, RoutingKey name, int level) {
    if (oneAt(start)) {
      return start + 1;
    }
    int nameStart = name.levelStart(level);
    int nameEnd = name.levelEnd(level);
    // What ends elsewhere is not the same, so the end need not be looked for, unless a level of
    // the name may contain what separates levels here.
    int end = separator() == name.separator() ? start + nameEnd - nameStart : levelEndFrom(start);
    boolean same =
        endsAt(end) && Arrays.equals(levelBytes, start, end, name.levelBytes, nameStart, nameEnd);
    return same ? end : NOT_THE_SAME;
  }

  private int firstLevel() {
    return isEmpty() ? afterLastLevel() : 0;
  }

  private int afterLastLevel() {
    return levelBytes.length + 1;
  }

  private int levelEndFrom(int start) {
    byte separator = separator();
    int end = start;
    while (end < levelBytes.length && levelBytes[end] != separator) {
      end++;
    }
    return end;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof RoutingKey k) || k.hash != hash) {
      return false;
    }
    if (k.origin == origin) {
      return Arrays.equals(bytes, k.bytes);
    }
    return sameLevels(k);
  }

  private boolean sameLevels(RoutingKey other) {
    byte[] there = other.levelBytes;
    if (levelBytes.length != there.length || isEmpty() != other.isEmpty()) {
      return false;
    }
    byte separatorHere = separator();
    byte separatorThere = other.separator();
    if (separatorHere == separatorThere) {
      return Arrays.equals(levelBytes, there);
    }
    for (int i = 0; i < there.length; i++) {
      boolean ends = levelBytes[i] == separatorHere;
      if (ends != (there[i] == separatorThere) || (!ends && levelBytes[i] != there[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Returns the text as it arrived. */
  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

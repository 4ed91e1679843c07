package io.carrick.journal;

import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;

/** How the files of a journal are called. No state. */
final class LogFileNames {

  static final String SPARE = "spare-";
  static final String TEMPORARY = ".tmp";

  /** Behind the name of a file that nobody may need, but that is not to be lost. */
  static final String ASIDE = ".aside";

  static final String IDENTITY = "journal.id";
  private static final String WAL = "wal-";
  private static final String IMAGE = "image-";
  private static final String COLD = "queue-";
  private static final String SHARED = "shared-";
  private static final String STREAM = "stream-";
  static final String SUFFIX = ".log";

  private LogFileNames() {}

  private static String numbered(String prefix, long number) {
    return String.format(java.util.Locale.ROOT, "%s%010d%s", prefix, number, SUFFIX);
  }

  static String wal(long number) {
    return numbered(WAL, number);
  }

  static String image(long number) {
    return numbered(IMAGE, number);
  }

  static String spare(long number) {
    return numbered(SPARE, number);
  }

  static String cold(long queueId, long number) {
    return numbered(COLD + queueId + "-", number);
  }

  static String stream(long queueId, long number) {
    return numbered(STREAM + queueId + "-", number);
  }

  static String shared(long number) {
    return numbered(SHARED, number);
  }

  /** Returns whether a file has messages that are out of memory: of a queue, several, a stream. */
  static boolean isCold(String name) {
    return (name.startsWith(COLD) || name.startsWith(SHARED) || name.startsWith(STREAM))
        && name.endsWith(SUFFIX);
  }

  private static OptionalLong number(String name, String prefix) {
    if (!name.startsWith(prefix) || !name.endsWith(SUFFIX)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(
          Long.parseLong(name, prefix.length(), name.length() - SUFFIX.length(), 10));
    } catch (NumberFormatException notOurs) {
      return OptionalLong.empty();
    }
  }

  private static NavigableSet<Long> numbers(List<String> names, String prefix) {
    var numbers = new TreeSet<Long>();
    names.forEach(name -> number(name, prefix).ifPresent(numbers::add));
    return numbers;
  }

  /** Returns the numbers of all segments among some files, rising. */
  static NavigableSet<Long> wals(List<String> names) {
    return numbers(names, WAL);
  }

  /** Returns the highest number of files with messages that are out of memory, 0 without any. */
  static long lastCold(List<String> names) {
    long last = 0;
    for (String name : names) {
      if (isCold(name)) {
        String prefix = name.substring(0, name.lastIndexOf('-') + 1);
        last = Math.max(last, number(name, prefix).orElse(0));
      }
    }
    return last;
  }

  /** Returns the numbers of all images among some files, rising. */
  static NavigableSet<Long> images(List<String> names) {
    return numbers(names, IMAGE);
  }
}

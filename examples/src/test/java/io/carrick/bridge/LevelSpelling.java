package io.carrick.bridge;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How MAP-2 spells a level on the other side, read off its text; and random levels. */
final class LevelSpelling {

  private static final Pattern TOKEN = Pattern.compile("%((?:25)*)(2E|2F|2B|23|00)");
  private static final Pattern IN_TOPIC = Pattern.compile(TOKEN + "|[./]");
  private static final Pattern IN_KEY = Pattern.compile(TOKEN + "|[./+#\0]");

  private static final String[] PIECES = {
    "%", "2", "5", "E", "F", "B", "3", "0", "*", "%25", "%2E", "%2F", "%2B", "%23", "%00", "%2e",
    "a", " ", "é", "漢", "$", "\u00ad",
  };
  private static final String[] MORE_IN_TOPICS = {".", "/"};
  private static final String[] MORE_IN_KEYS = {".", "/", "+", "#", "\0"};

  private LevelSpelling() {}

  static String keyOf(String topic) {
    return IN_TOPIC
        .matcher(topic)
        .replaceAll(
            found ->
                switch (found.group()) {
                  case "/" -> ".";
                  case "." -> "%2E";
                  default -> token(found, "2E");
                });
  }

  static String topicOf(String key) {
    return IN_KEY
        .matcher(key)
        .replaceAll(
            found ->
                switch (found.group()) {
                  case "." -> "/";
                  case "/" -> "%2F";
                  case "+" -> "%2B";
                  case "#" -> "%23";
                  case "\0" -> "%00";
                  default -> token(found, "2F", "2B", "23", "00");
                });
  }

  /** Shifts a token: those that this side has to escape one up, the others one down. */
  private static String token(MatchResult found, String... escapedHere) {
    String shifts = found.group(1);
    String digits = found.group(2);
    if (java.util.List.of(escapedHere).contains(digits)) {
      return "%25" + shifts + digits;
    }
    return shifts.isEmpty()
        ? String.valueOf((char) Integer.parseInt(digits, 16))
        : "%" + shifts.substring(2) + digits;
  }

  static String randomTopic(Random random) {
    return random(random, MORE_IN_TOPICS);
  }

  static String randomKey(Random random) {
    return random(random, MORE_IN_KEYS);
  }

  /** Never empty, never a first level that starts with a dollar sign, never over 255 bytes. */
  private static String random(Random random, String[] more) {
    var text = new StringBuilder();
    int pieces = 1 + random.nextInt(12);
    while (text.length() == 0 || text.charAt(0) == '$') {
      text.setLength(0);
      for (int i = 0; i < pieces; i++) {
        int at = random.nextInt(PIECES.length + 3 * more.length);
        text.append(at < PIECES.length ? PIECES[at] : more[(at - PIECES.length) % more.length]);
      }
    }
    return text.toString();
  }

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}

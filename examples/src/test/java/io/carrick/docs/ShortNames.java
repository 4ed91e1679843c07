package io.carrick.docs;

// snippet
import io.carrick.TopicMapper;

/** What devices call {@code d} to save bytes is {@code devices} for services. */
final class ShortNames implements TopicMapper {

  @Override
  public String name() {
    return "short-names";
  }

  @Override
  public String word(int place, String level) {
    return TopicMapper.losslessWord(place == 0 ? swapped(level) : level);
  }

  @Override
  public String level(int place, String word) {
    String level = TopicMapper.losslessLevel(word);
    return place == 0 ? swapped(level) : level;
  }

  /** Both ways: each word has one level, and each level one word. */
  private static String swapped(String level) {
    return switch (level) {
      case "d" -> "devices";
      case "devices" -> "d";
      default -> level;
    };
  }
}
// end

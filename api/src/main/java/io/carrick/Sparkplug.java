package io.carrick;

import java.util.Map;

/** The namespaces of Eclipse Sparkplug as first words of routing keys. Stateless. */
final class Sparkplug implements TopicMapper {

  static final TopicMapper MAPPER = new Sparkplug();

  /** Each also the other way round, so that every word has a level of its own. */
  private static final Map<String, String> WORDS =
      Map.of(
          "spAv1.0", "spAv1___0",
          "spAv1___0", "spAv1%2E0",
          "spBv1.0", "spBv1___0",
          "spBv1___0", "spBv1%2E0");

  private static final Map<String, String> LEVELS =
      Map.of(
          "spAv1___0", "spAv1.0",
          "spAv1%2E0", "spAv1___0",
          "spBv1___0", "spBv1.0",
          "spBv1%2E0", "spBv1___0");

  private Sparkplug() {}

  @Override
  public String name() {
    return "sparkplug";
  }

  @Override
  public String word(int place, String level) {
    String known = place == 0 ? WORDS.get(level) : null;
    return known != null ? known : TopicMapper.losslessWord(level);
  }

  @Override
  public String level(int place, String word) {
    String known = place == 0 ? LEVELS.get(word) : null;
    return known != null ? known : TopicMapper.losslessLevel(word);
  }
}

package io.carrick;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a mapper of one's own spells topics (MAP-9). */
class MappedSpellingTest {

  private static final TopicSpelling SPARKPLUG =
      Mapping.lossless().topics(TopicMapper.sparkplug()).spelling();

  private static RoutingKey address(TopicSpelling spelling, String topic) {
    return spelling.address(topic.getBytes(UTF_8));
  }

  private static String topic(TopicSpelling spelling, RoutingKey key) {
    return new String(spelling.topic(key), UTF_8);
  }

  @ParameterizedTest(name = "topic {0} is key {1}, and back [MAP-9]")
  @CsvSource({
    "spBv1.0/plant/NDATA/press, spBv1___0.plant.NDATA.press",
    "spAv1.0/plant, spAv1___0.plant",
    "spBv1.0, spBv1___0",
    "spBv1___0/plant, spBv1%2E0.plant",
    "plant/spBv1.0, plant.spBv1%2E0",
    "a.b/c, a%2Eb.c",
    "/a//b/, .a..b.",
    "$SYS/spBv1.0, $SYS.spBv1%2E0",
  })
  void sparkplugsNamespaceIsOneWord(String topic, String key) {
    assertThat(address(SPARKPLUG, topic).asKey()).isEqualTo(key);
    assertThat(topic(SPARKPLUG, RoutingKey.ofKey(key))).isEqualTo(topic);
    assertThat(topic(SPARKPLUG, address(SPARKPLUG, topic))).isEqualTo(topic);
  }

  @ParameterizedTest(name = "seed {0} [MAP-9]")
  @ValueSource(longs = {1, 2, 3})
  void whateverComesBackIsWhatItWas(long seed) {
    var random = new Random(seed);
    String[] levels = {"spBv1.0", "spBv1___0", "spBv1%2E0", "spBv1%252E0", "a", "", "%", "*", "."};
    String[] words = {"spBv1___0", "spBv1%2E0", "spBv1%252E0", "a", "", "%2F", "/", "+", "#", "*"};
    for (int i = 0; i < 20_000; i++) {
      String topic = "x/".repeat(random.nextInt(2)) + random(random, levels, "/");
      assertThat(topic(SPARKPLUG, address(SPARKPLUG, topic))).isEqualTo(topic);
      RoutingKey key = RoutingKey.ofKey(random(random, words, ".") + ".x");
      assertThat(address(SPARKPLUG, topic(SPARKPLUG, key))).isEqualTo(key);
    }
  }

  private static String random(Random random, String[] pieces, String separator) {
    var text = new StringBuilder(pieces[random.nextInt(pieces.length)]);
    for (int more = random.nextInt(4); more > 0; more--) {
      text.append(separator).append(pieces[random.nextInt(pieces.length)]);
    }
    String made = text.toString();
    return made.isEmpty() ? "e" : made;
  }

  @ParameterizedTest(name = "filter {0} meets topic {1}: {2} [MAP-9]")
  @CsvSource({
    "spBv1.0/#, spBv1.0/plant/NDATA, true",
    "spBv1.0/+/NDATA, spBv1.0/plant/NDATA, true",
    "+/plant/#, spBv1.0/plant/NDATA, true",
    "spBv1___0/#, spBv1.0/plant/NDATA, false",
    "spBv1___0/#, spBv1___0/plant, true",
    "*/plant, spBv1.0/plant, false",
    "#, $SYS/x, false",
    "$SYS/#, $SYS/x, true",
  })
  void aFilterMeetsTheTopicsThatItNames(String filter, String topic, boolean meets) {
    assertThat(SPARKPLUG.filter(filter.getBytes(UTF_8)).matches(address(SPARKPLUG, topic)))
        .isEqualTo(meets);
  }

  @Test
  void whatIsMadeOfAKeyIsMadeOnce() {
    RoutingKey key = RoutingKey.ofKey("spBv1___0.plant");
    assertThat(SPARKPLUG.topic(key)).isSameAs(SPARKPLUG.topic(RoutingKey.ofKey("spBv1___0.plant")));
  }

  /** Gives the same whatever it is asked, or fails. */
  private record Stubborn(String answer) implements TopicMapper {
    @Override
    public String name() {
      return "stubborn";
    }

    private String answer(String asked) {
      if (answer.equals("fails")) {
        throw new IllegalStateException(asked);
      }
      return answer;
    }

    @Override
    public String word(int place, String level) {
      return answer(level);
    }

    @Override
    public String level(int place, String word) {
      return answer(word);
    }
  }

  @ParameterizedTest(name = "{0} [MAP-9]")
  @ValueSource(strings = {"a.b", "$SYS", "fails"})
  void whatIsNoWordIsRefused(String word) {
    TopicSpelling spelling = Mapping.lossless().topics(new Stubborn(word)).spelling();
    assertThatThrownBy(() -> address(spelling, "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stubborn");
    assertThatThrownBy(() -> spelling.filter("a/#".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(address(spelling, "$SYS/a").asTopic()).isEqualTo("$SYS/a");
  }

  @ParameterizedTest(name = "{0} [MAP-9]")
  @ValueSource(strings = {"a/b", "a+", "#", "\0", "$SYS", "fails", ""})
  void whatIsNoLevelHasNoTopic(String level) {
    TopicSpelling spelling = Mapping.lossless().topics(new Stubborn(level)).spelling();
    assertThat(spelling.spells(RoutingKey.ofKey("a"))).isFalse();
    assertThat(spelling.spells(RoutingKey.ofKey("$SYS.a"))).isTrue();
  }

  @ParameterizedTest(name = "name ''{0}''")
  @ValueSource(strings = {"", "lossless", "RABBITMQ"})
  void aMapperHasANameOfItsOwn(String name) {
    TopicMapper mapper =
        new TopicMapper() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public String word(int place, String level) {
            return level;
          }

          @Override
          public String level(int place, String word) {
            return word;
          }
        };
    assertThatThrownBy(() -> Mapping.lossless().topics(mapper))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMapperStaysWithAnotherProfile() {
    Mapping mapping =
        Mapping.lossless().topics(TopicMapper.sparkplug()).profile(Mapping.Profile.RABBITMQ);
    assertThat(mapping.spelling().name()).isEqualTo("sparkplug");
    assertThat(mapping.profile()).isEqualTo(Mapping.Profile.RABBITMQ);
  }
}

package io.carrick.engine.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.engine.matching.WatchedText.TooLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No expression holds a loop, whatever it says. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchedTextTest {

  private static boolean finds(String expression, String text) {
    return new WatchedText(text).finds(Pattern.compile(expression));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "^orders\\..* orders.new true",
        "^orders\\..* invoices false",
        "^q[0-9]{1,3}$ q12 true",
        "^q[0-9]{2,}$ q1 false",
        "^[a-z]{2,63}([.][a-z]{2,63})$ example.org true"
      })
  void whatIsUsualIsAnswered(String expression, String text, boolean found) {
    assertThat(finds(expression, text)).isEqualTo(found);
  }

  @Test
  void whoLooksAtACharacterTooOftenIsStopped() {
    String text = "a".repeat(40) + "b";
    assertThatThrownBy(() -> finds(".*.*.*.*.*.*x", text)).isInstanceOf(TooLong.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:){2000000000}z",
        "(){2000000000}z",
        "((){99999}){99999}z",
        "(((){999}){999}){999,}z",
        "(){1,2000000000}z"
      })
  void whoRepeatsNothingTooOftenIsStoppedThoughItLooksAtNoCharacter(String expression) {
    assertThatThrownBy(() -> finds(expression, "a".repeat(255))).isInstanceOf(TooLong.class);
  }
}

package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAP-38: which filter names which queue. */
class QueueFilterTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "$queue/orders, orders",
    "$queue/a.b, a.b",
    "$queue/a/b//, a/b//",
    "$queue//, /",
    "$queue/50%, 50%",
    "$queue/a%2Eb%2F, a%2Eb%2F",
    "$queue/$queue/x, $queue/x",
    "$queue/a%2Bb, a+b",
    "$queue/%23, #",
    "$queue/a%252Bb, a%2Bb",
    "$queue/%25252B, %252B",
    "$queue/%252, %252",
    "$queue/grün, grün"
  })
  void aNameIsVerbatimButForWhatNoFilterCanHaveThere(String filter, String queue) {
    assertThat(QueueFilter.isMeant(utf8(filter))).isTrue();
    assertThat(QueueFilter.queue(utf8(filter))).contains(queue);
    assertThat(new String(QueueFilter.of(queue), StandardCharsets.UTF_8)).isEqualTo(filter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$queue", "$queue/", "$queue/+", "$queue/#", "$queue/a/+/b"})
  void whatSaysNoNameOrHasAWildcardNamesNone(String filter) {
    assertThat(QueueFilter.isMeant(utf8(filter))).isTrue();
    assertThat(QueueFilter.queue(utf8(filter))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "$", "queue/a", "$queues/a", "$share/g/$queue/a", "+/orders"})
  void otherFiltersAreForTopics(String filter) {
    assertThat(QueueFilter.isMeant(utf8(filter))).isFalse();
  }

  @Property(tries = 2_000)
  void everyNameHasAFilterAndComesBackFromIt(@ForAll("names") String name) {
    byte[] filter = QueueFilter.of(name);
    assertThat(QueueFilter.queue(filter)).contains(name);
    assertThat(new String(filter, StandardCharsets.UTF_8)).doesNotContain("+", "#", "\0");
  }

  @Property(tries = 2_000)
  void everyFilterThatNamesAQueueIsTheOnlyOneThatDoes(@ForAll("names") String rest) {
    String filter = "$queue/" + rest;
    QueueFilter.queue(utf8(filter))
        .filter(name -> !filter.contains("\0")) // which is in no packet
        .ifPresent(
            name ->
                assertThat(new String(QueueFilter.of(name), StandardCharsets.UTF_8))
                    .isEqualTo(filter));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withChars('%', '2', '5', 'B', '3', '0', 'E', 'F', '.', '/', '+', '#', '\0', 'a')
        .ofMinLength(1)
        .ofMaxLength(12);
  }
}

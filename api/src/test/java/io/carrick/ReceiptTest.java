package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What publishers write when they ask for receipts (MAP-18). */
class ReceiptTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all                    | 0          | -1",
        "count=1                | 1          | -1",
        "count=1000000000       | 1000000000 | -1",
        "all;timeout=1500       | 0          | 1500",
        "all;timeout=1500ms     | 0          | 1500",
        "count=2;timeout=5s     | 2          | 5000",
        "count=2 ; timeout=5s   | 2          | 5000",
        "all;timeout=3m         | 0          | 180000",
        "all;timeout=2h         | 0          | 7200000",
        "all;timeout=1d         | 0          | 86400000",
        "all;timeout=PT1M30S    | 0          | 90000",
        "all;timeout=PT0.25S    | 0          | 250",
      })
  void aReceiptIsACountOrAllAndPerhapsATime(String text, int count, long timeoutMs) {
    Receipt receipt = Receipt.of(text);
    assertThat(receipt.count()).isEqualTo(count);
    assertThat(receipt.timeoutMs().orElse(-1)).isEqualTo(timeoutMs);
    assertThat(Receipt.of(receipt.toString())).isEqualTo(receipt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ALL",
        "some",
        "count",
        "count=",
        "count=0",
        "count=-1",
        "count=+1",
        "count=1.5",
        "count=1000000001",
        "count=99999999999999999999",
        "count=\u0661",
        "all;",
        "all;timeout",
        "all;timeout=",
        "all;timeout=0",
        "all;timeout=0s",
        "all;timeout=-1s",
        "all;timeout=1w",
        "all;timeout=1 s",
        "all;timeout=9999999999999999",
        "all;timeout=999999999999999d",
        "all;timeout=PT",
        "all;timeout=PT0S",
        "all;timeout=-PT1S",
        "all;timeout=PT9999999999999999H",
        "all;timeout=1s;timeout=2s",
        "timeout=1s",
        "timeout=1s;all",
        "all,timeout=1s"
      })
  void anythingElseIsNone(String text) {
    assertThatThrownBy(() -> Receipt.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no receipt");
  }

  @Test
  void aLongTextIsNoneAndNotRepeatedToItsEnd() {
    assertThatThrownBy(() -> Receipt.of("all" + " ".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(250));
  }

  @Test
  void anyTextIsAReceiptThatCanBeWrittenOrIsRefused() {
    var random = new Random(18);
    String[] parts = {"all", "count=", ";", "timeout=", "5", "0", "s", "ms", "PT", "M", " ", "é"};
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        text.append(
            random.nextInt(20) == 0
                ? String.valueOf((char) random.nextInt(65_536))
                : parts[random.nextInt(parts.length)]);
      }
      try {
        Receipt receipt = Receipt.of(text.toString());
        assertThat(Receipt.of(receipt.toString())).isEqualTo(receipt);
        read++;
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).contains("is no receipt");
      }
    }
    assertThat(read).isGreaterThan(100);
  }

  @Test
  void aMessageThatAsksForOneSaysSoToItsConsumers() {
    Message message = Message.builder("x").receipt(Receipt.count(2, Duration.ofSeconds(5))).build();
    assertThat(message.asksForReceipt()).isTrue();
    assertThat(message.isFollowed()).isFalse();
    assertThat(message.properties().headers())
        .containsEntry(HeaderNames.RECEIPT, "count=2;timeout=5000ms");
    assertThat(Message.of("x").asksForReceipt()).isFalse();
  }

  @Test
  void aDeadLetterAndALastValueHaveNoReceipt() {
    Message message = Message.of("x").annotated(Annotations.NONE.withReceiptId(7));
    assertThat(message.isFollowed()).isTrue();
    assertThat(message.withoutReceipt().isFollowed()).isFalse();
    Message dead =
        message.deadLettered("q", Death.Reason.EXPIRED, "dlx", RoutingKey.ofKey("k"), 1_000);
    assertThat(dead.annotations().receiptId()).isZero();
    Message late = message.released(1_000, 2_000);
    assertThat(late.annotations().receiptId()).isEqualTo(7);
  }
}

package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checker of the tests under load finds what it is there for. */
class LedgerTest {

  private final Ledger ledger = new Ledger("q", true);

  @Test
  void whatCameOnceAndInOrderIsFine() {
    ledger.saw("a:0", false);
    ledger.saw("b:0 xx", false);
    ledger.saw("a:1", false);

    assertThat(ledger.complaints(Map.of("a", 2, "b", 1))).isEmpty();
    assertThat(ledger.distinct()).isEqualTo(3);
  }

  @Test
  void whatComesAgainNeedsTheFlag() {
    ledger.saw("a:0", false);
    ledger.saw("a:0", true);
    ledger.saw("a:0", false);

    assertThat(ledger.complaints(Map.of("a", 1)))
        .isEqualTo(List.of("q: a:0 came again without a flag"));
    assertThat(ledger.repeated()).isEqualTo(2);
  }

  @Test
  void whatIsMissingIsALoss() {
    ledger.saw("a:0", false);
    ledger.saw("a:2", false);

    assertThat(ledger.complaints(Map.of("a", 3, "b", 1)))
        .containsExactlyInAnyOrder("q: 1 missing of a, first 1", "q: 1 missing of b, first 0");
  }

  @Test
  void whatComesTooLateIsOutOfOrderWhereThereIsOne() {
    var unordered = new Ledger("u", false);
    for (Ledger each : List.of(ledger, unordered)) {
      each.saw("a:1", false);
      each.saw("a:0", true);
    }

    assertThat(ledger.complaints(Map.of("a", 2))).isEqualTo(List.of("q: a:0 came behind 1"));
    assertThat(unordered.complaints(Map.of("a", 2))).isEmpty();
  }

  @Test
  void whatNobodySentIsWrong() {
    ledger.saw("a:0", false);
    ledger.saw("a:1", false);

    assertThat(ledger.complaints(Map.of("a", 1))).hasSize(1);
  }
}

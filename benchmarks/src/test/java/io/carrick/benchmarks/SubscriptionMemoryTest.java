package io.carrick.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubscriptionMemoryTest {

  /** So many that the tables are as full as with a million. */
  private static final int SESSIONS = 125;

  @ParameterizedTest
  @CsvSource({"EXACT, 160", "WILDCARD, 160", "OVERLAPPING, 200"})
  void aSubscriptionTakesLittleBesideItsFilter(Filters filters, int bytes) {
    assertThat(SubscriptionMemory.measure(filters, SESSIONS).bytesEach())
        .isBetween(1L, (long) bytes);
  }
}

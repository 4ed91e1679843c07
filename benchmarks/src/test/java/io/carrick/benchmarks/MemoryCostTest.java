package io.carrick.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryCostTest {

  @ParameterizedTest
  @CsvSource({"10000, 64, 1", "60000, 64, 1", "30000, 1000, 1", "10000, 64, 10"})
  void theBrokerKnowsWhatMessagesTakeOfTheHeap(int messages, int payload, int queues) {
    MemoryCost.Cost cost = MemoryCost.measure(messages, payload, queues);
    assertThat(cost.countedBytes()).isCloseTo(cost.heapBytes(), Percentage.withPercentage(20));
  }
}

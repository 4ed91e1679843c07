package io.carrick.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.benchmarks.load.Result.Latency;
import io.carrick.benchmarks.load.Result.Tally;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Several rounds in one row. */
class ResultTest {

  private static Result round(double rate, double cpu, long p50, long lost) {
    return new Result(
        "one",
        Scenario.named("mqtt-0"),
        rate,
        OptionalDouble.of(cpu),
        new Latency(p50, p50 * 2, p50 * 3, p50 * 4),
        new Tally(10, lost, 0, 0));
  }

  @Test
  void theMedianOfEachFigureAndTheSumOfAllTalliesAreShown() {
    Result median =
        Result.median(List.of(round(100, 9, 5, 1), round(300, 1, 1, 0), round(200, 2, 9, 2)));

    assertThat(median.rate()).isEqualTo(200);
    assertThat(median.cpuPerMillion()).hasValue(2);
    assertThat(median.latency()).isEqualTo(new Latency(5, 10, 15, 20));
    assertThat(median.tally().lost()).isEqualTo(3);
  }

  @Test
  void twoRoundsHaveTheirMean() {
    assertThat(Result.median(List.of(round(100, 1, 1, 0), round(300, 1, 1, 0))).rate())
        .isEqualTo(200);
  }
}

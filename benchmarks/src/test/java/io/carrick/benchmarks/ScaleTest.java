package io.carrick.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScaleTest {

  /** What {@code Scale} prints for ten times as many, and a quarter more. */
  @Test
  void whatThereAreManyOfTakesLittleHeap() {
    assertThat(Scale.queues(5_000).bytesEach()).isLessThan(640);
    assertThat(Scale.bindings(10_000, 100, false).bytesEach()).isLessThan(240);
    assertThat(Scale.bindings(10_000, 1, true).bytesEach()).isLessThan(240);
    assertThat(Scale.consumers(1_000, false).bytesEach()).isLessThan(240);
  }
}

package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The programs to copy from, run as a reader runs them. */
class ExampleProgramsTest {

  @Test
  void theOrderDeskPacksEveryPaidOrderOnce() throws Exception {
    try (Program program = Program.java(OrderDesk.class)) {
      assertThat(program.output().lines())
          .containsExactlyInAnyOrder(
              "packed rope",
              "dropped the anchor, once more",
              "packed anchor",
              "packed sail",
              "the unpaid mast is UNROUTED");
    }
  }

  @Test
  void theGreenhouseOpensItsValveWhenItIsDry() throws Exception {
    try (Program program = Program.java(Greenhouse.class)) {
      assertThat(program.output().lines())
          .containsExactly("moisture 35 %", "moisture 22 %", "moisture 12 %", "valve: open");
    }
  }
}

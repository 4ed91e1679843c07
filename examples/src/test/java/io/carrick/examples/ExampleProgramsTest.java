package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.examples.tour.BridgeTour;
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

  @Test
  void theTourOfTheBridgeShowsAllThatCrosses() throws Exception {
    try (Program program = Program.java(BridgeTour.class)) {
      String shown = program.output();
      assertThat(shown.lines().filter(line -> line.matches("\\d\\. .*"))).hasSize(7);
      assertThat(shown)
          .contains("sent on by AMQP, MQTT 5 sees: topic lab/room 1.07/weight, unit kg, expiry")
          .contains("MQTT 5 sees: x-amqp-type calibration, limits {")
          .contains("'by AMQP: open'", "'3 orders'", "'from this program: open'")
          .contains("'on', x-mqtt-retained true", "'off, says AMQP', with the RETAIN flag")
          .contains("job 6=", "task 6=")
          .contains("'door 9', x-mqtt-reason 131 (no such door)", "x-first-death-reason rejected")
          .contains("\"targets\":3,\"acknowledged\":2,", "\"targets\":3,\"acknowledged\":3,")
          .contains("greenhouse/# → mqtt.session.display: queued");
    }
  }
}

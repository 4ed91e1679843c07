package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code carrick demo} as a user of the command line meets it. */
class DemoTest {

  @Test
  void losesNothingAndShowsWhatItCounted() throws Exception {
    try (Program demo = Program.carrick("demo", "--seconds", "2", "--rate", "25")) {
      String shown = demo.output();

      assertThat(shown)
          .contains("20 devices publish 25 readings a second each for 2 s: MQTT 127.0.0.1:")
          .containsPattern("\n  1 s  readings sent ")
          .containsPattern("readings, MQTT QoS 0 to AMQP +340 +340 +- +0 +0 ")
          .containsPattern("readings, MQTT QoS 1 to AMQP +340 +340 +340 +0 +0 ")
          .containsPattern("readings, MQTT QoS 2 to AMQP +320 +320 +320 +0 +0 ")
          .containsPattern("commands, AMQP to MQTT +60 +60 +60 +0 +0 ")
          .contains("nothing was lost");
    }
  }

  @Test
  void anOptionThatCannotBeMeantIsOneClearLine() throws Exception {
    try (Program demo = Program.carrick("demo", "--devices", "0")) {
      assertThat(demo.exitCode()).isEqualTo(2);
      assertThat(demo.errors().lines()).singleElement().asString().contains("--devices");
    }
  }
}

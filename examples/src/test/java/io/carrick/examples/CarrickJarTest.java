package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jar itself, after it was packaged: what was lost or mixed up in packing shows only here. */
class CarrickJarTest {

  private static Program jar(String... arguments) throws Exception {
    String jar = Path.of("target", "carrick.jar").toString();
    return Program.start(
        Stream.concat(Stream.of(Program.JAVA, "-jar", jar), Stream.of(arguments))
            .toArray(String[]::new));
  }

  @Test
  void demoLosesNothing() throws Exception {
    try (Program demo = jar("demo", "--seconds", "1", "--rate", "20")) {
      assertThat(demo.output()).endsWith("nothing was lost\n");
    }
  }

  @Test
  void serveGetsReadyAndStopsWhenItIsTold() throws Exception {
    try (Program serve = jar("serve", "--mqtt", "0", "--amqp", "0")) {
      serve.awaitLine("carrick ready mqtt=127.0.0.1:");
      serve.terminate();

      assertThat(serve.exitCode()).isZero();
      assertThat(serve.errors().lines())
          .as("what is logged: that it started, and that it closed")
          .hasSize(2)
          .allMatch(line -> line.contains("INFO io.carrick.engine"));
    }
  }

  @Test
  void itKnowsItsVersion() throws Exception {
    try (Program version = jar("--version")) {
      assertThat(version.output()).matches("carrick \\d+\\.\\d+\\.\\d+\\S*\n");
    }
  }
}

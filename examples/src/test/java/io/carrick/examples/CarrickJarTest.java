package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar itself, after it was packaged: what was lost or mixed up in packing shows only here. */
class CarrickJarTest {

  /** JDK 17 loads some 1,900. */
  private static final int MOST_CLASSES = 2_300;

  private static Program jar(String... arguments) throws Exception {
    return jar(List.of(), arguments);
  }

  private static Program jar(List<String> jvmOptions, String... arguments) throws Exception {
    String jar = Path.of("target", "carrick.jar").toString();
    var command = new ArrayList<String>(List.of(Program.JAVA));
    command.addAll(jvmOptions);
    command.addAll(List.of("-jar", jar));
    command.addAll(List.of(arguments));
    return Program.start(command.toArray(String[]::new));
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
  void aClassDataArchiveHasAlmostEveryClassThatServeNeeds(@TempDir Path folder) throws Exception {
    Path archive = folder.resolve("carrick.jsa");
    try (Program serve = serve("-XX:ArchiveClassesAtExit=" + archive)) {
      serve.awaitLine("carrick ready");
      serve.terminate();
      assertThat(serve.exitCode()).isZero();
    }

    Path loaded = folder.resolve("loaded.txt");
    try (Program serve =
        serve("-XX:SharedArchiveFile=" + archive, "-Xlog:class+load:file=" + loaded)) {
      serve.awaitLine("carrick ready");
    }
    List<String> classes = Files.readAllLines(loaded);
    assertThat(classes)
        .filteredOn(line -> line.contains("source: shared objects file"))
        .as("archived, of " + classes.size() + " classes")
        .hasSizeGreaterThan(classes.size() * 95 / 100)
        .anyMatch(line -> line.contains(" io.carrick.engine.EmbeddedBroker "));
    assertThat(classes).as("classes that a fresh JVM has to load").hasSizeLessThan(MOST_CLASSES);
  }

  private static Program serve(String... jvmOptions) throws Exception {
    return jar(List.of(jvmOptions), "serve", "--mqtt", "0", "--amqp", "0");
  }

  @Test
  void itKnowsItsVersion() throws Exception {
    try (Program version = jar("--version")) {
      assertThat(version.output()).matches("carrick \\d+\\.\\d+\\.\\d+\\S*\n");
    }
  }
}

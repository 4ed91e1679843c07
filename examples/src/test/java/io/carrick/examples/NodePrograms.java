package io.carrick.examples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** What is under {@code examples/node}, with the packages that it needs. Stateless. */
final class NodePrograms {

  private NodePrograms() {}

  /** Copies it into a folder and installs what it needs there; skips the calling test without. */
  static void install(Path folder) throws IOException, InterruptedException {
    Program.assumeInstalled("node", "node", "--version");
    Program.assumeInstalled("npm", "npm", "--version");
    try (Stream<Path> files = Files.list(Path.of("node"))) {
      files.filter(Files::isRegularFile).forEach(file -> copy(file, folder));
    }
    try (Program npm =
        Program.start(folder, Map.of(), "npm", "install", "--no-audit", "--no-fund")) {
      assumeTrue(npm.exitCode() == 0, "npm cannot install mqtt and amqplib");
    }
  }

  private static void copy(Path file, Path folder) {
    try {
      Files.copy(file, folder.resolve(file.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

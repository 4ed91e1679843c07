package io.carrick.examples;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that this test was built from. Stateless. */
final class ProjectTree {

  /** Modules that a user puts on the class path. */
  static final List<String> PUBLISHED =
      List.of(
          "api",
          "storage-spi",
          "routing-engine",
          "storage-journal",
          "exchange-types",
          "transport",
          "mqtt-adapter",
          "amqp-adapter",
          "carrick",
          "testing");

  private static final List<String> PROGRAMS = List.of("examples", "benchmarks");

  private ProjectTree() {}

  /** Returns the project's root folder: Maven runs a module's tests in the module's folder. */
  static Path root() {
    return Path.of("").toAbsolutePath().getParent();
  }

  /** Returns the compiled classes of what is published. */
  static JavaClasses publishedClasses() {
    return classes(PUBLISHED.stream().map(module -> compiled(module, "classes")));
  }

  /** Returns the compiled classes of the programs. */
  static JavaClasses programClasses() {
    return classes(PROGRAMS.stream().map(module -> compiled(module, "classes")));
  }

  /** Returns the compiled tests of every module. */
  static JavaClasses testClasses() {
    return classes(
        Stream.concat(PUBLISHED.stream(), PROGRAMS.stream())
            .map(module -> compiled(module, "test-classes")));
  }

  private static Path compiled(String module, String kind) {
    return root().resolve(module).resolve("target").resolve(kind);
  }

  private static JavaClasses classes(Stream<Path> folders) {
    // What JMH's generator writes around a benchmark is not ours.
    return new ClassFileImporter()
        .withImportOption(location -> !location.contains("/jmh_generated/"))
        .importPaths(folders.filter(Files::isDirectory).toList());
  }

  /** Returns the Java sources of every module, without package-info and module-info. */
  static List<Path> sources() {
    return files("src/main/java", "src/test/java").stream()
        .filter(file -> file.toString().endsWith(".java"))
        .filter(file -> !file.getFileName().toString().contains("-info"))
        .toList();
  }

  /** Returns the folders of packages in main code. */
  static List<Path> packages() {
    return files("src/main/java").stream()
        .filter(file -> file.toString().endsWith(".java"))
        .filter(file -> !file.endsWith("module-info.java"))
        .map(Path::getParent)
        .distinct()
        .toList();
  }

  private static List<Path> files(String... parts) {
    return Stream.concat(PUBLISHED.stream(), PROGRAMS.stream())
        .flatMap(module -> Stream.of(parts).map(part -> root().resolve(module).resolve(part)))
        .filter(Files::isDirectory)
        .flatMap(folder -> filesIn(folder).stream())
        .toList();
  }

  private static List<Path> filesIn(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of its own process, which a test starts, listens to and ends. Confined to the test's
 * thread.
 */
final class Program implements AutoCloseable {

  /** The command of the JVM that runs the tests. */
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final List<String> command;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final StringBuffer output = new StringBuffer();
  private final StringBuffer errors = new StringBuffer();
  private final Thread outputReader;
  private final Thread errorReader;

  private Program(List<String> command, Path folder, Map<String, String> environment)
      throws IOException {
    this.command = command;
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.redirectInput(new File("/dev/null"));
    process = builder.start();
    outputReader = collect(process.getInputStream(), output, true);
    errorReader = collect(process.getErrorStream(), errors, false);
  }

  static Program start(String... command) throws IOException {
    return start(Path.of("."), Map.of(), command);
  }

  static Program start(Path folder, Map<String, String> environment, String... command)
      throws IOException {
    return new Program(List.of(command), folder, environment);
  }

  /** Starts carrick as {@code java -jar carrick.jar} does, from this build's classes. */
  static Program carrick(String... arguments) throws IOException {
    return java(CarrickCommand.class, arguments);
  }

  /** Starts a program of this build. */
  static Program java(Class<?> main, String... arguments) throws IOException {
    return java(List.of(), main, arguments);
  }

  /** Starts a program of this build in a JVM with options. */
  static Program java(List<String> jvmOptions, Class<?> main, String... arguments)
      throws IOException {
    String classes = System.getProperty("java.class.path");
    return start(
        Stream.of(
                Stream.of(JAVA),
                nativeAccess(),
                jvmOptions.stream(),
                Stream.of("-cp", classes, main.getName()),
                Stream.of(arguments))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  /** What the jar's manifest grants: newer JDKs warn without it. */
  private static Stream<String> nativeAccess() {
    return Runtime.version().feature() >= 24
        ? Stream.of("--enable-native-access=ALL-UNNAMED")
        : Stream.empty();
  }

  /** Skips the calling test, saying why, unless a command succeeds. */
  static void assumeInstalled(String what, String... command) throws InterruptedException {
    assumeTrue(succeeds(command), what + " is not installed");
  }

  /** Returns whether there is such a command and it ends with exit code 0. */
  static boolean succeeds(String... command) throws InterruptedException {
    try (Program program = start(command)) {
      return program.exitCode() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Thread collect(InputStream stream, StringBuffer into, boolean asLines) {
    var reader =
        new Thread(
            () -> {
              try (var in =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                  into.append(line).append('\n');
                  if (asLines) {
                    lines.add(line);
                  }
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "reader of " + command.get(0));
    reader.setDaemon(true); // what the program has started may hold its output open
    reader.start();
    return reader;
  }

  /** Waits for the next line on standard output that begins so. */
  String awaitLine(String beginning) throws InterruptedException {
    while (true) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(line).as("a line '%s' of %s; errors: %s", beginning, command, errors).isNotNull();
      if (line.startsWith(beginning)) {
        return line;
      }
    }
  }

  /** Asks the program to end, as {@code kill} does; what it says then is heard. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy would close its output as well
  }

  /** Lets it run for a while; it must not end by itself meanwhile. */
  void goesOnFor(Duration time) throws InterruptedException {
    boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
    assertThat(ended).as("%s has ended; errors: %s", command, errors).isFalse();
  }

  /** Waits for the program's end. */
  int exitCode() throws InterruptedException {
    return exitCode(Duration.ofSeconds(PATIENCE_SECONDS));
  }

  /** Waits for the program's end for that long at most. */
  int exitCode(Duration atMost) throws InterruptedException {
    boolean ended = process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
    assertThat(ended).as("%s ends within %s; errors: %s", command, atMost, errors).isTrue();
    outputReader.join();
    errorReader.join();
    return process.exitValue();
  }

  /** Waits for the program's end, which has to be a success, and returns what it printed. */
  String output() throws InterruptedException {
    assertThat(exitCode()).as("exit code of %s; errors: %s", command, errors).isZero();
    return output.toString();
  }

  /** Returns what it has said on standard error. */
  String errors() {
    return errors.toString();
  }

  /** Ends the program, and what it has started, if it has not ended by itself. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }
}

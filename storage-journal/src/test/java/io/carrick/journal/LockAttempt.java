package io.carrick.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** A process that tries to have a journal for itself, says how that went, and ends. */
final class LockAttempt {

  private LockAttempt() {}

  public static void main(String[] args) {
    try (Closeable lock = DiskFileSystem.in(Path.of(args[0])).lock()) {
      System.out.println("has it: " + (lock != null));
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
  }

  /** Runs it for a directory and returns what it said. */
  static String inOtherProcess(Path directory) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                LockAttempt.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said.strip();
  }
}

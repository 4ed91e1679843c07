package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A process with a small heap: 300 queues get every message, 1 KB each, and have none of them in
 * memory; then each reads all of them. Says what it saw, and ends.
 */
final class SmallHeapLoad {

  private static final int QUEUES = 300;
  private static final long[] IDS = LongStream.rangeClosed(1, QUEUES).toArray();
  private static final int BYTES = 1_024;
  private static final int A_TURN = 50;

  private SmallHeapLoad() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    int messages = Integer.parseInt(args[1]);
    var settings = new Journal.Settings(Journal.Sync.OS, 8 << 20, false);
    try (var probe = new StoreProbe(DiskFileSystem.in(directory), settings)) {
      fill(probe, messages);
      System.out.println("filled: " + probe.store.state());
      System.out.println("MiB: " + (bytes(directory) >> 20));
      System.out.println("heap KiB: " + usedKib());
    }
    try (var probe = new StoreProbe(DiskFileSystem.in(directory), settings)) {
      int wrong = 0;
      for (int read = 0; read < messages; read += A_TURN) {
        for (long queue : IDS) {
          List<StoredMessage> some = probe.read(queue, A_TURN);
          for (int i = 0; i < some.size(); i++) {
            wrong += some.get(i).message().text().startsWith((read + i) + "-") ? 0 : 1;
            probe.appender.settle(queue, some.get(i).sequence());
          }
          wrong += some.size() == A_TURN ? 0 : 1;
        }
        probe.appender.submit();
      }
      System.out.println("wrong: " + wrong);
      System.out.println("read: " + probe.store.state());
    }
    try (Stream<Path> left = Files.list(directory)) {
      System.out.println(
          "left: " + left.filter(f -> LogFileNames.isCold(f.getFileName().toString())).count());
    }
  }

  private static void fill(StoreProbe probe, int messages) throws InterruptedException {
    Appender appender = probe.appender;
    List<QueueLog> logs = LongStream.of(IDS).mapToObj(probe::log).toList();
    for (int i = 0; i < messages; i++) {
      Message message = Message.of(i + "-".repeat(BYTES));
      long sequence = appender.append(message, IDS, QUEUES);
      for (QueueLog log : logs) {
        log.add(new StoredMessage(sequence, message, null));
      }
      if (i % A_TURN == A_TURN - 1) {
        appender.submit();
        awaitRelief(probe.store);
      }
    }
    probe.commit();
  }

  /** Does what a publisher does. */
  private static void awaitRelief(MessageStore store) throws InterruptedException {
    if (store.congested()) {
      var relieved = new CountDownLatch(1);
      store.wakeWhenRelieved(relieved::countDown);
      relieved.await();
    }
  }

  private static long usedKib() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 10;
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(f -> LogFileNames.isCold(f.getFileName().toString()))
          .mapToLong(f -> f.toFile().length())
          .sum();
    }
  }

  /** Runs it with a small heap and returns what it said. */
  static String inOtherProcess(Path directory, String heap, int messages) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                heap,
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeapLoad.class.getName(),
                directory.toString(),
                Integer.toString(messages))
            .redirectErrorStream(true)
            .start();
    var said = new AtomicReference<>("");
    var reading =
        new Thread(
            () -> {
              try {
                said.set(new String(process.getInputStream().readAllBytes()));
              } catch (IOException e) {
                said.set(e.toString());
              }
            });
    reading.start();
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    reading.join();
    return said.get();
  }
}

package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.journal.Journal;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fills one queue far beyond memory, opens the store again, and consumes in order. */
@Command(
    name = "backlog",
    description = "Fill one queue beyond memory, restart, consume it in order.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class Backlog implements Callable<Integer> {

  private static final int TURN = 200;
  private static final int READ_MESSAGES = 8_192;
  private static final int READ_BYTES = 8 << 20;

  @Option(names = "--messages", description = "How many.")
  private long messages = 50_000_000;

  @Option(names = "--bytes", description = "Payload bytes of each.")
  private int bytes = 100;

  @Option(names = "--window", description = "How many of them the queue holds in memory.")
  private int window = 16_384;

  @Option(names = "--directory", required = true, description = "An empty directory.")
  private Path directory = Path.of(".");

  @Option(names = "--sync", description = "FSYNC, OS or NONE.")
  private Journal.Sync sync = Journal.Sync.FSYNC;

  @Option(names = "--restart", negatable = true, description = "Restart before consuming.")
  private boolean restart = true;

  private long received;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Journal journal = Journal.in(directory).sync(sync);
    var loop = new OneLoop(journal);
    QueueLog log = loop.store.queueLog(OneLoop.QUEUE, loop::execute);
    fill(loop, log);
    if (restart) {
      var closing = new Meter();
      loop.close();
      System.out.printf("closed in %.1f s%n", closing.seconds());
      var opening = new Meter();
      loop = new OneLoop(journal);
      System.out.printf("%,d messages back in %.2f s%n", loop.recovered(), opening.seconds());
      log = loop.store.queueLog(OneLoop.QUEUE, loop::execute);
    }
    consume(loop, log);
    loop.close();
    return 0;
  }

  private void fill(OneLoop loop, QueueLog log) throws InterruptedException {
    var meter = new Meter();
    Message message = OneLoop.message(bytes);
    long last = 0;
    for (long i = 0; i < messages; i++) {
      last = loop.append(message);
      if (i >= window || restart) {
        log.add(new StoredMessage(last, message, null));
      }
      if (i % TURN == 0) {
        loop.appender.submit();
        loop.awaitRelief();
      }
    }
    loop.appender.submit();
    loop.awaitDurable(last);
    print("filled", messages, meter);
  }

  private void consume(OneLoop loop, QueueLog log) throws InterruptedException {
    var meter = new Meter();
    long wanted = log.size();
    while (received < wanted) {
      boolean[] read = {false};
      log.readNext(
          READ_MESSAGES,
          READ_BYTES,
          batch -> {
            take(loop, batch);
            read[0] = true;
          });
      while (!read[0]) {
        loop.runNext();
      }
      loop.awaitRelief();
    }
    loop.awaitDurable(loop.appender.submit());
    print("consumed", received, meter);
  }

  private void take(OneLoop loop, List<StoredMessage> batch) {
    for (StoredMessage m : batch) {
      loop.appender.settle(OneLoop.QUEUE, m.sequence());
    }
    received += batch.size();
    loop.appender.submit();
  }

  private static void print(String what, long count, Meter meter) {
    double seconds = meter.seconds();
    System.out.printf(
        "%s %,d messages in %.1f s: %,.0f/s, %.0f ns of CPU each; heap %,d of %,d MB%n",
        what,
        count,
        seconds,
        count / seconds,
        meter.cpuNanos() / count,
        (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }
}

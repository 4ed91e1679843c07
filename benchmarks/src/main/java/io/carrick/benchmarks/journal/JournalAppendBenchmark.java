package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a loop pays for a stored message: encoding it into the batch of its turn and submitting
 * that, beside the settling of another one. The journal's threads write meanwhile, without a sync;
 * the loop waits only while they are behind.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class JournalAppendBenchmark {

  private static final int TURN = 200;

  /** Payload bytes of a message. */
  @Param({"64", "1024"})
  public int payload;

  private Path directory = Path.of(".");
  private @Nullable OneLoop loop;
  private Message message = OneLoop.message(0);
  private final long[] settled = new long[TURN];

  /** Opens a journal in a new directory. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("journal-append");
    loop = new OneLoop(Journal.in(directory).sync(Journal.Sync.NONE));
    message = OneLoop.message(payload);
  }

  /** Deletes it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    loop().close();
    Confirming.delete(directory);
  }

  private OneLoop loop() {
    return java.util.Objects.requireNonNull(loop);
  }

  /** One turn of a loop: messages come in, as many are settled. */
  @Benchmark
  @OperationsPerInvocation(TURN)
  public void turn() throws InterruptedException {
    OneLoop there = loop();
    for (int i = 0; i < TURN; i++) {
      if (settled[i] != 0) {
        there.appender.settle(OneLoop.QUEUE, settled[i]);
      }
      settled[i] = there.append(message);
    }
    there.appender.submit();
    there.awaitRelief();
  }
}

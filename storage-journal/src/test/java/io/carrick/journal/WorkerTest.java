package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A thread of the journal ends when it is told to, and by nothing else. */
class WorkerTest {

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final Worker worker =
      new Worker(
          "carrick-journal-test", waited -> Worker.Idle.WHEN_ASKED, e -> seen.add("told of " + e));

  @BeforeEach
  void start() {
    worker.start();
  }

  @AfterEach
  void close() {
    worker.close();
  }

  private String next() throws InterruptedException {
    String next = seen.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  @Test
  void aTaskThatRunsOutOfMemoryIsToldAndTheNextOneRuns() throws InterruptedException {
    worker.execute(
        () -> {
          throw new OutOfMemoryError("on purpose");
        });
    worker.execute(() -> seen.add("next"));

    assertThat(next()).isEqualTo("told of java.lang.OutOfMemoryError: on purpose");
    assertThat(next()).isEqualTo("next");
  }

  @Test
  void anInterruptReachesNoTask() throws InterruptedException {
    worker.execute(() -> Thread.currentThread().interrupt());
    worker.execute(() -> seen.add("interrupted: " + Thread.currentThread().isInterrupted()));

    assertThat(next()).isEqualTo("interrupted: false");
  }
}

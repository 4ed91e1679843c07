package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.PlainCodec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What the writer of the log says is safe, whatever loops do meanwhile. */
class WalWriterTest {

  private static final long PATIENCE_SECONDS = 20;

  @Property
  void aBatchThatWasWrittenBeforeItsLoopCouldCloseItBecomesDurable(@ForAll Journal.Sync sync)
      throws IOException, InterruptedException {
    var durability = new Durability();
    var pool = new SegmentPool(new MemoryFiles(), durability, 64 << 10);
    pool.refill();
    var written = new CountDownLatch(1);
    var writer =
        new WalWriter(
            pool, durability, whenWritten(written), sync, new WalWriter.Identity(7, 0, 0));
    writer.start();
    var appender =
        new JournalAppender(
            durability, new PlainCodec(), Block::start, closedAfter(written, writer));
    durability.add(appender);

    appender.append(Message.of("m"), new long[] {1}, 1);
    long sequence = appender.submit();

    var durable = new CountDownLatch(1);
    durability.whenDurable(sequence, durable::countDown);
    assertThat(durable.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("durable").isTrue();
    writer.close();
  }

  private static WalWriter.Follower whenWritten(CountDownLatch written) {
    return new WalWriter.Follower() {
      @Override
      public void written(List<Block> blocks, long upTo) {
        if (!blocks.isEmpty()) {
          written.countDown();
        }
      }

      @Override
      public void sealed(long number, long end) {
        throw new AssertionError("one block fits in a segment");
      }
    };
  }

  /** Submits to a writer and lets it write, before the appender says that its batch is closed. */
  private static JournalAppender.Intake closedAfter(CountDownLatch written, WalWriter writer) {
    return new JournalAppender.Intake() {
      @Override
      public void submit(Batch batch) {
        writer.submit(batch);
        writer.closed();
        try {
          assertThat(written.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("written").isTrue();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void closed() {
        writer.closed();
      }
    };
  }
}

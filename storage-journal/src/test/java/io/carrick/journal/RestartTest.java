package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is done to a journal that has been opened again. */
class RestartTest {

  private static final long QUEUE = 1;

  private final MemoryFiles files = new MemoryFiles();

  private static long publish(StoreProbe probe, String text) {
    long sequence = probe.append(text, QUEUE);
    probe.log(QUEUE).add(new StoredMessage(sequence, Message.of(text), null));
    probe.commit();
    return sequence;
  }

  @Test
  void whatIsStoredBehindAnImageIsReadOnce() throws IOException {
    try (var probe = new StoreProbe(files)) {
      publish(probe, "of the first run");
    }
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).containsEntry(QUEUE, 1L);
      publish(probe, "of the second run");
      long delivered = probe.append("delivered from memory", QUEUE);
      probe.commit();
      probe.appender.settle(QUEUE, delivered);
      probe.append("held in memory", QUEUE);
      probe.commit();

      assertThat(probe.texts(QUEUE)).containsExactly("of the first run", "of the second run");
    }
  }

  @Test
  void whatIsSettledTwiceIsTakenFromTheCountOnce() throws IOException {
    try (var probe = new StoreProbe(files)) {
      long first = publish(probe, "settled");
      publish(probe, "kept");
      publish(probe, "kept too");
      for (int i = 0; i < 3; i++) {
        probe.appender.settle(QUEUE, first);
        probe.commit();
      }
      MemoryFiles crashed = files.crashedAfter(files.operations(), MemoryFiles.Survival.ALL);
      try (var after = new StoreProbe(crashed)) {
        assertThat(after.counts).containsEntry(QUEUE, 2L);
        assertThat(after.texts(QUEUE)).containsExactly("kept", "kept too");
      }
    }
  }
}

package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Copies of a store that goes on working. */
class StoreSnapshotTest {

  private static final long QUEUE = 1;

  private final MemoryFiles files = new MemoryFiles();

  @Test
  void aSnapshotOfARunningStoreIsAStore() throws IOException {
    var copy = new MemoryFiles();
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 500; i++) {
        String text = "m" + i + "-".repeat(100);
        long sequence = probe.append(text, QUEUE);
        probe.appender.put("t", "k" + i % 7, text.getBytes());
        if (i > 50) {
          probe.log(QUEUE).add(new StoredMessage(sequence, Message.of(text), null));
        }
        probe.commit();
      }

      ((JournalStore) probe.store).snapshot(copy);

      probe.append("later", QUEUE);
      probe.commit();
    }
    try (var probe = new StoreProbe(copy)) {
      assertThat(probe.texts(QUEUE)).hasSize(500);
      assertThat(probe.definitions).hasSize(7);
    }
  }

  @Test
  void aSnapshotUnderLoadHasWhatWasConfirmedBefore() throws Exception {
    try (var probe = new StoreProbe(files)) {
      var stop = new AtomicBoolean();
      var confirmed = new AtomicInteger();
      var load =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; !stop.get(); i++) {
                  probe.append("m" + i + "-".repeat(500), QUEUE);
                  probe.commit();
                  confirmed.set(i + 1);
                }
              });
      for (int i = 0; i < 10; i++) {
        int before = confirmed.get();
        while (confirmed.get() == before && !load.isDone()) {
          Thread.onSpinWait(); // without load a snapshot proves nothing
        }
        before = confirmed.get();
        var copy = new MemoryFiles();
        ((JournalStore) probe.store).snapshot(copy);
        try (var restored = new StoreProbe(copy)) {
          List<String> texts = restored.texts(QUEUE);
          assertThat(texts).hasSizeGreaterThanOrEqualTo(before);
          for (int m = 0; m < texts.size(); m++) {
            assertThat(texts.get(m)).startsWith("m" + m + "-");
          }
        }
      }
      stop.set(true);
      load.join();
    }
  }

  @Test
  void aSnapshotThatDidNotEndIsNoJournal() throws IOException {
    var copy = new MemoryFiles();
    try (var probe = new StoreProbe(files)) {
      FaultTest.spill(probe, QUEUE, 300);
      ((JournalStore) probe.store).snapshot(copy);
    }
    int operations = copy.operations();
    for (int i = 1; i < operations; i++) {
      MemoryFiles part = copy.crashedAfter(i, Survival.ALL);
      boolean complete = part.list().stream().anyMatch(name -> name.matches("image-[0-9]+.log"));
      boolean begun = part.list().stream().anyMatch(LogFileNames::isCold);
      if (begun && !complete) {
        assertThatThrownBy(() -> new StoreProbe(part)).isInstanceOf(IOException.class);
      }
    }
  }
}

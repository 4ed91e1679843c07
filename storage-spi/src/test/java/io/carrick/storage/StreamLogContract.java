package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the streams of every message store promise; a store's own test extends it. */
public abstract class StreamLogContract {

  /** A stream. */
  protected static final long STREAM = 7;

  /** As much as a test ever reads. */
  protected static final long MUCH = 1 << 20;

  /** The store under test, opened and recovered. */
  protected MessageStore store;

  /** The stream under test. */
  protected StreamLog log;

  /** Of the loop of the stream and its publishers. */
  protected Appender appender;

  /** The next offset of the stream. */
  protected long next;

  /** Opens the store, with what was in it. */
  protected abstract MessageStore open() throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
    store.recover(new Forgetful());
    appender = store.appender();
    log = store.streamLog(STREAM, Runnable::run);
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  /** Sees what a store holds and does not care. */
  protected static class Forgetful implements MessageStore.Recovery {

    @Override
    public void definition(String table, String key, byte[] record) {}

    @Override
    public void queue(long queueId, long messages) {}
  }

  /** Adds a message as a stream does, in one turn. */
  protected void add(String... texts) {
    for (String text : texts) {
      Message message = Message.of(text);
      long sequence = appender.append(message, new long[] {STREAM}, 1);
      place(message, sequence);
    }
    log.flush();
    appender.submit();
  }

  /** Gives a message the next offset. */
  protected void place(Message message, long sequence) {
    appender.place(STREAM, next++, sequence);
    log.add(sequence, message);
  }

  /** What was read. Immutable. */
  protected record Read(long first, List<String> texts) {}

  /** Reads once. */
  protected Read read(long from, long maxBytes) throws InterruptedException {
    var texts = new ArrayList<String>();
    long[] first = {-1};
    var done = new CountDownLatch(1);
    log.read(
        from,
        maxBytes,
        (at, messages) -> {
          first[0] = at;
          messages.forEach(m -> texts.add(m.text()));
          done.countDown();
        });
    assertThat(done.await(10, TimeUnit.SECONDS)).as("something was read").isTrue();
    return new Read(first[0], texts);
  }

  /** Reads all from an offset on; offsets follow each other. */
  protected List<String> readAll(long from) throws InterruptedException {
    var all = new ArrayList<String>();
    Read read = read(from, 1);
    long at = read.first;
    while (!read.texts.isEmpty()) {
      assertThat(read.first).isEqualTo(at);
      all.addAll(read.texts);
      at += read.texts.size();
      read = read(at, 1);
    }
    return all;
  }

  @Test
  void whatWasAddedIsReadFromAnyOffsetAsOftenAsWanted() throws Exception {
    add("a", "b", "c");
    add("d");

    assertThat(readAll(0)).containsExactly("a", "b", "c", "d");
    assertThat(readAll(2)).containsExactly("c", "d");
    assertThat(readAll(0)).containsExactly("a", "b", "c", "d");
    assertThat(read(1, MUCH).first).isEqualTo(1);
  }

  @Test
  void behindTheEndIsNothingUntilSomethingIsAdded() throws Exception {
    assertThat(read(0, MUCH).texts).isEmpty();
    add("a");
    assertThat(read(1, MUCH).texts).isEmpty();
    add("b");
    assertThat(read(1, MUCH).texts).containsExactly("b");
  }

  @Test
  void aReadStopsAtItsBytes() throws Exception {
    for (int i = 0; i < 100; i++) {
      add("x".repeat(10_000));
    }

    assertThat(read(0, 200_000).texts).hasSizeBetween(1, 40);
    assertThat(readAll(0)).hasSize(100);
  }

  @Test
  void segmentsAreDroppedAsAWholeAndReadingBeginsBehindThem() throws Exception {
    add("a", "b");
    log.startSegment();
    add("c", "d");
    log.startSegment();
    add("e");

    log.dropBefore(2);

    assertThat(read(0, 1).first).isEqualTo(2);
    assertThat(readAll(0)).containsExactly("c", "d", "e");
    log.dropBefore(4);
    assertThat(readAll(3)).containsExactly("e");
  }

  @Test
  void theLogsOfTwoStreamsDoNotMeet() throws Exception {
    add("a");
    log = store.streamLog(8, Runnable::run);

    assertThat(read(0, MUCH).texts).isEmpty();
  }

  @Test
  void aClosedLogIsForgottenAndItsQueueDropped() throws Exception {
    add("a");
    log.close();
    appender.drop(STREAM);
    appender.submit();

    log = store.streamLog(9, Runnable::run);
    assertThat(read(0, MUCH).texts).isEmpty();
  }
}

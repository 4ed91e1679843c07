package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.StreamLog.Segment;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the streams of every message store promise that outlives its process. */
public abstract class DurableStreamLogContract extends StreamLogContract {

  private final Map<Long, Long> counts = new HashMap<>();

  /** Closes the store and opens it again: {@link #open} opens what is there. */
  private void reopen() throws Exception {
    var woken = new CountDownLatch(1);
    store.wakeWhenDurable(appender.submit(), woken::countDown);
    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    store.close();
    openAgain();
  }

  private void openAgain() throws IOException {
    counts.clear();
    store = open();
    store.recover(
        new Forgetful() {
          @Override
          public void queue(long queueId, long messages) {
            counts.put(queueId, messages);
          }
        });
    appender = store.appender();
    log = store.streamLog(STREAM, Runnable::run);
    List<Segment> segments = log.segments();
    next = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).end();
  }

  private long append(String text, long... queues) {
    return appender.append(Message.of(text), queues, queues.length);
  }

  @Test
  void messagesAndOffsetsAreThereAfterARestartAndGoOn() throws Exception {
    add("a", "b", "c");
    reopen();

    assertThat(next).isEqualTo(3);
    assertThat(counts).containsEntry(STREAM, 3L);
    add("d");
    assertThat(readAll(1)).containsExactly("b", "c", "d");
    reopen();
    assertThat(readAll(0)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void theOrderIsThatOfThePlacesNotOfTheAppends() throws Exception {
    long first = append("second", STREAM);
    long second = append("first", STREAM);
    place(Message.of("first"), second);
    place(Message.of("second"), first);
    log.flush();
    reopen();

    assertThat(readAll(0)).containsExactly("first", "second");
  }

  @Test
  void whatWasAppendedAndNotPlacedComesBehindInOrderAndStaysThere() throws Exception {
    append("not placed", STREAM);
    append("not placed either", STREAM);
    add("placed");
    reopen();

    List<String> all = List.of("placed", "not placed", "not placed either");
    assertThat(readAll(0)).isEqualTo(all);
    assertThat(next).isEqualTo(3);
    add("new");
    reopen();
    assertThat(readAll(0)).containsExactly("placed", "not placed", "not placed either", "new");
  }

  @Test
  void aMessageOfAStreamAndAQueueIsSettledInTheQueueAlone() throws Exception {
    long both = append("both", STREAM, 8);
    place(Message.of("both"), both);
    long other = append("queue", 8);
    log.flush();
    appender.settle(8, both);
    reopen();

    assertThat(readAll(0)).containsExactly("both");
    assertThat(counts).containsEntry(8L, 1L);
    appender.settle(8, other);
    reopen();
    assertThat(readAll(0)).containsExactly("both");
    assertThat(counts.getOrDefault(8L, 0L)).isZero();
  }

  @Test
  void segmentsSayWhatIsInThem() throws Exception {
    add("a", "bb");
    log.startSegment();
    add("ccc");
    reopen();

    assertThat(log.segments().stream().mapToLong(Segment::messages).sum()).isEqualTo(3);
    assertThat(log.segments().stream().mapToLong(Segment::bytes).sum()).isEqualTo(6);
    assertThat(log.segments().get(0).first()).isZero();
  }

  @Test
  void aDroppedStreamStaysAway() throws Exception {
    add("a", "b");
    appender.drop(STREAM);
    log.close();
    reopen();

    assertThat(counts).isEmpty();
    assertThat(log.segments()).isEmpty();
  }

  @Test
  void manyMessagesAreReadBackAfterSeveralRestarts() throws Exception {
    for (int run = 0; run < 3; run++) {
      for (int i = 0; i < 5_000; i++) {
        if (i % 1_000 == 0) {
          log.startSegment();
        }
        add("m" + next);
      }
      reopen();
    }
    List<String> all = readAll(0);
    assertThat(all).hasSize(15_000).startsWith("m0", "m1").endsWith("m14999");
    assertThat(readAll(7_777)).startsWith("m7777").hasSize(15_000 - 7_777);
  }
}

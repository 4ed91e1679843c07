package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.storage.MessageStore.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The store that other tests restart brokers on keeps the contract, and fails as it says. */
class DiskTest extends MessageStoreContract {

  private final Disk disk = new Disk();

  @Override
  protected MessageStore open() {
    return disk.open(new StoreContext(new PlainCodec(), Limits.defaults()));
  }

  /** What a store shows of itself. */
  private static final class Shown implements MessageStore.Recovery {
    private final List<String> what = new ArrayList<>();

    @Override
    public void definition(String table, String key, byte[] record) {
      what.add(table + "/" + key + "=" + record[0]);
    }

    @Override
    public void queue(long queueId, long messages) {
      what.add("queue " + queueId + ": " + messages);
    }
  }

  private List<String> content() throws Exception {
    var shown = new Shown();
    open().recover(shown);
    return shown.what;
  }

  @Test
  void whatWasNotDurableIsLostInACrash() throws Exception {
    Appender appender = store.appender();
    appender.append(Message.of("1"), new long[] {1}, 1);
    appender.submit();
    disk.hold();
    appender.append(Message.of("2"), new long[] {1}, 1);
    appender.submit();

    disk.crash();

    assertThat(content()).containsExactly("queue 1: 1");
  }

  @Test
  void theLaterOfTwoDefinitionsCountsInWhateverOrderTheyWereSubmitted() throws Exception {
    Appender one = store.appender();
    Appender two = store.appender();
    one.put("t", "k", new byte[] {1});
    two.put("t", "k", new byte[] {2});
    two.submit();
    one.submit();

    assertThat(content()).containsExactly("t/k=2");
  }

  @Test
  void nothingIsDurableThatAnEarlierRecordOfAnotherLoopIsMissingBefore() {
    Appender one = store.appender();
    Appender two = store.appender();
    long first = one.put("t", "1", new byte[] {1});
    two.put("t", "2", new byte[] {2});
    two.submit();

    assertThat(store.durableSequence()).isLessThan(first);
    one.submit();
    assertThat(store.durableSequence()).isGreaterThan(first);
  }

  @Test
  void aFailureWakesWhoWaits() {
    disk.hold();
    Appender appender = store.appender();
    appender.put("t", "k", new byte[] {1});
    var woken = new ArrayList<State>();
    store.wakeWhenDurable(appender.submit(), () -> woken.add(store.state()));

    disk.state(State.FAILED);

    assertThat(woken).containsExactly(State.FAILED);
  }
}

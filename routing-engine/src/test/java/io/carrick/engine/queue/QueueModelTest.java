package io.carrick.engine.queue;

import static io.carrick.spi.Settlement.ACCEPT;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.Memory;
import io.carrick.engine.delivery.TestMemory;
import io.carrick.engine.loop.ManualLoop;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.HeldBytes;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * A queue against a small model, under any sequence of actions, with its consumers on the same loop
 * or on another one: nothing is lost, nothing waits while somebody could take it, the order holds,
 * and a message is flagged as redelivered exactly if it was returned before.
 */
class QueueModelTest {

  private static final Verdict ENQUEUE = new Verdict(Admission.Kind.ENQUEUE, null);

  /** What may happen to a queue; who is meant is a number, taken modulo of those there are. */
  sealed interface Action {

    record Publish() implements Action {}

    record Consume(boolean far, int prefetch) implements Action {}

    record Settle(int who, int which, Settlement how) implements Action {}

    record Get() implements Action {}

    record Writable(int who, boolean now) implements Action {}

    record Prefetch(int who, int deliveries) implements Action {}

    record Cancel(int who) implements Action {}

    record Detach(int who) implements Action {}

    record Purge() implements Action {}
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<Integer> prefetch = Arbitraries.integers().between(1, 5);
    Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
    Arbitrary<Settlement> how = Arbitraries.of(Settlement.class);
    return Arbitraries.<Action>frequencyOf(
            Tuple.of(16, Arbitraries.create(Action.Publish::new)),
            Tuple.of(4, Combinators.combine(yesOrNo, prefetch).as(Action.Consume::new)),
            Tuple.of(12, Combinators.combine(number, number, how).as(Action.Settle::new)),
            Tuple.of(2, Arbitraries.create(Action.Get::new)),
            Tuple.of(3, Combinators.combine(number, yesOrNo).as(Action.Writable::new)),
            Tuple.of(2, Combinators.combine(number, prefetch).as(Action.Prefetch::new)),
            Tuple.of(2, number.map(Action.Cancel::new)),
            Tuple.of(2, number.map(Action.Detach::new)),
            Tuple.of(1, Arbitraries.create(Action.Purge::new)))
        .list()
        .ofMaxSize(200);
  }

  @Property(tries = 300)
  void nothingIsLostOrderHoldsAndTheFlagTellsTheTruth(
      @ForAll("actions") List<Action> actions, @ForAll @IntRange(min = 1, max = 20) int window)
      throws IOException {
    try (var model = new Model(window)) {
      actions.forEach(model::act);
      model.end();
    }
  }

  /** Something that was handed out. */
  private record Delivered(long id, int number, boolean redelivered) {}

  /** A consumer, what it holds, and what it may hold. */
  private static final class TestConsumer implements Outlet, Completion<Consumer> {
    private final LoopContext home;
    private final TreeMap<Integer, Long> held = new TreeMap<>();

    /** Of the action that is under way. */
    private final List<Delivered> fresh = new ArrayList<>();

    private int prefetch;
    private boolean writable = true;
    private boolean attached = true;
    private boolean finished;
    private @Nullable Consumer consumer;

    TestConsumer(LoopContext home, int prefetch) {
      this.home = home;
      this.prefetch = prefetch;
    }

    boolean couldTake() {
      return attached && writable && held.size() < prefetch;
    }

    Consumer consumer() {
      return Objects.requireNonNull(consumer);
    }

    @Override
    public LoopContext home() {
      return home;
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      assertThat(attached).as("delivered to one that consumes").isTrue();
      fresh.add(new Delivered(deliveryId, Integer.parseInt(message.text()), redelivered));
    }

    @Override
    public void ended(End why) {
      throw new AssertionError("nobody ends it: " + why);
    }

    @Override
    public void finished() {
      finished = true;
    }

    @Override
    public String connectionId() {
      return "test";
    }

    @Override
    public void completed(Consumer value) {
      consumer = value;
    }

    @Override
    public void failed(BrokerException reason) {
      throw reason;
    }
  }

  /** A queue, and what should be in it. */
  private static final class Model implements AutoCloseable, BackPressureListener {

    private final ManualLoop here = new ManualLoop();
    private final ManualLoop there = new ManualLoop();
    private final MessageStore store;
    private final Memory memory;
    private final LoopContext home;
    private final LoopContext far;
    private final Queue queue;

    /** Those who hold something or may get something. */
    private final List<TestConsumer> consumers = new ArrayList<>();

    private final TestConsumer fetcher;

    /** What is ready, in order, and whether it was returned before. */
    private final TreeMap<Integer, Boolean> ready = new TreeMap<>();

    /** Of everything that is held: whether it was flagged. */
    private final TreeMap<Integer, Boolean> flagged = new TreeMap<>();

    private int published;

    Model(int window) throws IOException {
      Limits limits = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, window);
      store = MessageStore.inMemory().open(new StoreContext(new Records(Map.of()), limits));
      memory = TestMemory.bounded(Limits.defaults());
      home = new LoopContext(here, 0, store, memory);
      far = new LoopContext(there, 1, store, memory);
      var declaration = new QueueDeclaration("q", true, false, false, Map.of(), null);
      queue =
          new Queue(1, declaration, QueueSettings.NONE, home, new LoneQueueOwner(store, limits));
      fetcher = new TestConsumer(home, 0);
      fetcher.completed(queue.consumers().fetcher(fetcher, false));
    }

    @Override
    public LoopContext home() {
      return home;
    }

    @Override
    public void relieved() {
      throw new AssertionError("nobody pauses for what is queued");
    }

    @Override
    public void close() throws IOException {
      store.close();
    }

    private void run(Runnable turn) {
      here.turn(turn);
      while (here.run() || there.run()) {
        // Each may have given the other something to do.
      }
    }

    private Optional<TestConsumer> consumer(int number) {
      return consumers.isEmpty()
          ? Optional.empty()
          : Optional.of(consumers.get(number % consumers.size()));
    }

    void act(Action action) {
      if (action instanceof Action.Publish) {
        int number = published++;
        ready.put(number, false);
        run(
            () ->
                Arrival.routed(
                    queue, Message.of(Integer.toString(number)), 0, ENQUEUE, this, null));
      } else if (action instanceof Action.Consume consume && consumers.size() < 4) {
        consume(new TestConsumer(consume.far ? far : home, consume.prefetch));
      } else if (action instanceof Action.Settle settle) {
        List<TestConsumer> holders = new ArrayList<>(consumers);
        holders.add(fetcher);
        holders.removeIf(c -> c.held.isEmpty());
        if (!holders.isEmpty()) {
          settle(holders.get(settle.who % holders.size()), settle.which, settle.how);
        }
      } else if (action instanceof Action.Get) {
        get();
      } else if (action instanceof Action.Writable w) {
        consumer(w.who)
            .ifPresent(
                c -> {
                  c.writable = w.now;
                  run(() -> c.consumer().writable(w.now));
                });
      } else if (action instanceof Action.Prefetch p) {
        consumer(p.who)
            .ifPresent(
                c -> {
                  c.prefetch = p.deliveries;
                  run(() -> c.consumer().prefetch(p.deliveries));
                });
      } else if (action instanceof Action.Cancel cancel) {
        consumer(cancel.who)
            .ifPresent(
                c -> {
                  c.attached = false;
                  run(() -> c.consumer().cancel());
                });
      } else if (action instanceof Action.Detach detach) {
        consumer(detach.who).ifPresent(this::detach);
      } else if (action instanceof Action.Purge) {
        int there = ready.size();
        ready.clear();
        run(() -> assertThat(queue.purge()).isEqualTo(there));
      }
      check();
    }

    private void consume(TestConsumer c) {
      consumers.add(c);
      var request = new ConsumeRequest("q", false, Mode.SHARED, c.prefetch, 0);
      run(() -> queue.consumers().consume(request, c, c));
    }

    private void settle(TestConsumer c, int which, Settlement how) {
      int number = List.copyOf(c.held.keySet()).get(which % c.held.size());
      long id = Objects.requireNonNull(c.held.remove(number));
      assertThat(flagged.remove(number)).isNotNull();
      switch (how) {
        case REQUEUE -> ready.put(number, true);
        case ACCEPT, REJECT -> {} // it is gone
      }
      run(() -> c.consumer().settle(id, how));
    }

    private void get() {
      var found = new ArrayList<Optional<Taken>>();
      run(() -> queue.consumers().take(fetcher.consumer(), found::add));
      assertThat(found).as("the answer of a get").hasSize(1);
      if (found.get(0).isPresent()) {
        Taken taken = found.get(0).get();
        assertThat(taken.remaining()).isEqualTo(ready.size() - 1);
        int number = Integer.parseInt(taken.message().text());
        fetcher.fresh.add(new Delivered(taken.deliveryId(), number, taken.redelivered()));
      } else {
        assertThat(ready).isEmpty();
      }
    }

    private void detach(TestConsumer c) {
      consumers.remove(c);
      c.attached = false;
      for (int number : c.held.keySet()) {
        flagged.remove(number);
        ready.put(number, true);
      }
      c.held.clear();
      run(() -> c.consumer().detach());
      assertThat(c.fresh).isEmpty();
    }

    /** What an action has led to. */
    private void check() {
      List<TestConsumer> all = new ArrayList<>(consumers);
      all.add(fetcher);
      List<Integer> handedOut = new ArrayList<>();
      for (TestConsumer c : all) {
        assertThat(c.fresh).extracting(Delivered::number).isSorted();
        c.fresh.forEach(d -> handedOut.add(d.number));
      }
      assertThat(handedOut)
          .as("the first of what was ready, each once")
          .containsExactlyInAnyOrderElementsOf(
              ready.keySet().stream().limit(handedOut.size()).toList());
      for (TestConsumer c : all) {
        for (Delivered d : c.fresh) {
          assertThat(d.redelivered)
              .as("redelivered flag of message %d", d.number)
              .isEqualTo(ready.remove(d.number));
          flagged.put(d.number, d.redelivered);
          c.held.put(d.number, d.id);
        }
        c.fresh.clear();
        assertThat(c.finished).isEqualTo(!c.attached && c != fetcher && c.held.isEmpty());
      }
      assertThat(!ready.isEmpty() && all.stream().anyMatch(TestConsumer::couldTake))
          .as("something is ready, and somebody could take it")
          .isFalse();
      consumers.removeIf(c -> c.finished);
      assertThat(queue.info().ready()).isEqualTo(ready.size());
      assertThat(queue.info().unsettled()).isEqualTo(flagged.size());
      long bytes = bytes(ready.keySet()) + bytes(flagged.keySet());
      assertThat(memory.held(Kind.MESSAGES)).as("bytes that are held").isEqualTo(bytes);
    }

    private static long bytes(Set<Integer> numbers) {
      return numbers.stream().mapToLong(n -> Message.of(Integer.toString(n)).memoryBytes()).sum();
    }

    /** Everybody leaves, and somebody else gets what is left. */
    void end() {
      List.copyOf(consumers).forEach(c -> act(new Action.Detach(consumers.indexOf(c))));
      while (!fetcher.held.isEmpty()) {
        act(new Action.Settle(0, 0, Settlement.REQUEUE));
      }
      var last = new TestConsumer(home, Integer.MAX_VALUE);
      int left = ready.size();
      consume(last);
      check();
      assertThat(last.held).hasSize(left);
      last.held.values().forEach(id -> run(() -> last.consumer().settle(id, ACCEPT)));
      assertThat(queue.info().unsettled()).isZero();
      for (HeldBytes.Kind kind : HeldBytes.Kind.values()) {
        assertThat(memory.held(kind)).as("bytes held of an empty queue: %s", kind).isZero();
      }
    }
  }
}

package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.ManualLoop;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.TestMemory;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * A queue against a small model, under random operations, with its consumers on the same loop or on
 * another one: nothing is lost, nothing is delivered twice without the flag, order holds.
 */
class QueueModelTest {

  private static final Verdict ENQUEUE = new Verdict(Admission.Kind.ENQUEUE, null);

  private final ManualLoop here = new ManualLoop();
  private final ManualLoop there = new ManualLoop();

  /** A consumer with what it holds. */
  private static final class TestConsumer implements Outlet, Completion<Consumer> {
    private final LoopContext home;
    private final TreeMap<Long, Message> held = new TreeMap<>();
    private final List<Long> order = new ArrayList<>();
    private @Nullable Consumer consumer;
    private @Nullable End end;

    TestConsumer(LoopContext home) {
      this.home = home;
    }

    @Override
    public LoopContext home() {
      return home;
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      assertThat(end).isNull();
      assertThat(held.put(deliveryId, message)).isNull();
      order.add(deliveryId);
    }

    @Override
    public void ended(End why) {
      end = why;
    }

    @Override
    public void finished() {
      assertThat(held).isEmpty();
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

  private record Owner(MessageStore store, Limits limits) implements QueueOwner {
    @Override
    public String virtualHost() {
      return "/";
    }

    @Override
    public boolean logInMemory() {
      return true;
    }

    @Override
    public QueueLog openLog(Queue queue) {
      return store.queueLog(queue.id(), queue.home().loop()::execute);
    }

    @Override
    public void unused(Queue queue) {}

    @Override
    public void settled(Queue queue, Message message, Settlement settlement) {}

    @Override
    public long consumed(Queue queue) {
      return 0;
    }

    @Override
    public @Nullable Object tagOf(Queue queue, Message message) {
      return null;
    }
  }

  private void runAll() {
    while (here.run() || there.run()) {
      // Each may have given the other something to do.
    }
  }

  @Property(tries = 300)
  void nothingIsLostAndOrderHolds(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int window) throws IOException {
    var random = new Random(seed);
    Limits limits = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, window);
    MessageStore store =
        MessageStore.inMemory().open(new StoreContext(new Records(Map.of()), limits));
    var memory = TestMemory.bounded(Limits.defaults());
    var home = new LoopContext(here, 0, store, memory);
    var far = new LoopContext(there, 1, store, memory);
    var declaration = new QueueDeclaration("q", true, false, false, Map.of(), null);
    var queue = new Queue(1, declaration, home, new Owner(store, limits));
    var feeder =
        new Feeder() {
          @Override
          public LoopContext home() {
            return home;
          }

          @Override
          public void relieved() {}
        };
    var consumers = new ArrayList<TestConsumer>();
    int published = 0;
    Set<Integer> settled = new HashSet<>();
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          int number = published++;
          here.turn(
              () -> queue.route(Message.of(Integer.toString(number)), 0, ENQUEUE, feeder, null));
        }
        case 4 -> {
          if (consumers.size() < 4) {
            var c = new TestConsumer(random.nextBoolean() ? home : far);
            var request = new ConsumeRequest("q", false, Mode.SHARED, 1 + random.nextInt(5), 0);
            here.turn(() -> queue.consume(request, c, c));
            consumers.add(c);
          }
        }
        case 5, 6, 7 -> {
          for (TestConsumer c : consumers) {
            if (!c.held.isEmpty() && random.nextBoolean()) {
              long id = List.copyOf(c.held.keySet()).get(random.nextInt(c.held.size()));
              Message m = c.held.remove(id);
              boolean accept = random.nextInt(3) > 0;
              if (accept) {
                assertThat(settled.add(Integer.parseInt(m.text()))).isTrue();
              }
              here.turn(
                  () ->
                      queue.settle(
                          c.consumer, id, accept ? Settlement.ACCEPT : Settlement.REQUEUE));
            }
          }
        }
        case 8 -> {
          if (!consumers.isEmpty()) {
            TestConsumer c = consumers.remove(random.nextInt(consumers.size()));
            runAll();
            c.held.clear();
            here.turn(() -> queue.detach(c.consumer));
          }
        }
        default -> {
          if (!consumers.isEmpty()) {
            TestConsumer c = consumers.get(random.nextInt(consumers.size()));
            boolean writable = random.nextBoolean();
            here.turn(() -> c.consumer.writable(writable));
          }
        }
      }
      runAll();
      int held = consumers.stream().mapToInt(c -> c.held.size()).sum();
      assertThat(queue.info().unsettled()).isEqualTo(held);
      assertThat(queue.info().ready() + held + settled.size()).isEqualTo(published);
    }
    for (TestConsumer c : consumers) {
      here.turn(() -> queue.detach(c.consumer));
    }
    runAll();
    var last = new TestConsumer(random.nextBoolean() ? home : far);
    here.turn(() -> queue.consume(new ConsumeRequest("q", false, Mode.SHARED, 0, 0), last, last));
    runAll();

    assertThat(last.order).isSorted();
    var left = new HashSet<Integer>();
    last.held.values().forEach(m -> left.add(Integer.parseInt(m.text())));
    assertThat(left).hasSize(published - settled.size()).doesNotContainAnyElementsOf(settled);
    store.close();
  }
}

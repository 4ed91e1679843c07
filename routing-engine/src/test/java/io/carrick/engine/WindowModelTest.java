package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * One client that consumes from queues of its own loop and of another one under one window, against
 * a small model and under any sequence of actions: what is unsettled never goes beyond the window,
 * nothing waits that somebody could take, everything is delivered, and at the end nothing is taken.
 */
class WindowModelTest {

  /** The first is on the loop of the client, the others are on the other one. */
  private static final List<String> QUEUES = List.of("near", "far", "farther");

  /** What may happen; who is meant is a number, taken modulo of those there are. */
  sealed interface Action {

    record Publish(int queue, int messages) implements Action {}

    record Consume(int queue, int prefetch, boolean late) implements Action {}

    record Join(int who) implements Action {}

    record Settle(int who, int which, Settlement how) implements Action {}

    record Resize(int deliveries) implements Action {}

    record Hold(int deliveries) implements Action {}

    record Writable(int who, boolean now) implements Action {}

    record Cancel(int who) implements Action {}

    record Detach(int who) implements Action {}

    record Delete(int queue) implements Action {}

    /** One loop runs while what it tells the other stays where it is. */
    record Run(boolean near) implements Action {}

    /** Everything that can happen happens. */
    record Rest() implements Action {}
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 6);
    Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
    Arbitrary<Settlement> how = Arbitraries.of(Settlement.class);
    return Arbitraries.<Action>frequencyOf(
            Tuple.of(8, Combinators.combine(number, few).as(Action.Publish::new)),
            Tuple.of(5, Combinators.combine(number, few, yesOrNo).as(Action.Consume::new)),
            Tuple.of(2, number.map(Action.Join::new)),
            Tuple.of(14, Combinators.combine(number, number, how).as(Action.Settle::new)),
            Tuple.of(3, few.map(Action.Resize::new)),
            Tuple.of(1, few.map(Action.Hold::new)),
            Tuple.of(2, Combinators.combine(number, yesOrNo).as(Action.Writable::new)),
            Tuple.of(2, number.map(Action.Cancel::new)),
            Tuple.of(2, number.map(Action.Detach::new)),
            Tuple.of(1, number.map(Action.Delete::new)),
            Tuple.of(12, yesOrNo.map(Action.Run::new)),
            Tuple.of(6, Arbitraries.create(Action.Rest::new)))
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 400)
  void aWindowIsNeverExceededAndNeverHoarded(
      @ForAll("actions") List<Action> actions,
      @ForAll @IntRange(min = 0, max = 6) int size,
      @ForAll @IntRange(min = 1, max = 8) int share) {
    try (var model = new Model(size, share)) {
      actions.forEach(model::act);
      model.end();
    }
  }

  /** A consumer, and what it has. */
  private static final class Drawing implements DeliverySink {
    private final Model model;
    private final String queue;
    private final int prefetch;
    private final TreeMap<Integer, Long> unsettled = new TreeMap<>();

    /** Whether the window counts what it has. */
    private boolean joined;

    private boolean joining;
    private boolean consuming = true;
    private boolean writable = true;
    private @Nullable Consumption consumption;

    Drawing(Model model, String queue, int prefetch, boolean joined) {
      this.model = model;
      this.queue = queue;
      this.prefetch = prefetch;
      this.joined = joined;
    }

    Consumption consumption() {
      return Objects.requireNonNull(consumption);
    }

    boolean couldTake() {
      return consuming && writable && unsettled.size() < prefetch;
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      assertThat(consuming).as("delivered to one that consumes").isTrue();
      if (joined) {
        assertThat(model.unsettled() + model.held).as("before another").isLessThan(model.bound());
      }
      unsettled.put(Integer.parseInt(message.text()), deliveryId);
    }

    @Override
    public void ended(End why) {
      consuming = false;
      joined = false;
      unsettled.clear();
      model.drawings.remove(this);
    }
  }

  /** The client, its window, and what should be so. */
  private static final class Model implements AutoCloseable {
    private final ManualLoops loops = new ManualLoops();
    private final PortAdapter port = new PortAdapter();
    private final Broker broker;
    private final TestClient client;
    private final TestClient other;
    private final CreditWindow window;
    private final List<Drawing> drawings = new ArrayList<>();

    /** What the window was, is, and is going to be; the first is what holds for sure. */
    private final List<int[]> sizes = new ArrayList<>();

    private int held;
    private int published;

    Model(int size, int share) {
      broker =
          EmbeddedBroker.builder()
              .loops(prefix -> loops)
              .adapter(port)
              .limits(Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, 4))
              .start();
      loops.run();
      client = new TestClient(port.adapters(), loops, loops.first, "client");
      other = new TestClient(port.adapters(), loops, loops.second, "other");
      client.declare("near");
      other.declare("far");
      other.declare("farther");
      window = client.port.openWindow(size);
      sizes.add(new int[] {size});
      loops.first.share(share);
      loops.second.share(share);
    }

    @Override
    public void close() {
      loops.first.share(Integer.MAX_VALUE);
      loops.second.share(Integer.MAX_VALUE);
      broker.close();
    }

    int unsettled() {
      return drawings.stream().filter(d -> d.joined).mapToInt(d -> d.unsettled.size()).sum();
    }

    int bound() {
      return sizes.stream().mapToInt(s -> s[0]).max().orElseThrow();
    }

    private void turn(Runnable task) {
      loops.first.turn(task);
    }

    private @Nullable Drawing drawing(int number) {
      return drawings.isEmpty() ? null : drawings.get(number % drawings.size());
    }

    private static String queue(int number) {
      return QUEUES.get(number % QUEUES.size());
    }

    void act(Action action) {
      if (action instanceof Action.Publish p) {
        publish(queue(p.queue), p.messages);
      } else if (action instanceof Action.Consume c && drawings.size() < 6) {
        consume(queue(c.queue), c.prefetch + 1, c.late);
      } else if (action instanceof Action.Resize r) {
        resize(r.deliveries);
      } else if (action instanceof Action.Hold h) {
        hold(h.deliveries);
      } else if (action instanceof Action.Delete d) {
        delete(queue(d.queue));
      } else if (action instanceof Action.Run r) {
        (r.near ? loops.first : loops.second).run();
      } else if (action instanceof Action.Rest) {
        rest();
      } else {
        actOnOne(action);
      }
    }

    private void actOnOne(Action action) {
      if (action instanceof Action.Join j) {
        Drawing d = drawing(j.who);
        if (d != null) {
          join(d);
        }
      } else if (action instanceof Action.Settle s) {
        Drawing d = drawing(s.who);
        if (d != null && !d.unsettled.isEmpty()) {
          settle(d, s.which, s.how);
        }
      } else if (action instanceof Action.Writable w) {
        Drawing d = drawing(w.who);
        if (d != null) {
          d.writable = w.now;
          turn(() -> d.consumption().writable(w.now));
        }
      } else if (action instanceof Action.Cancel c) {
        Drawing d = drawing(c.who);
        if (d != null) {
          // What is on its way arrives before the answer.
          client.ask((Attachment p, Completion<Done> done) -> d.consumption().cancel(done));
          d.consuming = false;
        }
      } else if (action instanceof Action.Detach x) {
        Drawing d = drawing(x.who);
        if (d != null) {
          detach(d);
        }
      }
    }

    private void publish(String queue, int messages) {
      turn(
          () -> {
            for (int i = 0; i < messages; i++) {
              String text = Integer.toString(published++);
              client.port.publish(client.message("", queue, MessageProperties.NONE, text));
            }
          });
    }

    private void consume(String queue, int prefetch, boolean late) {
      loops.run();
      var d = new Drawing(this, queue, prefetch, !late);
      drawings.add(d);
      var request = new ConsumeRequest(queue, false, Mode.SHARED, prefetch, 0);
      var started = new TestClient.Answer<Consumption>();
      turn(() -> client.port.consume(late ? request : request.within(window), d, started));
      loops.run();
      d.consumption = started.get();
    }

    private void join(Drawing d) {
      if (!d.joined && !d.joining && d.consuming) {
        d.joining = true;
        turn(
            () ->
                d.consumption()
                    .drawOn(
                        window,
                        new Told(
                            () -> {
                              d.joining = false;
                              d.joined = drawings.contains(d);
                            })));
      }
    }

    private void settle(Drawing d, int which, Settlement how) {
      int number = List.copyOf(d.unsettled.keySet()).get(which % d.unsettled.size());
      turn(
          () -> {
            Long id = d.unsettled.remove(number);
            if (id != null) { // else its queue has gone
              d.consumption().settle(id, how);
            }
          });
    }

    private void resize(int deliveries) {
      int[] size = {deliveries};
      sizes.add(size);
      turn(
          () ->
              window.resize(
                  deliveries,
                  new Told(
                      () -> {
                        while (sizes.get(0) != size) {
                          sizes.remove(0);
                        }
                      })));
    }

    private void hold(int deliveries) {
      if (held == 0) {
        turn(() -> window.hold(deliveries));
        loops.run(); // it follows no delivery, so others may be on their way
        held = deliveries;
      } else {
        int before = held;
        held = 0;
        turn(() -> window.release(before));
      }
    }

    private void detach(Drawing d) {
      turn(
          () -> { // what has arrived before is still the client's
            d.consuming = false;
            d.joined = false;
            d.unsettled.clear();
            drawings.remove(d);
            d.consumption().detach();
          });
    }

    private void delete(String queue) {
      TestClient owner = queue.equals("near") ? client : other;
      client.ask((Attachment p, Completion<Long> done) -> p.deleteQueue(queue, false, false, done));
      owner.declare(queue);
    }

    private void rest() {
      loops.run();
      int unsettled = unsettled();
      for (Drawing d : drawings) {
        boolean room = !d.joined || unsettled + held < sizes.get(0)[0];
        assertThat(ready(d.queue) > 0 && d.couldTake() && room)
            .as("something is ready that somebody could take within the window")
            .isFalse();
      }
      assertThat(window.taken()).isGreaterThanOrEqualTo(unsettled + held);
    }

    private long ready(String queue) {
      return broker.queues().stream()
          .filter(q -> q.name().equals(queue))
          .mapToLong(q -> q.ready())
          .sum();
    }

    /** Everything is delivered in the end, and nothing is taken when everybody has left. */
    void end() {
      loops.run();
      resize(2);
      if (held > 0) {
        hold(0);
      }
      loops.run();
      List.copyOf(drawings).forEach(this::detach);
      QUEUES.forEach(q -> consume(q, 5, false));
      loops.run();
      int rounds = 0;
      while (drawings.stream().anyMatch(d -> !d.unsettled.isEmpty())) {
        assertThat(rounds++).isLessThanOrEqualTo(published);
        for (Drawing d : drawings) {
          if (!d.unsettled.isEmpty()) {
            settle(d, 0, Settlement.ACCEPT);
          }
        }
        loops.run();
      }
      QUEUES.forEach(q -> assertThat(ready(q)).as("ready in %s", q).isZero());
      List.copyOf(drawings).forEach(this::detach);
      loops.run();
      assertThat(window.taken()).as("taken when everybody has left").isZero();
    }
  }

  /** Runs something when it is told. */
  private record Told(Runnable then) implements Completion<Done> {

    @Override
    public void completed(Done done) {
      then.run();
    }

    @Override
    public void failed(BrokerException reason) {
      throw reason;
    }
  }
}

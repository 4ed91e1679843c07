package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.BrokerException;
import io.carrick.Death.Reason;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
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
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
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
 * A queue with settings of every kind, which change while it lives, against a small model: each
 * message is ready, with the consumer, or has left in the way and for the reason that it should.
 */
class QueueSettingsModelTest {

  private static final Verdict ENQUEUE = new Verdict(Admission.Kind.ENQUEUE, null);

  /** What may happen to a queue. */
  sealed interface Action {

    record Publish(int bytes, OptionalLong expirationMs, boolean fromAfar) implements Action {}

    record Consume(int prefetch) implements Action {}

    record Leave() implements Action {}

    record Settle(int which, Settlement how) implements Action {}

    record Pass(int ms) implements Action {}

    record Change(QueueSettings settings) implements Action {}

    record Purge() implements Action {}
  }

  @Provide
  Arbitrary<QueueSettings> settings() {
    Arbitrary<QueueOptions> time =
        Arbitraries.integers()
            .between(0, 20)
            .map(ms -> QueueOptions.none().messageTtl(Duration.ofMillis(ms)));
    Arbitrary<Overflow> overflow = Arbitraries.of(Overflow.class);
    return Combinators.combine(
            Arbitraries.oneOf(Arbitraries.just(QueueOptions.none()), time),
            Arbitraries.integers().between(-1, 5),
            Arbitraries.integers().between(-1, 30),
            overflow,
            Arbitraries.of(false, true),
            Arbitraries.integers().between(-1, 2))
        .as(
            (options, messages, bytes, how, dead, returns) -> {
              QueueOptions all = options.overflow(how);
              all = messages < 0 ? all : all.maxLength(messages);
              all = bytes < 0 ? all : all.maxLengthBytes(bytes);
              all = dead ? all.deadLetterTo("dead") : all;
              all = returns < 0 ? all : all.deliveryLimit(returns);
              return QueueSettings.of(all.arguments(), null);
            });
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<OptionalLong> expiration =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(OptionalLong.empty())),
            Tuple.of(1, Arbitraries.longs().between(0, 15).map(OptionalLong::of)));
    Arbitrary<Settlement> how =
        Arbitraries.of(Settlement.ACCEPT, Settlement.REJECT, Settlement.REQUEUE);
    return Arbitraries.<Action>frequencyOf(
            Tuple.of(
                16,
                Combinators.combine(
                        Arbitraries.integers().between(1, 9),
                        expiration,
                        Arbitraries.of(false, true))
                    .as(Action.Publish::new)),
            Tuple.of(3, Arbitraries.integers().between(1, 4).map(Action.Consume::new)),
            Tuple.of(2, Arbitraries.create(Action.Leave::new)),
            Tuple.of(8, Combinators.combine(number, how).as(Action.Settle::new)),
            Tuple.of(6, Arbitraries.integers().between(0, 12).map(Action.Pass::new)),
            Tuple.of(2, settings().map(Action.Change::new)),
            Tuple.of(1, Arbitraries.create(Action.Purge::new)))
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 300)
  void everyMessageLeavesAsItsSettingsSay(
      @ForAll("settings") QueueSettings settings,
      @ForAll("actions") List<Action> actions,
      @ForAll @IntRange(min = 1, max = 8) int window)
      throws IOException {
    try (var model = new Model(settings, window)) {
      actions.forEach(model::act);
      model.end();
    }
  }

  /** A message as the model has it; changed where it comes back. */
  private static final class Known {
    final int number;
    final int bytes;
    final long ownMs;
    final long arrivedMs;
    int returns;

    Known(int number, int bytes, long ownMs, long arrivedMs) {
      this.number = number;
      this.bytes = bytes;
      this.ownMs = ownMs;
      this.arrivedMs = arrivedMs;
    }
  }

  /** The one consumer. */
  private static final class TestConsumer implements Outlet, Completion<Consumer> {
    private final LoopContext home;
    private final int prefetch;
    private final TreeMap<Integer, Long> held = new TreeMap<>();
    private @Nullable Consumer consumer;

    TestConsumer(LoopContext home, int prefetch) {
      this.home = home;
      this.prefetch = prefetch;
    }

    @Override
    public LoopContext home() {
      return home;
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      held.put(number(message), deliveryId);
    }

    @Override
    public void ended(End why) {
      throw new AssertionError("nobody ends it: " + why);
    }

    @Override
    public void finished() {}

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

  private static int number(Message message) {
    return Integer.parseInt(message.routingKey().asKey());
  }

  /** Notes what leaves the queue. */
  private static final class Owner extends LoneQueueOwner {
    private final List<String> dead = new ArrayList<>();
    private final List<Integer> refused = new ArrayList<>();

    Owner(MessageStore store, Limits limits) {
      super(store, limits);
    }

    @Override
    public void refused(Message message) {
      refused.add(number(message));
    }

    @Override
    public void deadLetter(DeadLetter letter) {
      Message message = letter.message(0);
      Reason why = message.annotations().deaths().get(0).reason();
      dead.add(number(message) + " " + why);
      letter.settle();
      letter.gone();
    }
  }

  /** A queue, and what should be in it and have left it. */
  private static final class Model implements AutoCloseable, BackPressureListener {

    private final ManualLoop loop = new ManualLoop();
    private final MessageStore store;
    private final Memory memory;
    private final LoopContext home;
    private final Owner owner;
    private final Queue queue;

    private QueueSettings settings;
    private @Nullable TestConsumer consumer;
    private final TreeMap<Integer, Known> ready = new TreeMap<>();
    private final TreeMap<Integer, Known> held = new TreeMap<>();
    private final List<String> dead = new ArrayList<>();
    private final List<Integer> refused = new ArrayList<>();
    private final TreeMap<Count, Long> counts = new TreeMap<>();
    private int published;

    Model(QueueSettings settings, int window) throws IOException {
      Limits limits = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, window);
      store = MessageStore.inMemory().open(new StoreContext(new Records(Map.of()), limits));
      memory = TestMemory.bounded(Limits.defaults());
      home = new LoopContext(loop, 0, store, memory);
      owner = new Owner(store, limits);
      this.settings = settings;
      var declaration = new QueueDeclaration("q", true, false, false, Map.of(), null);
      queue = new Queue(1, declaration, settings, home, owner);
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
      loop.turn(turn);
      while (loop.run()) {
        // There was something to do.
      }
    }

    private long now() {
      return loop.wallTimeMs();
    }

    void act(Action action) {
      if (action instanceof Action.Publish p) {
        publish(p);
      } else if (action instanceof Action.Consume c && consumer == null) {
        var made = new TestConsumer(home, c.prefetch);
        consumer = made;
        var request = new ConsumeRequest("q", false, Mode.SHARED, c.prefetch, 0);
        run(() -> queue.consumers().consume(request, made, made));
      } else if (action instanceof Action.Leave && consumer != null) {
        leave(consumer);
      } else if (action instanceof Action.Settle s && !held.isEmpty()) {
        settle(List.copyOf(held.values()).get(s.which % held.size()), s.how);
      } else if (action instanceof Action.Pass pass) {
        loop.advance(pass.ms);
        run(() -> {});
      } else if (action instanceof Action.Change change) {
        settings = change.settings;
        run(() -> queue.settings(change.settings));
      } else if (action instanceof Action.Purge) {
        count(Count.PURGED, ready.size());
        ready.clear();
        run(queue::purge);
      }
      follow();
      check();
    }

    private void publish(Action.Publish p) {
      int number = published++;
      var builder = Message.builder(new byte[p.bytes]);
      p.expirationMs.ifPresent(ms -> builder.expiration(Duration.ofMillis(ms)));
      Message message =
          Message.published(
              "",
              RoutingKey.ofKey(Integer.toString(number)),
              builder.build().properties(),
              new byte[p.bytes],
              new Identity("", "test"),
              now());
      var known =
          new Known(
              number, p.bytes, p.expirationMs.orElse(QueueSettings.FOR_EVER), message.arrivedMs());
      LengthLimit limit = settings.length();
      boolean refuses =
          limit != null
              && limit.overflow() != Overflow.DROP_HEAD
              && (ready.size() + 1 > limit.messages() || readyBytes() + p.bytes > limit.bytes());
      boolean tells = refuses && limit.overflow() != Overflow.DROP_NEWEST;
      if (refuses && !tells) {
        leaves(known, Count.MAX_LENGTH, Reason.MAXLEN);
      } else if (refuses) {
        refused.add(number);
        count(Count.QUEUE_FULL, 1);
        if (limit.overflow() == Overflow.REJECT_PUBLISH_DLX && settings.deadLetters() != null) {
          dead.add(number + " " + Reason.MAXLEN);
        }
      } else if (ready.isEmpty() && mayTake()) {
        held.put(number, known); // however old it would be
      } else {
        ready.put(number, known);
      }
      run(
          () -> {
            if (p.fromAfar) {
              Answer answer = Arrival.fromAfar(queue, message, 0, ENQUEUE, this, null);
              assertThat(answer).isEqualTo(tells ? Answer.REFUSED : Answer.TAKEN);
            } else {
              assertThat(Arrival.refused(queue, message)).isEqualTo(refuses);
              if (!refuses) {
                Arrival.routed(queue, message, 0, ENQUEUE, this, null);
              }
            }
          });
    }

    private void leave(TestConsumer leaving) {
      List.copyOf(held.values()).forEach(this::comesBack);
      consumer = null;
      run(() -> queue.consumers().detach(consumer(leaving)));
    }

    private static Consumer consumer(TestConsumer c) {
      return Objects.requireNonNull(c.consumer);
    }

    private void settle(Known m, Settlement how) {
      TestConsumer holder = Objects.requireNonNull(consumer);
      long id = Objects.requireNonNull(holder.held.remove(m.number));
      switch (how) {
        case REQUEUE -> comesBack(m);
        case REJECT -> {
          held.remove(m.number);
          leaves(m, Count.REJECTED, Reason.REJECTED);
        }
        default -> held.remove(m.number);
      }
      run(() -> queue.consumers().settle(consumer(holder), id, how, null));
    }

    private void comesBack(Known m) {
      held.remove(m.number);
      boolean counts = settings.deliveryLimit() != QueueSettings.UNLIMITED;
      m.returns += counts ? 1 : 0;
      if (counts && m.returns > settings.deliveryLimit()) {
        leaves(m, Count.DELIVERY_LIMIT, Reason.DELIVERY_LIMIT);
      } else {
        ready.put(m.number, m);
      }
    }

    private void leaves(Known m, Count counted, Reason why) {
      count(counted, 1);
      if (settings.deadLetters() != null) {
        dead.add(m.number + " " + why);
      }
    }

    private void count(Count counted, long times) {
      counts.merge(counted, times, Long::sum);
    }

    private long readyBytes() {
      return ready.values().stream().mapToLong(m -> m.bytes).sum();
    }

    private boolean mayTake() {
      return consumer != null && held.size() < consumer.prefetch;
    }

    private boolean tooOld(Known m) {
      long ms = Math.min(m.ownMs, settings.messageMs());
      return ms != QueueSettings.FOR_EVER && m.arrivedMs + ms <= now();
    }

    /** What follows of itself: the consumer gets what it can, the rest is not too much nor old. */
    private void follow() {
      while (!ready.isEmpty() && mayTake()) {
        Known m = ready.pollFirstEntry().getValue();
        if (tooOld(m)) {
          leaves(m, Count.EXPIRED, Reason.EXPIRED);
        } else {
          held.put(m.number, m);
        }
      }
      LengthLimit limit = settings.length();
      while (limit != null
          && limit.overflow() == Overflow.DROP_HEAD
          && (ready.size() > limit.messages() || readyBytes() > limit.bytes())) {
        leaves(ready.pollFirstEntry().getValue(), Count.MAX_LENGTH, Reason.MAXLEN);
      }
      while (!ready.isEmpty() && tooOld(ready.firstEntry().getValue())) {
        leaves(ready.pollFirstEntry().getValue(), Count.EXPIRED, Reason.EXPIRED);
      }
    }

    private void check() {
      assertThat(owner.refused).as("refused").isEqualTo(refused);
      assertThat(owner.dead).as("given up").containsExactlyInAnyOrderElementsOf(dead);
      assertThat(queue.info().ready()).as("ready").isEqualTo(ready.size());
      assertThat(queue.ready().bytes()).as("bytes that are ready").isEqualTo(readyBytes());
      if (consumer != null) {
        assertThat(consumer.held.keySet()).as("with the consumer").isEqualTo(held.keySet());
      }
      for (Count count :
          List.of(
              Count.EXPIRED,
              Count.MAX_LENGTH,
              Count.QUEUE_FULL,
              Count.REJECTED,
              Count.DELIVERY_LIMIT,
              Count.PURGED)) {
        assertThat(home.counts().value(count))
            .as("%s", count)
            .isEqualTo(counts.getOrDefault(count, 0L));
      }
    }

    /** Nothing of what has left is held. */
    void end() {
      if (consumer != null) {
        act(new Action.Leave());
      }
      act(new Action.Purge());
      for (HeldBytes.Kind kind : HeldBytes.Kind.values()) {
        assertThat(memory.held(kind)).as("bytes held of an empty queue: %s", kind).isZero();
      }
    }
  }
}

package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.Policy;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
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
 * A queue of any kind on a disk, its consumers on both loops, policies that change its length while
 * it lives, orderly stops and crashes, against a small model: what is accepted never comes again,
 * what is next goes to who may have it, and nothing waits that somebody could take.
 */
class ConsumersModelTest {

  /** What may happen; who is meant is a number, taken modulo of those there are. */
  sealed interface Action {

    record Publish(int priority) implements Action {}

    record Consume(boolean far, int prefetch, int priority) implements Action {}

    record Settle(int who, int which, Settlement how) implements Action {}

    record Cancel(int who) implements Action {}

    record Detach(int who) implements Action {}

    record MaxLength(int messages) implements Action {}

    record Restart(boolean crash) implements Action {}
  }

  @Provide
  Arbitrary<QueueOptions> kinds() {
    QueueOptions plain = QueueOptions.none();
    return Arbitraries.of(
        plain,
        plain.singleActiveConsumer(),
        plain.maxPriority(3),
        plain.maxPriority(3).singleActiveConsumer());
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 4);
    Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
    Arbitrary<Settlement> how =
        Arbitraries.of(Settlement.ACCEPT, Settlement.REJECT, Settlement.REQUEUE);
    return Arbitraries.<Action>frequencyOf(
            Tuple.of(20, few.map(Action.Publish::new)),
            Tuple.of(5, Combinators.combine(yesOrNo, few, few).as(Action.Consume::new)),
            Tuple.of(14, Combinators.combine(number, number, how).as(Action.Settle::new)),
            Tuple.of(2, number.map(Action.Cancel::new)),
            Tuple.of(3, number.map(Action.Detach::new)),
            Tuple.of(2, number.map(Action.MaxLength::new)),
            Tuple.of(1, yesOrNo.map(Action.Restart::new)))
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 200)
  void whatIsAcceptedNeverComesAgainAndNothingWaitsThatSomebodyCouldTake(
      @ForAll("kinds") QueueOptions kind,
      @ForAll("actions") List<Action> actions,
      @ForAll @IntRange(min = 1, max = 12) int window) {
    var model = new Model(kind, window);
    actions.forEach(model::act);
    model.end();
  }

  /** Those who can take everything get equally much, whichever loop they are on. */
  @Property(tries = 60)
  void consumersAreServedInTurn(
      @ForAll @IntRange(min = 1, max = 4) int near,
      @ForAll @IntRange(min = 1, max = 4) int far,
      @ForAll List<@IntRange(min = 1, max = 9) Integer> batches) {
    var model = new Model(QueueOptions.none(), 8);
    for (int i = 0; i < near + far; i++) {
      model.act(new Action.Consume(i >= near, 1_000, 0));
    }
    for (int batch : batches) {
      model.run.publish(
          model.near, "", "q", Collections.nCopies(batch, "x").toArray(String[]::new));
      model.published += batch;
    }
    int all = model.published;
    for (TestConsumer c : model.consumers) {
      assertThat(c.fresh.size())
          .isBetween(all / (near + far), (all + near + far - 1) / (near + far));
    }
  }

  /** A message as the model has it: the first of an order is the next that is delivered. */
  private record Known(int priority, int number) {
    static final Comparator<Known> ORDER =
        Comparator.comparing(Known::priority).reversed().thenComparing(Known::number);
  }

  /** A consumer, and what it has. */
  private static final class TestConsumer implements DeliverySink {
    private final TestClient client;
    private final int prefetch;
    private final int priority;
    private final List<String> fresh = new ArrayList<>();
    private final List<Long> freshIds = new ArrayList<>();
    private final TreeMap<Known, Long> held = new TreeMap<>(Known.ORDER);
    private boolean consuming = true;
    private @Nullable Consumption consumption;

    TestConsumer(TestClient client, int prefetch, int priority) {
      this.client = client;
      this.prefetch = prefetch;
      this.priority = priority;
    }

    Consumption consumption() {
      return Objects.requireNonNull(consumption);
    }

    boolean couldTake() {
      return consuming && held.size() < prefetch;
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      assertThat(consuming).as("delivered to one that consumes").isTrue();
      fresh.add(message.text());
      freshIds.add(deliveryId);
    }

    @Override
    public void ended(End why) {
      consuming = false;
    }
  }

  /** A queue, its consumers, and what should be so. */
  private static final class Model {

    private final RestartableBroker run;
    private final boolean oneAtATime;
    private final boolean byPriority;
    private final TreeSet<Known> ready = new TreeSet<>(Known.ORDER);
    private final List<TestConsumer> consumers = new ArrayList<>();
    private final Set<Integer> over = new HashSet<>();
    private TestClient near;
    private TestClient far;
    private @Nullable TestConsumer active;
    private int maxLength = Integer.MAX_VALUE;
    private int published;

    Model(QueueOptions kind, int window) {
      run = new RestartableBroker(new Disk(), window);
      near = run.client("near");
      far = run.farClient("far");
      oneAtATime = kind.arguments().containsKey(QueueOptions.SINGLE_ACTIVE_CONSUMER);
      byPriority = kind.arguments().containsKey(QueueOptions.MAX_PRIORITY);
      var arguments = kind.arguments();
      run.declare(near, new QueueDeclaration("q", true, false, false, arguments, null));
    }

    void act(Action action) {
      if (action instanceof Action.Publish p) {
        publish(p.priority);
      } else if (action instanceof Action.Consume c && consumers.size() < 8) {
        consume(new TestConsumer(c.far ? far : near, c.prefetch + 1, c.priority));
      } else if (action instanceof Action.MaxLength m) {
        maxLength(m.messages);
      } else if (action instanceof Action.Restart r) {
        restart(r.crash);
      } else if (!consumers.isEmpty()) {
        actOnOne(action);
      }
      follow();
    }

    private void actOnOne(Action action) {
      if (action instanceof Action.Settle s) {
        TestConsumer c = consumers.get(s.who % consumers.size());
        if (!c.held.isEmpty()) {
          settle(c, s.which, s.how);
        }
      } else if (action instanceof Action.Cancel x) {
        TestConsumer c = consumers.get(x.who % consumers.size());
        c.client.ask((Attachment p, Completion<Done> done) -> c.consumption().cancel(done));
        c.consuming = false;
        left(c);
      } else if (action instanceof Action.Detach x) {
        TestConsumer c = consumers.remove(x.who % consumers.size());
        c.consuming = false;
        ready.addAll(c.held.keySet());
        left(c);
        c.client.act(p -> c.consumption().detach());
        assertThat(c.fresh).isEmpty();
      }
    }

    private void publish(int priority) {
      int number = published++;
      ready.add(new Known(byPriority ? Math.min(priority, 3) : 0, number));
      MessageProperties properties =
          Message.builder("").persistent().priority(priority).build().properties();
      near.act(p -> p.publishConfirmed(near.message("", "q", properties, priority + " " + number)));
    }

    private void consume(TestConsumer c) {
      consumers.add(c);
      if (active == null) {
        active = c;
      }
      var request =
          new ConsumeRequest("q", false, Mode.SHARED, c.prefetch, oneAtATime ? c.priority : 0);
      c.consumption =
          c.client.ask((Attachment p, Completion<Consumption> done) -> p.consume(request, c, done));
    }

    private void left(TestConsumer c) {
      if (active == c) {
        active =
            consumers.stream()
                .filter(other -> other.consuming)
                .reduce((a, b) -> b.priority > a.priority ? b : a)
                .orElse(null);
      }
    }

    private void settle(TestConsumer c, int which, Settlement how) {
      Known m = List.copyOf(c.held.keySet()).get(which % c.held.size());
      long id = Objects.requireNonNull(c.held.remove(m));
      if (how == Settlement.REQUEUE) {
        ready.add(m);
      } else {
        over.add(m.number);
      }
      c.client.act(p -> c.consumption().settle(id, how));
    }

    /** From 8 on there is no bound. */
    private void maxLength(int messages) {
      CompletionStage<Void> done;
      if (messages < 8) {
        maxLength = messages;
        Policy bound = Policy.of("/", "bound", "^q$").set("max-length", messages);
        done = run.broker.admin().policies().put(bound);
      } else if (maxLength != Integer.MAX_VALUE) {
        maxLength = Integer.MAX_VALUE;
        done = run.broker.admin().policies().delete("/", Policy.Kind.USER, "bound");
      } else {
        return;
      }
      run.loops.run();
      assertThat(done.toCompletableFuture()).isCompleted();
    }

    private void restart(boolean crash) {
      if (crash) {
        run.crash();
      } else {
        run.restart();
      }
      near = run.client("near");
      far = run.farClient("far");
      consumers.forEach(c -> ready.addAll(c.held.keySet()));
      consumers.clear();
      active = null;
    }

    /** What an action has led to. */
    private void follow() {
      int handedOut = consumers.stream().mapToInt(c -> c.fresh.size()).sum();
      Set<Known> first = new HashSet<>(ready.stream().limit(handedOut).toList());
      for (TestConsumer c : consumers) {
        assertThat(c.fresh.isEmpty() || !oneAtATime || c == active)
            .as("only the active one gets something")
            .isTrue();
        for (int i = 0; i < c.fresh.size(); i++) {
          String[] text = c.fresh.get(i).split(" ");
          int number = Integer.parseInt(text[1]);
          assertThat(over).as("comes again though it was settled").doesNotContain(number);
          var m = new Known(byPriority ? Math.min(3, Integer.parseInt(text[0])) : 0, number);
          assertThat(first.remove(m)).as("%s is among the next", m).isTrue();
          ready.remove(m);
          c.held.put(m, c.freshIds.get(i));
        }
        c.fresh.clear();
        c.freshIds.clear();
        assertThat(c.held.size()).isLessThanOrEqualTo(c.prefetch);
      }
      consumers.removeIf(c -> !c.consuming && c.held.isEmpty());
      while (ready.size() > maxLength) {
        over.add(ready.pollFirst().number);
      }
      assertThat(!ready.isEmpty() && consumers.stream().anyMatch(this::couldTake))
          .as("something is ready, and somebody could take it")
          .isFalse();
      QueueInfo info =
          run.broker.queues().stream().filter(q -> q.name().equals("q")).findFirst().orElseThrow();
      assertThat(info.ready()).as("ready").isEqualTo(ready.size());
      assertThat(info.unsettled())
          .as("unsettled")
          .isEqualTo(consumers.stream().mapToInt(c -> c.held.size()).sum());
    }

    private boolean couldTake(TestConsumer c) {
      return c.couldTake() && (!oneAtATime || c == active);
    }

    /** Whatever is left is there after a crash, in order. */
    void end() {
      act(new Action.Restart(true));
      List<String> left = ready.stream().map(m -> "" + m.number).toList();
      assertThat(run.drain(near, "q").stream().map(text -> text.replace("*", "").split(" ")[1]))
          .containsExactlyElementsOf(left);
    }
  }
}

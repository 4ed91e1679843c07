package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * A queue with priorities on a disk against a small model, with orderly stops and crashes: what is
 * taken is always the oldest of the highest priority, and nothing is lost or comes twice.
 */
class PrioritiesModelTest {

  /** What may happen. */
  sealed interface Action {

    record Publish(int priority, int messages) implements Action {}

    record Get() implements Action {}

    record Settle(int which, Settlement how) implements Action {}

    record Restart(boolean crash) implements Action {}

    record Purge() implements Action {}
  }

  /** A message as the model has it: the first of an order is the next that is delivered. */
  private record Known(int priority, int number) {
    static final Comparator<Known> ORDER =
        Comparator.comparing(Known::priority).reversed().thenComparing(Known::number);
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<Settlement> how =
        Arbitraries.of(Settlement.ACCEPT, Settlement.REJECT, Settlement.REQUEUE);
    return Arbitraries.<Action>frequencyOf(
            Tuple.of(
                10,
                Combinators.combine(
                        Arbitraries.integers().between(-1, 9), Arbitraries.integers().between(1, 9))
                    .as(Action.Publish::new)),
            Tuple.of(12, Arbitraries.create(Action.Get::new)),
            Tuple.of(10, Combinators.combine(number, how).as(Action.Settle::new)),
            Tuple.of(1, Arbitraries.of(false, true).map(Action.Restart::new)),
            Tuple.of(1, Arbitraries.create(Action.Purge::new)))
        .list()
        .ofMaxSize(80);
  }

  @Property(tries = 150)
  void whatIsTakenIsTheOldestOfTheHighestPriority(
      @ForAll("actions") List<Action> actions,
      @ForAll @IntRange(min = 1, max = 7) int highest,
      @ForAll @IntRange(min = 1, max = 40) int window) {
    var model = new Model(highest, window);
    actions.forEach(model::act);
    model.end();
  }

  /** A queue, and what should be in it. */
  private static final class Model {

    private final RestartableBroker run;
    private final int highest;
    private final TreeSet<Known> ready = new TreeSet<>(Known.ORDER);
    private final Map<Known, Fetched> held = new HashMap<>();
    private final List<Known> order = new ArrayList<>();
    private TestClient client;
    private int published;

    Model(int highest, int window) {
      this.run = new RestartableBroker(new Disk(), window);
      this.highest = highest;
      this.client = run.client("client");
      var options = QueueOptions.none().maxPriority(highest).arguments();
      run.declare(client, new QueueDeclaration("q", true, false, false, options, null));
    }

    void act(Action action) {
      if (action instanceof Action.Publish p) {
        publish(p);
      } else if (action instanceof Action.Get) {
        get();
      } else if (action instanceof Action.Settle s && !held.isEmpty()) {
        settle(order.get(s.which % order.size()), s.how);
      } else if (action instanceof Action.Restart r) {
        restart(r.crash);
      } else if (action instanceof Action.Purge) {
        int there = ready.size();
        ready.clear();
        long purged = client.ask((Attachment p, Completion<Long> done) -> p.purgeQueue("q", done));
        assertThat(purged).isEqualTo(there);
      }
      QueueInfo info =
          run.broker.queues().stream().filter(q -> q.name().equals("q")).findFirst().orElseThrow();
      assertThat(info.ready()).as("ready").isEqualTo(ready.size());
      assertThat(info.unsettled()).as("unsettled").isEqualTo(held.size());
    }

    private void publish(Action.Publish p) {
      Message.Builder builder = Message.builder("").persistent();
      MessageProperties properties =
          (p.priority < 0 ? builder : builder.priority(p.priority)).build().properties();
      client.act(
          port -> {
            for (int i = 0; i < p.messages; i++) {
              int number = published++;
              ready.add(new Known(Math.min(highest, Math.max(0, p.priority)), number));
              port.publishConfirmed(client.message("", "q", properties, "" + number));
            }
          });
    }

    private void get() {
      Optional<Fetched> found = run.get(client, "q");
      assertThat(found.isPresent()).as("something is there").isEqualTo(!ready.isEmpty());
      found.ifPresent(
          fetched -> {
            Known first = ready.pollFirst();
            assertThat(fetched.message().text()).isEqualTo("" + first.number);
            held.put(first, fetched);
            order.add(first);
          });
    }

    private void settle(Known m, Settlement how) {
      Fetched fetched = held.remove(m);
      order.remove(m);
      if (how == Settlement.REQUEUE) {
        ready.add(m);
      }
      client.act(p -> fetched.consumption().settle(fetched.deliveryId(), how));
    }

    private void restart(boolean crash) {
      if (crash) {
        run.crash();
      } else {
        run.restart();
      }
      client = run.client("client");
      ready.addAll(order);
      order.clear();
      held.clear();
    }

    void end() {
      restart(true);
      List<String> left = ready.stream().map(m -> "" + m.number).toList();
      assertThat(run.drain(client, "q").stream().map(text -> text.replace("*", "")))
          .containsExactlyElementsOf(left);
      run.restart();
      client = run.client("client");
      assertThat(run.get(client, "q")).isEmpty();
    }
  }
}

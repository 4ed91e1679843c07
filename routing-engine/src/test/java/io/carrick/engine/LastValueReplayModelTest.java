package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Source;
import io.carrick.Subscription;
import io.carrick.engine.loop.ManualLoop;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * Values that change while a binding asks for them, in every order of the loops' turns: of each
 * topic the queue gets what was published from some point on, each once and in order, and that
 * point is no later than the last value before the binding (MAP-31).
 */
class LastValueReplayModelTest {

  private static final int TOPICS = 5;
  private static final Map<String, Object> ASKS = Map.of("x-mqtt-retained", true);

  /** What happens next. */
  sealed interface Action {

    /** A topic gets another value, or none any more. */
    record Publish(int topic, boolean clears) implements Action {}

    /** A loop has a turn. */
    record Turn(boolean second) implements Action {}

    /** The binding is asked for, unless it has been. */
    record Bind() implements Action {}
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Action> publish =
        Arbitraries.integers()
            .between(0, 4 * TOPICS - 1)
            .map(n -> new Action.Publish(n % TOPICS, n < TOPICS));
    Arbitrary<Action> turn = Arbitraries.of(new Action.Turn(false), new Action.Turn(true));
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(6, publish),
            net.jqwik.api.Tuple.of(8, turn),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(new Action.Bind())))
        .list()
        .ofMinSize(10)
        .ofMaxSize(80);
  }

  /** One run. */
  private static final class Course {
    final RestartableBroker run = new RestartableBroker();
    final List<TestClient> publishers = new ArrayList<>();
    final List<List<Integer>> published = new ArrayList<>();

    /** How many of a topic had been published when the binding was made. */
    final int[] before = new int[TOPICS];

    /** Which messages clear. */
    final List<Integer> clears = new ArrayList<>();

    int numbers;
    boolean bound;

    Course() {
      for (int i = 0; i < TOPICS; i++) {
        publishers.add(i % 2 == 0 ? run.client("p" + i) : run.farClient("p" + i));
        published.add(new ArrayList<>());
      }
    }

    void publish(int topic, boolean clears) {
      int number = numbers++;
      TestClient by = publishers.get(topic);
      loop(topic % 2 == 1)
          .execute(
              () -> {
                if (clears) {
                  this.clears.add(number);
                }
                published.get(topic).add(number);
                var p = Message.builder("").retain().messageId("" + number).build().properties();
                by.port.publish(by.message("amq.topic", "t." + topic, p, clears ? "" : "v"));
              });
    }

    ManualLoop loop(boolean second) {
      return second ? run.loops.second : run.loops.first;
    }

    void bind(TestClient binder, boolean far) {
      if (bound) {
        return;
      }
      bound = true;
      loop(far)
          .execute(
              () -> {
                for (int i = 0; i < TOPICS; i++) {
                  before[i] = published.get(i).size();
                }
                List<Binding> asking = List.of(Binding.of("amq.topic", "q", "t.*", ASKS));
                binder.port.bind(asking, new TestClient.Answer<>());
              });
    }

    void check(TestClient reader) {
      var live = new HashMap<String, List<Integer>>();
      var kept = new HashMap<String, Integer>();
      Optional<Attachment.Fetched> next = fetch(reader);
      while (next.isPresent()) {
        Message m = next.get().message();
        int number = Integer.parseInt(m.properties().messageId().orElseThrow());
        String topic = m.routingKey().asKey();
        if (m.annotations().keptMs().isPresent()) {
          assertThat(live).as("a value before its successors").doesNotContainKey(topic);
          assertThat(kept.put(topic, number)).as("one value of a topic").isNull();
        } else {
          live.computeIfAbsent(topic, t -> new ArrayList<>()).add(number);
        }
        next = fetch(reader);
      }
      for (int i = 0; i < TOPICS; i++) {
        List<Integer> all = published.get(i);
        List<Integer> after = all.subList(before[i], all.size());
        assertThat(live.getOrDefault("t." + i, List.of())).as("live").isEqualTo(after);
        Integer came = kept.get("t." + i);
        Integer last = before[i] == 0 ? null : all.get(before[i] - 1);
        if (last == null || clears.contains(last)) {
          assertThat(came).as("nothing had been kept").isNull();
        } else if (after.isEmpty() || came != null) {
          assertThat(came).as("the last value").isEqualTo(last);
        }
      }
    }

    private static Optional<Attachment.Fetched> fetch(TestClient by) {
      return by.ask(
          (Attachment a, Completion<Optional<Attachment.Fetched>> done) -> a.get("q", true, done));
    }
  }

  @Property(tries = 400)
  void ofEachTopicComesWhatWasPublishedFromTheLastValueOn(
      @ForAll("actions") List<Action> actions,
      @ForAll boolean homeIsFar,
      @ForAll boolean binderIsFar) {
    var course = new Course();
    TestClient home = homeIsFar ? course.run.farClient("h") : course.run.client("h");
    TestClient binder = binderIsFar ? course.run.farClient("b") : course.run.client("b");
    home.declare("q");
    course.run.loops.first.share(3);
    course.run.loops.second.share(3);
    for (Action action : actions) {
      if (action instanceof Action.Publish p) {
        course.publish(p.topic, p.clears);
      } else if (action instanceof Action.Turn t) {
        course.loop(t.second).step();
      } else {
        course.bind(binder, binderIsFar);
      }
    }
    course.bind(binder, binderIsFar);
    course.run.loops.run();
    course.check(home);
    course.run.broker.close();
  }

  private static final int QUEUES = 8;
  private static final int VALUES = 4_000;

  /** Publishes values of new topics as fast as it can, on its own thread. */
  private static Thread publishing(Client by, String prefix) {
    return new Thread(
        () -> {
          Publisher publisher = by.publisher("amq.topic");
          for (int i = 0; i < VALUES; i++) {
            publisher.send(prefix + i, Message.builder("v").retain().build());
          }
        });
  }

  @Test
  void whatIsPublishedWhileBindingsAreMadeComesOnceFromWhicheverLoop() throws Exception {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client one = broker.connect();
        Client two = broker.connect();
        Client binder = broker.connect()) {
      List<Thread> both = List.of(publishing(one, "a."), publishing(two, "b."));
      for (int i = 0; i < QUEUES; i++) {
        binder.topology().queue("q" + i).declare();
      }
      both.forEach(Thread::start);
      for (int i = 0; i < QUEUES; i++) {
        binder.topology().bind(Binding.of("amq.topic", "q" + i, "*.#", ASKS));
      }
      for (Thread publisher : both) {
        publisher.join();
      }
      for (int i = 0; i < QUEUES; i++) {
        assertCameOnce(binder, List.of(one, two), "q" + i);
      }
    }
  }

  private static void assertCameOnce(Client reader, List<Client> publishers, String queue)
      throws Exception {
    for (Client publisher : publishers) { // behind all that it has sent
      publisher.publisher("").publish(queue, Message.of("end")).toCompletableFuture().join();
    }
    var came = new ArrayList<String>();
    var ends = new CountDownLatch(publishers.size());
    Subscription reading =
        reader.subscribe(
            Source.queue(queue),
            delivery -> {
              if (delivery.message().text().equals("end")) {
                ends.countDown();
              } else {
                came.add(delivery.message().routingKey().asKey());
              }
            });
    assertThat(ends.await(10, TimeUnit.SECONDS)).isTrue();
    reading.close();
    assertThat(came).doesNotHaveDuplicates().hasSize(2 * VALUES);
  }
}

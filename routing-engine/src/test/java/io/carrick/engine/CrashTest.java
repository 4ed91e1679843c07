package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A small workload whose every answer is noted with the place in the log where it came, and then a
 * broker on what is there after a crash at every place: what was answered before is there, what was
 * settled does not come back without its flag, order holds.
 */
class CrashTest {

  private static final List<String> QUEUES = List.of("q0", "q1", "mqtt.session.client");

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("client");
  private final TestClient far = run.farClient("client");

  /** From which place on a queue must be there. */
  private final Map<String, Integer> declaredAt = new HashMap<>();

  /** By queue and text: from which place on a message must be there. */
  private final Map<String, Map<String, Integer>> acknowledgedAt = new HashMap<>();

  /** By queue and text: from which place on a message need not be there, and must not from when. */
  private final Map<String, Map<String, Integer>> settlingAt = new HashMap<>();

  private final Map<String, Map<String, Integer>> settledAt = new HashMap<>();

  /** By queue and text: at which place a message had been delivered. */
  private final Map<String, Map<String, Integer>> deliveredAt = new HashMap<>();

  private final Map<String, Consuming> consumers = new HashMap<>();
  private final Map<String, Set<Integer>> open = new HashMap<>();
  private int published;

  private int now() {
    return run.disk.durableEntries();
  }

  @Property(tries = 6)
  void whatWasAnsweredHoldsAfterACrashAtAnyPlace(@ForAll long seed) {
    var random = new Random(seed);
    run.declare(near, exchange("e", "topic", true));
    for (int step = 0; step < 60; step++) {
      act(random);
      consumers.forEach(
          (queue, c) -> c.got.forEach(m -> deliveredAt.get(queue).putIfAbsent(text(m), now())));
    }
    for (int place = 0; place <= now(); place++) {
      check(new RestartableBroker(run.disk.asOf(place), 3), place);
    }
  }

  private void act(Random random) {
    String queue = QUEUES.get(random.nextInt(QUEUES.size()));
    TestClient p = random.nextBoolean() ? near : far;
    if (!declaredAt.containsKey(queue)) {
      declare(p, queue);
      return;
    }
    switch (random.nextInt(12)) {
      case 0 -> delete(p, queue);
      case 1, 2 -> consume(p, queue);
      case 3, 4, 5, 6 -> settle(queue, random);
      default -> publish(p, queue, 1 + random.nextInt(3));
    }
  }

  private void declare(TestClient p, String queue) {
    run.declare(p, queue.startsWith("mqtt") ? session("client") : durable(queue));
    p.bind(Binding.of("e", queue, "#." + queue.charAt(queue.length() - 1)));
    declaredAt.put(queue, now());
    acknowledgedAt.put(queue, new HashMap<>());
    settlingAt.put(queue, new HashMap<>());
    settledAt.put(queue, new HashMap<>());
    deliveredAt.put(queue, new HashMap<>());
    open.put(queue, new TreeSet<>());
  }

  private void delete(TestClient p, String queue) {
    if (consumers.containsKey(queue)) {
      return;
    }
    declaredAt.remove(queue);
    p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue(queue, false, false, done));
    acknowledgedAt.remove(queue);
  }

  private void publish(TestClient p, String queue, int count) {
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      texts.add(Integer.toString(++published));
    }
    String key = "a." + queue.charAt(queue.length() - 1);
    run.publish(p, "e", key, texts.toArray(String[]::new));
    texts.forEach(t -> acknowledgedAt.get(queue).put(t, now()));
  }

  private void consume(TestClient p, String queue) {
    if (!consumers.containsKey(queue)) {
      var request = queue.startsWith("mqtt") ? lease("client") : RestartableBroker.shared(queue);
      consumers.put(queue, p.consume(request));
    }
  }

  private void settle(String queue, Random random) {
    Consuming c = consumers.get(queue);
    if (c == null || open.get(queue).size() == c.ids.size()) {
      return;
    }
    int index = random.nextInt(c.ids.size());
    if (open.get(queue).add(index)) {
      String text = text(c.got.get(index));
      settlingAt.get(queue).put(text, now());
      c.settle(index, Settlement.ACCEPT);
      settledAt.get(queue).put(text, now());
    }
  }

  private static String text(String got) {
    int end = 0;
    while (end < got.length() && Character.isDigit(got.charAt(end))) {
      end++;
    }
    return got.substring(0, end);
  }

  private void check(RestartableBroker after, int place) {
    List<String> there = after.broker.queues().stream().map(q -> q.name()).toList();
    assertThat(there).doesNotHaveDuplicates();
    TestClient p = after.client("client");
    for (String queue : QUEUES) {
      Integer declared = declaredAt.get(queue);
      if (declared == null || declared > place) {
        continue;
      }
      assertThat(there).as("at %d", place).contains(queue);
      after.publish(p, "e", "a." + queue.charAt(queue.length() - 1), "1000000");
      List<String> found = found(after, p, queue);
      assertThat(found).as("bound, at %d", place).endsWith("1000000");
      List<Integer> numbers = found.stream().map(t -> Integer.parseInt(text(t))).toList();
      assertThat(numbers).as("order of %s at %d", queue, place).isSorted().doesNotHaveDuplicates();
      checkMessages(queue, place, found, new HashSet<>(numbers));
    }
  }

  private static List<String> found(RestartableBroker after, TestClient p, String queue) {
    if (!queue.startsWith("mqtt")) {
      return after.drain(p, queue);
    }
    List<String> got = p.consume(lease("client")).got;
    return got.stream().map(t -> text(t) + (t.endsWith("*") ? "*" : "")).toList();
  }

  private void checkMessages(String queue, int place, List<String> found, Set<Integer> numbers) {
    acknowledgedAt
        .get(queue)
        .forEach(
            (text, acknowledged) -> {
              int settling = settlingAt.get(queue).getOrDefault(text, Integer.MAX_VALUE);
              if (acknowledged <= place && place <= settling) {
                assertThat(numbers).as("%s at %d", queue, place).contains(Integer.parseInt(text));
              }
              int settled = settledAt.get(queue).getOrDefault(text, Integer.MAX_VALUE);
              if (settled <= place) {
                assertThat(numbers)
                    .as("%s at %d", queue, place)
                    .doesNotContain(Integer.parseInt(text));
              }
              int delivered = deliveredAt.get(queue).getOrDefault(text, Integer.MAX_VALUE);
              if (delivered <= place) {
                assertThat(found).as("%s at %d", queue, place).doesNotContain(text);
              }
            });
  }
}

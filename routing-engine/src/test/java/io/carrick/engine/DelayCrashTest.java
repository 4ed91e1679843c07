package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Messages that wait for any time, while time passes, and then a broker on what is there after a
 * crash at every place: each message that was answered comes there, once, and not too early.
 */
class DelayCrashTest {

  private static final long LONGEST_MS = 30_000;

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  /** By text: from which place on a message must be somewhere. */
  private final Map<String, Integer> thereFrom = new HashMap<>();

  private final Map<String, Long> dueMs = new HashMap<>();
  private int published;

  @Property(tries = 4)
  void whatWaitsComesOnceAfterACrashAtAnyPlace(@ForAll long seed) {
    var random = new Random(seed);
    run.declare(near, exchange("later", "late", true));
    run.declare(random.nextBoolean() ? near : far, durable("q"));
    near.bind(Binding.of("later", "q", ""));
    for (int step = 0; step < 40; step++) {
      if (random.nextInt(3) == 0) {
        run.loops.advance(random.nextInt(3_000));
      } else {
        publish(random.nextBoolean() ? near : far, random);
      }
    }
    for (int place = 0; place <= run.disk.durableEntries(); place++) {
      check(place);
    }
  }

  private void publish(TestClient by, Random random) {
    long ms = 1 + (long) (LONGEST_MS * Math.pow(random.nextDouble(), 3));
    String text = Integer.toString(++published);
    long now = run.loops.first.wallTimeMs();
    var properties = Message.builder("").persistent().header("late", ms).build().properties();
    Message message =
        by.message("later", "", properties, text)
            .addressed("later", RoutingKey.EMPTY, by.port.identity(), now);
    by.act(a -> a.publishConfirmed(message));
    thereFrom.put(text, run.disk.durableEntries());
    dueMs.put(text, now + ms);
  }

  private void check(int place) {
    var after = new RestartableBroker(run.disk.asOf(place), 3);
    if (after.broker.queues().isEmpty()) {
      return;
    }
    TestClient client = after.client("after");
    var came = new ArrayList<>(drain(after, client)); // whose time had come before the crash
    while (after.loops.first.wallTimeMs() < run.loops.first.wallTimeMs() + LONGEST_MS + 2_000) {
      after.loops.advance(500);
      List<String> now = drain(after, client);
      assertThat(now)
          .allSatisfy(
              text ->
                  assertThat(dueMs.get(text)).isLessThanOrEqualTo(after.loops.first.wallTimeMs()));
      came.addAll(now);
    }
    assertThat(came).as("at %d", place).doesNotHaveDuplicates();
    thereFrom.forEach(
        (text, from) -> {
          if (from <= place) {
            assertThat(came).as("at %d", place).contains(text);
          }
        });
  }

  private static List<String> drain(RestartableBroker after, TestClient client) {
    return after.drain(client, "q").stream().map(text -> text.replace("*", "")).toList();
  }
}

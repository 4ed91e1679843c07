package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Annotations;
import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.Receipt;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Messages with receipts, settled in any way, and then a broker on what is there after a crash at
 * every place: whoever was told that the message is there gets one answer, which knows of
 * everything that was settled before.
 */
class ReceiptCrashTest {

  private static final List<String> QUEUES = List.of("near1", "near2", "far1");
  private static final Pattern NUMBERS =
      Pattern.compile("\"targets\":(\\d+),\"acknowledged\":(\\d+),\"rejected\":(\\d+)");

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  /** By text: from which place on it must be answered. */
  private final Map<String, Integer> thereFrom = new HashMap<>();

  /** By text and queue: from which place on it is known to be settled, and how. */
  private final List<Settled> settled = new ArrayList<>();

  private int published;

  private record Settled(String text, Settlement how, int from) {}

  @Property(tries = 4)
  void everyReceiptIsAnsweredOnceAfterACrashAtAnyPlace(@ForAll long seed) {
    var random = new Random(seed);
    run.declare(near, durable("answers"));
    run.declare(near, exchange("later", "late", true));
    for (String queue : QUEUES) {
      run.declare(queue.startsWith("far") ? far : near, durable(queue));
      near.bind(Binding.of("amq.fanout", queue, ""));
    }
    near.bind(Binding.of("later", "far1", ""));
    for (int step = 0; step < 30; step++) {
      act(random, random.nextBoolean() ? near : far);
    }
    for (int place = 0; place <= run.disk.durableEntries(); place++) {
      check(place);
    }
  }

  private void act(Random random, TestClient by) {
    switch (random.nextInt(8)) {
      case 0 -> publish(by, "later", 1 + random.nextInt(20));
      case 1, 2 -> publish(by, "amq.fanout", 0);
      case 3 -> run.loops.advance(random.nextInt(20));
      case 4 -> settle(by, QUEUES.get(random.nextInt(3)), Settlement.REQUEUE);
      case 5 -> settle(by, QUEUES.get(random.nextInt(3)), Settlement.REJECT);
      default -> settle(by, QUEUES.get(random.nextInt(3)), Settlement.ACCEPT);
    }
  }

  private void publish(TestClient by, String exchange, long lateMs) {
    String text = Integer.toString(++published);
    Message built =
        Message.builder(text)
            .persistent()
            .replyTo("answers")
            .correlationId(text)
            .header("late", lateMs)
            .build();
    Message message =
        Message.published(
                exchange,
                RoutingKey.EMPTY,
                built.properties(),
                built.payload(),
                by.port.identity(),
                run.loops.first.wallTimeMs())
            .annotated(Annotations.NONE.withReceipt(Receipt.of("all;timeout=1h")));
    by.act(p -> p.publishConfirmed(message));
    thereFrom.put(text, run.disk.durableEntries());
  }

  private void settle(TestClient by, String queue, Settlement how) {
    Optional<Fetched> found = run.get(by, queue);
    found.ifPresent(
        f -> {
          by.act(p -> f.consumption().settle(f.deliveryId(), how));
          if (how != Settlement.REQUEUE) {
            settled.add(new Settled(f.message().text(), how, run.disk.durableEntries()));
          }
        });
  }

  private void check(int place) {
    var after = new RestartableBroker(run.disk.asOf(place), 3);
    if (after.broker.queues().stream().noneMatch(q -> q.name().equals("answers"))) {
      return;
    }
    TestClient client = after.client("after");
    after.loops.advance(run.loops.first.wallTimeMs() - after.loops.first.wallTimeMs() + 100);
    after.loops.advance(1_000);
    List<String> there = after.broker.queues().stream().map(q -> q.name()).toList();
    QUEUES.stream().filter(there::contains).forEach(queue -> after.drain(client, queue));
    after.loops.advance(1_000);
    Set<String> answered = new HashSet<>();
    for (Optional<Fetched> next = after.get(client, "answers");
        next.isPresent();
        next = after.get(client, "answers")) {
      Message answer = next.get().message();
      String about = new String(answer.properties().correlationId().orElseThrow());
      assertThat(answered.add(about)).as("%s once, at %d", about, place).isTrue();
      checkNumbers(about, answer.text(), place);
    }
    thereFrom.forEach(
        (text, from) -> {
          if (from <= place) {
            assertThat(answered).as("at %d", place).contains(text);
          }
        });
    assertThat(after.disk.keys("receipt")).isEmpty();
    assertThat(after.disk.keys("receipt-target")).isEmpty();
  }

  /**
   * All of its copies are settled by now, and those before the crash are known as what they were.
   */
  private void checkNumbers(String about, String answer, int place) {
    Matcher numbers = NUMBERS.matcher(answer);
    assertThat(numbers.find()).as(answer).isTrue();
    int targets = Integer.parseInt(numbers.group(1));
    int acknowledged = Integer.parseInt(numbers.group(2));
    int rejected = Integer.parseInt(numbers.group(3));
    assertThat(acknowledged + rejected).as("%s at %d", answer, place).isEqualTo(targets);
    long before =
        settled.stream()
            .filter(s -> s.text.equals(about) && s.from <= place && s.how == Settlement.REJECT)
            .count();
    assertThat((long) rejected).as("%s at %d", answer, place).isGreaterThanOrEqualTo(before);
  }
}

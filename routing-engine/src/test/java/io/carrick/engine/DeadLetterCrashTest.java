package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Queues that give messages up for every reason, and then a broker on what is there after a crash
 * at every place: each message that was answered is in one queue, and in one only.
 */
class DeadLetterCrashTest {

  private static final List<String> SOURCES =
      List.of("oldest", "newest", "old", "returned", "kept");
  private static final List<String> TARGETS = List.of("dead", "narrow");

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  /** By text: from which place on a message must be somewhere. */
  private final Map<String, Integer> thereFrom = new HashMap<>();

  private int published;

  private static void declare(TestClient by, String queue, QueueOptions options) {
    by.ask(
        (Attachment p, Completion<QueueInfo> done) ->
            p.declareQueue(
                new QueueDeclaration(queue, true, false, false, options.arguments(), null), done));
  }

  @Property(tries = 4)
  void whatIsGivenUpIsInOneQueueAfterACrashAtAnyPlace(@ForAll long seed) {
    var random = new Random(seed);
    QueueOptions toDead = QueueOptions.none().deadLetterTo("", "dead");
    declare(random.nextBoolean() ? near : far, "dead", QueueOptions.none());
    declare(near, "oldest", toDead.maxLength(2));
    declare(far, "newest", toDead.maxLength(2).overflow(Overflow.REJECT_PUBLISH_DLX));
    declare(near, "old", toDead.messageTtl(Duration.ofMillis(10)));
    declare(far, "returned", toDead.deliveryLimit(1));
    QueueOptions full = QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH);
    declare(random.nextBoolean() ? near : far, "narrow", full);
    QueueOptions kept = QueueOptions.none().deadLetterTo("", "narrow").deadLetterAtLeastOnce();
    declare(near, "kept", kept.deliveryLimit(1));
    for (int step = 0; step < 50; step++) {
      act(random, random.nextBoolean() ? near : far);
    }
    for (int place = 0; place <= run.disk.durableEntries(); place++) {
      check(place);
    }
  }

  private void act(Random random, TestClient by) {
    String queue = SOURCES.get(random.nextInt(SOURCES.size()));
    switch (random.nextInt(8)) {
      case 0 -> run.loops.advance(random.nextInt(8));
      case 1 -> settle(by, queue, Settlement.REJECT);
      case 2 -> settle(by, queue, Settlement.REQUEUE);
      case 3 -> settle(by, "kept", Settlement.REJECT);
      case 4 -> makeRoom(by);
      default -> publish(by, queue, 1 + random.nextInt(3));
    }
  }

  private void settle(TestClient by, String queue, Settlement how) {
    Optional<Fetched> found = run.get(by, queue);
    found.ifPresent(f -> by.act(p -> f.consumption().settle(f.deliveryId(), how)));
  }

  /** What is consumed need not be anywhere. */
  private void makeRoom(TestClient by) {
    Optional<Fetched> found = run.get(by, "narrow");
    found.ifPresent(
        f -> {
          thereFrom.remove(f.message().text());
          by.act(p -> f.consumption().settle(f.deliveryId(), Settlement.ACCEPT));
        });
    run.loops.advance(1_000);
  }

  private void publish(TestClient by, String queue, int count) {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < count; i++) {
      Message made =
          by.message("", queue, RestartableBroker.PERSISTENT, Integer.toString(++published));
      messages.add(
          made.addressed("", made.routingKey(), by.port.identity(), run.loops.first.wallTimeMs()));
    }
    by.act(p -> messages.forEach(p::publishConfirmed));
    messages.forEach(m -> thereFrom.put(m.text(), run.disk.durableEntries()));
  }

  private void check(int place) {
    var after = new RestartableBroker(run.disk.asOf(place), 3);
    TestClient client = after.client("after");
    var found = new ArrayList<String>();
    List<String> there = after.broker.queues().stream().map(q -> q.name()).toList();
    for (String queue : SOURCES) {
      if (there.contains(queue)) {
        found.addAll(drain(after, client, queue));
      }
    }
    for (String queue : TARGETS) {
      if (there.contains(queue)) {
        found.addAll(drain(after, client, queue));
      }
    }
    assertThat(found).as("at %d", place).doesNotHaveDuplicates();
    thereFrom.forEach(
        (text, from) -> {
          if (from <= place) {
            assertThat(found).as("at %d", place).contains(text);
          }
        });
  }

  private static List<String> drain(RestartableBroker after, TestClient client, String queue) {
    return after.drain(client, queue).stream().map(text -> text.replace("*", "")).toList();
  }
}

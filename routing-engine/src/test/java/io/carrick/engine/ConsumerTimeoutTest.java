package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Consumers that keep a message for longer than they may. */
class ConsumerTimeoutTest {

  private static final long TIMEOUT_MS = 1_000;

  private RestartableBroker run = new RestartableBroker();
  private TestClient client = run.client("client");
  private TestClient other = run.client("other");

  private void declare(String queue, Map<String, Object> arguments) {
    run.declare(client, new QueueDeclaration(queue, true, false, false, arguments, null));
  }

  private void declareTimed() {
    declare("q", Map.of("x-consumer-timeout", TIMEOUT_MS));
  }

  private void pass(long ms) {
    run.loops.advance(ms);
    run.loops.run();
  }

  private void boundAll() {
    run =
        new RestartableBroker(
            new Disk(), Limits.defaults().with(Limit.CONSUMER_TIMEOUT_MS, TIMEOUT_MS));
    client = run.client("client");
    other = run.client("other");
  }

  @Test
  void whoKeepsAMessageForTooLongLosesItToAnother() {
    declareTimed();
    Consuming slow = client.consume(RestartableBroker.shared("q"));
    run.publish(other, "", "q", "1", "2");
    slow.settle(1, Settlement.ACCEPT);
    Consuming next = other.consume(RestartableBroker.shared("q"));
    pass(TIMEOUT_MS - 1);
    assertThat(slow.got).containsExactly("1", "2");
    assertThat(client.told).isEmpty();
    pass(1);
    assertThat(slow.got).containsExactly("1", "2", "TIMED_OUT");
    assertThat(client.told).containsExactly("overdue q 1000");
    assertThat(next.got).containsExactly("1*");
    run.publish(other, "", "q", "3");
    assertThat(slow.got).endsWith("TIMED_OUT");
    assertThat(next.got).containsExactly("1*", "3");
  }

  @Test
  void theTimeOfEachMessageCountsFromItsOwnDelivery() {
    declareTimed();
    Consuming slow = client.consume(RestartableBroker.shared("q"));
    for (int i = 0; i < 20; i++) {
      run.publish(other, "", "q", Integer.toString(i));
      pass(400);
      if (i > 0) {
        slow.settle(i - 1, Settlement.ACCEPT); // after 800 ms
      }
    }
    assertThat(slow.got).hasSize(20).doesNotContain("TIMED_OUT");
    pass(599);
    assertThat(slow.got).endsWith("19");
    pass(1);
    assertThat(slow.got).endsWith("19", "TIMED_OUT");
    assertThat(run.queues()).contains("q:1");
  }

  @Test
  void fromAnotherLoopItIsTheSame() {
    declareTimed();
    TestClient far = run.farClient("far");
    Consuming slow = far.consume(RestartableBroker.shared("q"));
    run.publish(other, "", "q", "1", "2");
    pass(TIMEOUT_MS);
    assertThat(slow.got).containsExactly("1", "2", "TIMED_OUT");
    assertThat(far.told).containsExactly("overdue q 1000");
    slow.settle(0, Settlement.ACCEPT); // which is too late
    assertThat(run.drain(other, "q")).containsExactly("1*", "2*");
  }

  @Test
  void whatWasTakenSinglyIsNotKeptEither() {
    declareTimed();
    run.publish(other, "", "q", "1");
    Fetched first = run.get(client, "q").orElseThrow();
    pass(TIMEOUT_MS);
    assertThat(client.told).containsExactly("overdue q 1000");
    Fetched again = run.get(client, "q").orElseThrow();
    assertThat(again.redelivered()).isTrue();
    client.act(p -> first.consumption().settle(first.deliveryId(), Settlement.ACCEPT));
    pass(TIMEOUT_MS - 1);
    client.act(p -> again.consumption().settle(again.deliveryId(), Settlement.ACCEPT));
    pass(TIMEOUT_MS);
    assertThat(client.told).hasSize(1);
    assertThat(run.queues()).contains("q:0");
  }

  @Test
  void whatACancelledConsumerStillHasIsNotKeptEither() {
    declareTimed();
    Consuming slow = client.consume(RestartableBroker.shared("q"));
    run.publish(other, "", "q", "1");
    client.ask((Attachment p, Completion<Done> done) -> slow.consumption.cancel(done));
    pass(TIMEOUT_MS);
    assertThat(client.told).containsExactly("overdue q 1000");
    assertThat(run.drain(other, "q")).containsExactly("1*");
  }

  /** A client may come and go often within the time, which may be long. */
  @Test
  void whoHasSettledAllAndIsCancelledLeavesNoTimer() {
    declareTimed();
    int before = run.loops.first.timers();
    for (int i = 0; i < 10; i++) {
      Consuming each = client.consume(RestartableBroker.shared("q"));
      run.publish(other, "", "q", "first", "last");
      each.settle(0, Settlement.ACCEPT);
      if (i % 2 == 0) {
        each.settle(1, Settlement.ACCEPT);
        client.ask((Attachment p, Completion<Done> done) -> each.consumption.cancel(done));
      } else {
        client.ask((Attachment p, Completion<Done> done) -> each.consumption.cancel(done));
        each.settle(1, Settlement.ACCEPT);
      }
    }
    assertThat(run.loops.first.timers()).isEqualTo(before);
  }

  @Test
  void aTimeForAllQueuesIsForThoseWithoutOneOfTheirOwnAndNotForSessions() {
    boundAll();
    declare("plain", Map.of());
    declare("own", Map.of("x-consumer-timeout", 3 * TIMEOUT_MS));
    run.declare(client, RestartableBroker.session("client"));
    Consuming plain = client.consume(RestartableBroker.shared("plain"));
    Consuming own = client.consume(RestartableBroker.shared("own"));
    Consuming session = client.consume(RestartableBroker.lease("client"));
    client.act(
        p ->
            session.consumption.offer(
                client.message("", "client", RestartableBroker.PERSISTENT, "s1"), null));
    run.publish(other, "", "plain", "p1");
    run.publish(other, "", "own", "o1");
    pass(TIMEOUT_MS);
    assertThat(plain.got).containsExactly("p1", "TIMED_OUT");
    assertThat(own.got).containsExactly("o1");
    pass(2 * TIMEOUT_MS);
    assertThat(own.got).containsExactly("o1", "TIMED_OUT");
    assertThat(session.got).containsExactly("s1");
    session.settle(0, Settlement.ACCEPT);
    assertThat(run.queues()).contains("mqtt.session.client:0");
  }

  @Test
  void withoutATimeAMessageMayBeKept() {
    declare("q", Map.of());
    Consuming slow = client.consume(RestartableBroker.shared("q"));
    run.publish(other, "", "q", "1");
    pass(7 * 24 * 3_600_000L);
    run.publish(other, "", "q", "2");
    assertThat(slow.got).containsExactly("1", "2");
  }
}

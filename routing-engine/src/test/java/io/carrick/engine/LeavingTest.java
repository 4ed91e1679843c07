package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.engine.client.Insides;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What goes away takes everything of its own along, and nothing else. */
class LeavingTest {

  private final RestartableBroker run = new RestartableBroker();

  private static QueueDeclaration exclusive(String name, boolean autoDelete) {
    return new QueueDeclaration(name, false, true, autoDelete, Map.of(), null);
  }

  @Test
  void aPollOfAClientThatLeavesBeforeItsAnswerTakesNothingAlong() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    TestClient leaving = run.client("leaving");
    run.disk.hold();
    var answer = new TestClient.Answer<Optional<Attachment.Fetched>>();
    leaving.act(a -> a.get("q", false, answer));
    leaving.act(Attachment::close);

    run.disk.release();
    run.loops.run();

    assertThat(run.drain(p, "q")).containsExactly("1");
  }

  @Test
  void aPollAndItsClientsEndOnAnotherLoopTakeNothingAlong() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    TestClient leaving = run.farClient("leaving");
    run.disk.hold();
    leaving.act(
        a -> {
          a.get("q", false, new TestClient.Answer<>());
          a.close();
        });

    run.disk.release();
    run.loops.run();

    assertThat(run.drain(p, "q")).containsExactly("1");
  }

  @Test
  void aLeaseOfAQueueThatIsDeletedMeanwhileIsRefused() {
    TestClient first = run.client("client");
    run.declare(first, session("client"));
    first.consume(lease("client"));
    TestClient next = run.farClient("client");
    var answer = new TestClient.Answer<Consumption>();

    next.act(a -> a.consume(lease("client"), next.new Consuming(), answer));
    TestClient third = run.farClient("client");
    var late = new TestClient.Answer<Consumption>();
    // Both ask before any loop runs: the deletion is on its way when the take-over begins.
    third.act(
        a -> {
          a.consume(lease("client"), third.new Consuming(), late);
          a.deleteQueue("mqtt.session.client", false, false, new TestClient.Answer<Long>());
        });

    assertThat(answer.get()).isNotNull();
    assertThatThrownBy(late::get).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anExclusiveQueueWhoseDeletionWasRefusedStillGoesWithItsClient() {
    TestClient p = run.client("p");
    run.declare(p, exclusive("mine", false));
    p.consume(shared("mine"));
    assertThatThrownBy(
            () ->
                p.ask(
                    (Attachment a, Completion<Long> done) ->
                        a.deleteQueue("mine", true, false, done)))
        .isInstanceOf(PreconditionFailedException.class);

    p.act(Attachment::close);

    assertThat(run.queues()).isEmpty();
  }

  @Test
  void aClientForgetsItsExclusiveQueuesWhenTheyGoByThemselves() {
    TestClient p = run.client("p");
    run.declare(p, exclusive("by consumer", true));
    run.declare(p, exclusive("by name", false));
    assertThat(Insides.exclusiveQueues(p.port)).isEqualTo(2);

    Consuming consuming = p.consume(shared("by consumer"));
    p.act(a -> consuming.consumption.detach());
    p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("by name", false, false, done));

    assertThat(run.queues()).isEmpty();
    assertThat(Insides.exclusiveQueues(p.port)).isZero();
  }

  @Test
  void aCancelledConsumerIsForgottenWhenEverythingOfItIsSettled() {
    TestClient near = run.client("near");
    near.declare("q");
    for (TestClient p : new TestClient[] {near, run.farClient("far")}) {
      Consuming idle = p.consume(shared("q"));
      p.ask((Attachment a, Completion<Done> done) -> idle.consumption.cancel(done));
      assertThat(Insides.consumptions(p.port)).as("nothing was unsettled").isZero();

      Consuming busy = p.consume(shared("q"));
      near.publish("", "q", "1");
      near.publish("", "q", "2");
      p.ask((Attachment a, Completion<Done> done) -> busy.consumption.cancel(done));
      busy.settle(0, Settlement.ACCEPT);
      assertThat(Insides.consumptions(p.port)).as("one is unsettled").isEqualTo(1);
      busy.settle(1, Settlement.ACCEPT);
      assertThat(Insides.consumptions(p.port)).isZero();
      assertThat(busy.got).as("nobody ended it").containsExactly("1", "2");
    }
    assertThat(run.broker.queues().get(0).unsettled()).isZero();
  }

  @Test
  void queuesThatWerePolledAndAreGoneAreForgotten() {
    TestClient near = run.client("near");
    near.declare("stays");
    near.publish("", "stays", "1");
    for (TestClient p : new TestClient[] {near, run.farClient("far")}) {
      Attachment.Fetched kept = run.get(p, "stays").orElseThrow();
      for (int i = 0; i < 1_000; i++) {
        String queue = "q" + i;
        p.declare(queue);
        p.publish("", queue, "2");
        assertThat(run.get(p, queue)).isPresent();
        p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue(queue, false, false, done));
      }
      assertThat(Insides.consumptions(p.port)).isLessThan(100);
      p.act(a -> kept.consumption().settle(kept.deliveryId(), Settlement.REQUEUE));
    }
    assertThat(run.drain(near, "stays")).containsExactly("1*");
  }

  @Test
  void aBindingThatItsExchangeRefusesIsNotStored() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    p.bind(Binding.of("amq.topic", "q", "a.*"));
    int stored = run.disk.durableEntries();
    Binding tooDeep = Binding.of("amq.topic", "q", "a.".repeat(1_000) + "*");

    assertThatThrownBy(() -> p.bind(tooDeep)).isInstanceOf(PreconditionFailedException.class);

    assertThat(run.disk.durableEntries()).isEqualTo(stored);
  }
}

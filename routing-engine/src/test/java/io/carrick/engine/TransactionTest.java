package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.Overflow;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import io.carrick.storage.MessageStore.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a client publishes and settles in a transaction takes effect with the commit, or never. */
@Tag("amqp091:tx.commit")
class TransactionTest {

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");
  private final List<String> told = new ArrayList<>();
  private final List<String> returned = new ArrayList<>();
  private final Transaction transaction = near.openTransaction(m -> returned.add(m.text()));

  private final Completion<Done> done =
      new Completion<>() {
        @Override
        public void completed(Done value) {
          told.add("committed");
        }

        @Override
        public void failed(BrokerException reason) {
          told.add("failed: " + reason.getMessage());
        }
      };

  private Message message(String queue, String text) {
    return near.message("", queue, RestartableBroker.PERSISTENT, text);
  }

  private void publish(String queue, String text) {
    near.act(p -> transaction.publish(message(queue, text), false));
  }

  private void commit() {
    near.act(p -> transaction.commit(done));
  }

  private void declareNearAndFar() {
    run.declare(near, durable("near"));
    run.declare(far, durable("far"));
  }

  @Test
  void whatIsPublishedIsInItsQueuesFromTheCommitOn() {
    declareNearAndFar();

    publish("near", "1");
    publish("far", "2");
    publish("near", "3");
    assertThat(run.queues()).containsExactly("far:0", "near:0");
    commit();

    assertThat(told).containsExactly("committed");
    assertThat(run.drain(near, "near")).containsExactly("1", "3");
    assertThat(run.drain(near, "far")).containsExactly("2");
  }

  @Test
  void theCommitIsAnsweredWhenTheStoreHasItAndTheQueuesToo() {
    declareNearAndFar();
    run.disk.hold();

    publish("near", "1");
    publish("far", "2");
    commit();
    assertThat(told).isEmpty();
    run.disk.release();
    run.loops.run();

    assertThat(told).containsExactly("committed");
  }

  @Test
  void aRollbackForgetsPublishesAndLeavesDeliveriesUnsettled() {
    declareNearAndFar();
    run.publish(near, "", "near", "delivered");
    Consuming consuming = near.consume(RestartableBroker.shared("near"));
    publish("near", "never");
    near.act(
        p -> {
          transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT);
          transaction.rollback();
          transaction.commit(done);
        });

    assertThat(told).containsExactly("committed");
    near.act(p -> consuming.consumption.detach());
    assertThat(run.drain(near, "near")).containsExactly("delivered*");
  }

  @Test
  void whatIsSettledLeavesQueuesOfEitherLoopWithTheCommitAndDoesNotComeBack() {
    declareNearAndFar();
    run.publish(near, "", "near", "a", "b", "c");
    run.publish(near, "", "far", "d", "e", "f");
    Consuming fromNear = near.consume(RestartableBroker.shared("near"));
    Consuming fromFar = near.consume(RestartableBroker.shared("far"));
    for (Consuming each : List.of(fromNear, fromFar)) {
      near.act(
          p -> {
            transaction.settle(each.consumption, each.ids.get(0), Settlement.ACCEPT);
            transaction.settle(each.consumption, each.ids.get(1), Settlement.REJECT);
            transaction.settle(each.consumption, each.ids.get(2), Settlement.REQUEUE);
          });
    }
    assertThat(fromNear.got).containsExactly("a", "b", "c");
    assertThat(fromFar.got).containsExactly("d", "e", "f");

    commit();
    assertThat(fromNear.got).containsExactly("a", "b", "c", "c*");
    assertThat(fromFar.got).containsExactly("d", "e", "f", "f*");
    run.crash();

    TestClient after = run.client("after");
    assertThat(run.drain(after, "near")).containsExactly("c*");
    assertThat(run.drain(after, "far")).containsExactly("f*");
  }

  @Test
  void theAnswerComesBehindTheDeadLettersOfWhatIsRejectedInQueuesOfEitherLoop() {
    run.declare(near, durable("dead"));
    for (TestClient each : List.of(near, far)) {
      String name = each == near ? "gives-up" : "gives-up-far";
      var arguments = QueueOptions.none().deadLetterTo("", "dead").arguments();
      var declaration = new QueueDeclaration(name, true, false, false, arguments, null);
      each.ask((Attachment p, Completion<QueueInfo> d) -> p.declareQueue(declaration, d));
      run.publish(near, "", name, name);
      Consuming consuming = near.consume(RestartableBroker.shared(name));
      told.clear();
      run.disk.hold();
      near.act(
          p -> {
            transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.REJECT);
            transaction.commit(done);
          });
      assertThat(told).as(name).isEmpty();
      run.disk.release();
      run.loops.run();
      assertThat(told).as(name).containsExactly("committed");
    }
    run.crash();

    assertThat(run.queues()).containsExactly("dead:2", "gives-up-far:0", "gives-up:0");
  }

  @Test
  void whatIsAcceptedFromAQueueWithPrioritiesDoesNotComeBackWhicheverItHas() {
    var arguments = Map.<String, Object>of("x-max-priority", 3);
    var declaration = new QueueDeclaration("priorities", true, false, false, arguments, null);
    far.ask((Attachment p, Completion<QueueInfo> d) -> p.declareQueue(declaration, d));
    far.act(
        p -> {
          for (int priority = 0; priority < 4; priority++) {
            Message made = Message.builder("p" + priority).persistent().priority(priority).build();
            RoutingKey key = RoutingKey.ofKey("priorities");
            p.publish(made.addressed("", key, p.identity(), run.loops.first.wallTimeMs()));
          }
        });
    Consuming consuming = near.consume(RestartableBroker.shared("priorities"));
    assertThat(consuming.got).containsExactly("p3", "p2", "p1", "p0");
    near.act(
        p -> {
          transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT);
          transaction.settle(consuming.consumption, consuming.ids.get(2), Settlement.ACCEPT);
        });
    commit();
    run.crash();

    TestClient after = run.client("after");
    assertThat(run.queues()).containsExactly("priorities:2");
    assertThat(run.drain(after, "priorities")).containsExactly("p2*", "p0*");
  }

  @Test
  void whoLeavesWithoutACommitHasPublishedAndSettledNothing() {
    declareNearAndFar();
    run.publish(far, "", "far", "delivered");
    Consuming consuming = near.consume(RestartableBroker.shared("far"));
    publish("near", "never");
    near.act(
        p -> {
          transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT);
          p.close();
        });

    assertThat(run.drain(far, "far")).containsExactly("delivered*");
    assertThat(run.drain(far, "near")).isEmpty();
    assertThat(run.broker.metrics().value("memory.held{kind=transactions}")).isZero();
  }

  @Test
  void aMandatoryMessageThatNoQueueMatchesComesBackBeforeTheAnswer() {
    near.act(
        p -> {
          transaction.publish(message("nowhere", "optional"), false);
          transaction.publish(message("nowhere", "mandatory"), true);
        });
    assertThat(returned).isEmpty();
    near.act(
        p -> {
          transaction.commit(done);
          assertThat(returned).containsExactly("mandatory");
          assertThat(told).isEmpty();
        });

    assertThat(told).containsExactly("committed");
  }

  @Test
  void whereAMessageGoesIsLookedAtWithTheCommitAndWhetherItMayAtOnce() {
    near.act(
        p ->
            assertThatThrownBy(
                    () -> {
                      var wrong = near.message("none", "", RestartableBroker.PERSISTENT, "x");
                      transaction.publish(wrong, false);
                    })
                .isInstanceOf(NotFoundException.class));
    run.declare(near, RestartableBroker.exchange("goes", "fanout", false));
    near.act(
        p ->
            transaction.publish(near.message("goes", "", RestartableBroker.PERSISTENT, "x"), true));
    near.ask((Attachment p, Completion<Done> gone) -> p.deleteExchange("goes", false, gone));
    publish("late", "y");
    run.declare(near, durable("late"));
    commit();

    assertThat(returned).containsExactly("x");
    assertThat(run.drain(near, "late")).containsExactly("y");
    assertThat(told).containsExactly("committed");
  }

  @Test
  void aTimeToLiveBeginsWithTheCommit() {
    var options = QueueOptions.none().messageTtl(Duration.ofMillis(100)).arguments();
    var declaration = new QueueDeclaration("short", true, false, false, options, null);
    near.ask((Attachment p, Completion<QueueInfo> d) -> p.declareQueue(declaration, d));
    publish("short", "x");
    run.loops.advance(150);
    commit();
    run.loops.advance(60);
    assertThat(run.queues()).containsExactly("short:1");
    run.loops.advance(60);
    assertThat(run.queues()).containsExactly("short:0");
  }

  @Test
  void aQueueThatRefusesFailsTheCommitAndTheOthersKeepWhatTheyGot() {
    declareNearAndFar();
    for (TestClient each : List.of(near, far)) {
      var full = QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH).arguments();
      String name = each == near ? "full" : "full-far";
      var declaration = new QueueDeclaration(name, true, false, false, full, null);
      each.ask((Attachment p, Completion<QueueInfo> d) -> p.declareQueue(declaration, d));
      publish("near", "before");
      publish(name, "too much");
      publish("near", "behind");
      commit();
    }

    assertThat(told)
        .containsExactly("failed: partial tx completion", "failed: partial tx completion");
    assertThat(run.drain(near, "near")).containsExactly("before", "behind", "before", "behind");
    publish("near", "next");
    commit();
    assertThat(told).last().isEqualTo("committed");
  }

  @Test
  void aStoreThatTakesNothingRefusesTheCommitAsAWhole() {
    declareNearAndFar();
    run.publish(near, "", "near", "delivered");
    Consuming consuming = near.consume(RestartableBroker.shared("near"));
    publish("far", "x");
    near.act(
        p -> transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT));
    run.disk.state(State.FULL);
    commit();

    assertThat(told).containsExactly("failed: the store takes nothing at present");
    run.disk.state(State.OPEN);
    commit();
    assertThat(told).last().isEqualTo("committed");
    near.act(p -> consuming.consumption.detach());
    assertThat(run.queues()).containsExactly("far:0", "near:1");
  }

  @Test
  void aStoreThatFailsMeanwhileFailsTheCommit() {
    run.declare(far, TestClient.plain("transient"));
    declareNearAndFar();
    run.publish(near, "", "near", "delivered");
    Consuming consuming = near.consume(RestartableBroker.shared("near"));
    run.disk.hold();
    run.loops.first.turn(
        () -> { // the far queue answers when the store has failed
          transaction.publish(message("transient", "x"), false);
          transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT);
          transaction.commit(done);
        });
    assertThat(told).isEmpty();
    run.disk.state(State.FAILED);
    run.loops.run();

    assertThat(told).containsExactly("failed: partial tx completion");
  }

  @Test
  void aStoreThatIsFullStillLearnsWhatIsAccepted() {
    declareNearAndFar();
    run.publish(near, "", "far", "delivered");
    Consuming consuming = near.consume(RestartableBroker.shared("far"));
    run.disk.state(State.FULL);
    near.act(
        p -> {
          transaction.settle(consuming.consumption, consuming.ids.get(0), Settlement.ACCEPT);
          transaction.commit(done);
        });
    run.disk.state(State.OPEN);
    run.loops.run();

    assertThat(told).containsExactly("committed");
  }

  @Test
  void aTransactionHoldsNoMoreThanItsLimitAndGivesItBack() {
    long most = Limit.TRANSACTION_BYTES.byDefault();
    byte[] large = new byte[(int) (most / 4)];
    near.act(
        p -> {
          Message quarter = Message.builder(large).build();
          for (int i = 0; i < 3; i++) {
            transaction.publish(
                quarter.addressed("", quarter.routingKey(), p.identity(), 0), false);
          }
          assertThatThrownBy(
                  () ->
                      transaction.publish(
                          quarter.addressed("", quarter.routingKey(), p.identity(), 0), false))
              .isInstanceOf(PreconditionFailedException.class)
              .hasMessage("a transaction holds at most " + most + " bytes");
          assertThat(held()).isGreaterThan(most / 4 * 3);
          transaction.rollback();
        });

    assertThat(held()).isZero();
    assertThat(run.broker.metrics().value("messages.dropped{reason=transaction-full}"))
        .isEqualTo(1);
  }

  private long held() {
    return run.broker.metrics().value("memory.held{kind=transactions}");
  }

  @Test
  void theBrokerWaitsForACommitUnderWayBeforeItLetsTheClientGo() {
    declareNearAndFar();
    run.disk.hold();
    publish("far", "1");
    commit();

    assertThat(run.broker.connections()).hasSize(2);
    var idle = new ArrayList<String>();
    near.act(p -> p.close(new Closed(idle)));
    run.disk.release();
    run.loops.run();

    assertThat(idle).containsExactly("closed");
    assertThat(run.drain(far, "far")).containsExactly("1");
  }

  /** Notes that an attachment has closed. */
  private record Closed(List<String> told) implements Completion<Done> {

    @Override
    public void completed(Done value) {
      told.add("closed");
    }

    @Override
    public void failed(BrokerException reason) {
      told.add("not closed");
    }
  }
}

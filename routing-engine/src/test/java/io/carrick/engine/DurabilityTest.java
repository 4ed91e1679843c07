package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static io.carrick.engine.RestartableBroker.RETAINED;
import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Alarm;
import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** An answer about something durable comes when it is, and not if it never will be. */
class DurabilityTest {

  private final RestartableBroker run = new RestartableBroker();
  private final List<String> answers = new ArrayList<>();

  private <T> Completion<T> answer(String name) {
    return new Completion<>() {
      @Override
      public void completed(T value) {
        answers.add(name);
      }

      @Override
      public void failed(BrokerException reason) {
        answers.add(name + " failed");
      }
    };
  }

  private void hold(BiConsumer<Attachment, DurabilityTest> actions, TestClient p) {
    run.disk.hold();
    p.act(a -> actions.accept(a, this));
  }

  // ---- waiting

  @Test
  void answersAboutDurableTopologyWaitAndComeInOrder() {
    TestClient p = run.client("p");
    run.declare(p, durable("there"));
    Binding binding = Binding.of("amq.fanout", "there", "");

    hold(
        (a, t) -> {
          a.declareExchange(exchange("e", "fanout", true), t.<Done>answer("exchange"));
          a.declareQueue(durable("q"), t.<QueueInfo>answer("queue"));
          a.declareQueue(durable("q"), t.<QueueInfo>answer("queue again"));
          a.bind(List.of(binding), t.<Integer>answer("bind"));
          a.bind(List.of(binding), t.<Integer>answer("bind again"));
          a.unbind(List.of(binding), t.<Integer>answer("unbind"));
          a.deleteExchange("e", false, t.<Done>answer("delete exchange"));
          a.deleteQueue("q", false, false, t.<Long>answer("delete queue"));
          a.deleteQueue("q", false, false, t.<Long>answer("delete again"));
        },
        p);

    assertThat(answers).isEmpty();
    run.disk.release();
    run.loops.run();
    assertThat(answers)
        .containsExactlyInAnyOrder(
            "exchange",
            "queue",
            "queue again",
            "bind",
            "bind again",
            "unbind",
            "delete exchange",
            "delete queue",
            "delete again");
  }

  @Test
  void anAnswerToAnotherLoopWaitsForWhatTheFirstHasChanged() {
    TestClient near = run.client("near");
    TestClient far = run.farClient("far");
    run.disk.hold();
    near.act(a -> a.declareQueue(durable("q"), answer("near")));
    far.act(a -> a.declareQueue(durable("q"), answer("far")));

    assertThat(answers).isEmpty();
    run.disk.release();
    run.loops.run();
    assertThat(answers).containsExactlyInAnyOrder("near", "far");
  }

  @Test
  void whatIsTransientIsAnsweredWithoutTheStore() {
    TestClient p = run.client("p");

    hold(
        (a, t) -> {
          a.declareQueue(TestClient.plain("q"), t.<QueueInfo>answer("queue"));
          a.declareExchange(exchange("e", "fanout", false), t.<Done>answer("exchange"));
          a.bind(List.of(Binding.of("e", "q", "")), t.<Integer>answer("bind"));
        },
        p);

    assertThat(answers).containsExactlyInAnyOrder("queue", "exchange", "bind");
  }

  @Test
  void confirmsOfPersistentMessagesWaitAndTransientOnesBeforeThemDoNot() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.disk.hold();

    p.act(a -> a.publishConfirmed(p.message("", "q", MessageProperties.NONE, "1")));
    run.publish(p, "", "q", "2", "3");
    p.act(a -> a.publishConfirmed(p.message("", "q", MessageProperties.NONE, "4")));

    assertThat(p.told).containsExactly("accepted 1-1");
    run.disk.release();
    run.loops.run();
    assertThat(p.told).containsExactly("accepted 1-1", "accepted 2-4");
  }

  @Test
  void aRetainedMessageIsConfirmedWhenItsTopicHasItInTheStore() {
    TestClient p = run.client("p");
    run.disk.hold();

    p.act(a -> a.publishConfirmed(p.message("amq.topic", "a", RETAINED, "m")));

    assertThat(p.told).isEmpty();
    run.disk.release();
    run.loops.run();
    assertThat(p.told).containsExactly("accepted 1-1");
  }

  @Test
  void nothingIsDeliveredFromADurableQueueBeforeTheStoreKnowsThatItMayBe() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "m");
    var consuming = p.new Consuming();
    run.disk.hold();
    p.act(a -> a.consume(shared("q"), consuming, answer("consume")));

    assertThat(answers).isEmpty();
    assertThat(consuming.got).isEmpty();
    run.disk.release();
    run.loops.run();
    assertThat(answers).containsExactly("consume");
    assertThat(consuming.got).containsExactly("m");
  }

  @Test
  void onlyWhatASessionQueuesIsStored() {
    TestClient p = run.client("client");
    run.declare(p, session("client"));
    p.bind(Binding.of("amq.topic", "mqtt.session.client", "a"));
    run.disk.hold();

    p.act(a -> a.publishConfirmed(p.message("amq.topic", "a", MessageProperties.NONE, "m")));

    assertThat(p.told).containsExactly("accepted 1-1");
  }

  @Test
  void aRecordSetIsThereAllOrNone() {
    TestClient p = run.client("client");
    run.declare(p, durable("q"));
    int before = run.disk.durableEntries();
    p.act(
        a ->
            a.atomically(
                () -> {
                  a.sessionTable("client").put(1, new byte[] {1});
                  a.publishConfirmed(p.message("", "q", PERSISTENT, "m"));
                }));

    assertThat(run.disk.durableEntries()).isEqualTo(before + 1);
  }

  @Test
  void whoPublishesDurableMessagesPausesWhileTheStoreIsCongested() {
    TestClient p = run.client("p");
    TestClient other = run.client("other");
    run.declare(p, durable("q"));
    other.declare("transient");
    run.disk.congested(true);

    run.publish(p, "", "q", "1", "2");
    run.publish(other, "", "transient", "3");
    assertThat(p.told).containsExactly("pause STORE", "accepted 1-2");
    assertThat(other.told).containsExactly("accepted 1-1");

    run.disk.congested(false);
    run.loops.run();
    assertThat(p.told).endsWith("resume STORE");
  }

  @Test
  void whoPublishesPausesWhileTheDiskIsNearlyFull() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    run.disk.freeBytes(Limit.DISK_FREE_BYTES.byDefault() - 1);
    run.loops.advance(1_000);

    run.publish(p, "", "q", "2");
    assertThat(p.told).contains("pause DISK").doesNotContain("resume DISK");
    assertThat(run.broker.alarms()).containsExactly(Alarm.DISK);

    run.disk.freeBytes(Limit.DISK_FREE_BYTES.byDefault() * 2);
    run.loops.advance(1_000);
    assertThat(p.told).contains("resume DISK", "accepted 2-2");
    assertThat(run.broker.alarms()).isEmpty();
  }

  // ---- failing

  @Test
  void aFailedStoreRefusesWhatWasWaitingAndEverythingDurableAfterIt() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.disk.hold();
    run.publish(p, "", "q", "1", "2");
    p.act(a -> a.declareQueue(durable("waiting"), answer("waiting")));

    run.disk.state(State.FAILED);
    run.loops.run();
    run.publish(p, "", "q", "3");
    p.act(a -> a.publishConfirmed(p.message("amq.topic", "a", RETAINED, "retained")));

    assertThat(p.told).containsExactly("refused 1-1", "refused 2-2", "refused 3-3", "refused 4-4");
    assertThat(answers).containsExactly("waiting failed");
    assertThat(run.broker.metrics().dropped("store")).isEqualTo(2);
    assertThatThrownBy(() -> run.declare(p, durable("new")))
        .isInstanceOf(PreconditionFailedException.class);
    assertThatThrownBy(() -> run.declare(p, exchange("new", "fanout", true)))
        .isInstanceOf(PreconditionFailedException.class);
    assertThatThrownBy(() -> p.bind(Binding.of("amq.fanout", "q", "")))
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void transientTrafficGoesOnWithAFailedStore() {
    TestClient p = run.client("p");
    run.declare(p, durable("durable"));
    run.publish(p, "", "durable", "stored");
    run.disk.hold();
    run.declare(p, durable("changed"), answer("changed"));
    run.disk.state(State.FAILED);
    run.loops.run();
    p.told.clear();

    p.declare("q");
    p.bind(Binding.of("amq.fanout", "q", ""));
    Consuming c = p.consume(shared("q"));
    Consuming durable = p.consume(shared("durable"));
    p.publish("amq.fanout", "", "m");
    p.act(a -> a.publish(p.message("", "q", PERSISTENT, "persistent in a transient queue")));

    assertThat(p.told).containsExactly("accepted 2-2");
    assertThat(c.got).containsExactly("m", "persistent in a transient queue");
    assertThat(durable.got).containsExactly("stored");
  }

  @Test
  void aFullStoreRefusesUntilThereIsRoomAndCanBeEmptied() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    run.disk.state(State.FULL);
    run.publish(p, "", "q", "2");
    Consuming c = p.consume(shared("q"));
    c.settle(0, Settlement.ACCEPT);
    run.disk.state(State.OPEN);
    run.publish(p, "", "q", "3");

    assertThat(p.told).containsExactly("accepted 1-1", "refused 2-2", "accepted 3-3");
    run.crash();
    assertThat(run.drain(run.client("p"), "q")).containsExactly("3*");
  }

  @Test
  void aSessionOnAFailedStoreStillGetsItsLease() {
    TestClient p = run.client("client");
    run.declare(p, session("client"));
    run.disk.state(State.FAILED);

    assertThat(p.consume(lease("client")).got).isEmpty();
  }
}

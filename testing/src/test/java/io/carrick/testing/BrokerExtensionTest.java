package io.carrick.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.MethodOrderer.MethodName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

class BrokerExtensionTest {

  @Test
  void saysWhyThereIsNoBrokerOutsideOfATest() {
    assertThatThrownBy(BrokerExtension.with()::broker)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("@RegisterExtension");
  }

  @Nested
  @TestMethodOrder(MethodName.class)
  class InAStaticField {

    @RegisterExtension static final BrokerExtension broker = BrokerExtension.with();

    @Test
    void firstTestLeavesAQueueBehind() {
      broker.client().topology().queue("left").declare();
    }

    @Test
    void secondTestMeetsTheSameBroker() {
      assertThat(broker.client().topology().find("left")).isPresent();
    }

    @Test
    void thirdTestMeetsNoClientOfTheOthers() {
      assertThat(broker.broker().connections()).isEmpty();
    }

    @Nested
    class AndInsideIt {
      @Test
      void nestedTestsMeetTheSameBrokerToo() {
        assertThat(broker.client().topology().find("left")).isPresent();
      }
    }
  }

  @Nested
  class InAnInstanceField {

    @RegisterExtension final BrokerExtension broker = BrokerExtension.with();

    @Test
    void oneTestHasItsOwnBroker() {
      assertThat(broker.client().topology().find("own")).isEmpty();
      broker.client().topology().queue("own").declare();
    }

    @Test
    void theOtherTestHasItsOwnBroker() {
      assertThat(broker.client().topology().find("own")).isEmpty();
      broker.client().topology().queue("own").declare();
    }
  }

  @Nested
  class WithTimeThatStands {

    @RegisterExtension final BrokerExtension broker = BrokerExtension.with();

    @Test
    void timeMovesOnlyWhenTheTestSaysSo() {
      Instant before = broker.now();
      assertThat(before).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));

      broker.advance(Duration.ofDays(400));

      assertThat(broker.now()).isEqualTo(before.plus(Duration.ofDays(400)));
    }

    @Test
    void aTimerOfTheBrokerRunsWhenTimeHasReachedIt() throws InterruptedException {
      broker.client().topology().queue("q").declare();
      broker.await(broker.client().publisher("").publish("q", Message.of("unsettled")));
      var held = broker.probe(Source.queue("q"));
      held.hold();
      var drained = new CompletableFuture<Boolean>();
      var drainer =
          new Thread(() -> drained.complete(broker.broker().drain(Duration.ofSeconds(30))));
      drainer.start();

      while (!drained.isDone()) {
        broker.advance(Duration.ofSeconds(1)); // the thread may not have called yet
      }

      assertThat(drained.join()).isFalse();
      drainer.join();
    }

    @Test
    void connectionsAreDatedByTheBrokersTime() {
      broker.advance(Duration.ofHours(1));

      broker.client();

      assertThat(broker.broker().connections().get(0).since())
          .isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
    }
  }

  @Nested
  class InTheTestsThread {

    @RegisterExtension final BrokerExtension broker = BrokerExtension.with().inTestThread();

    @Test
    void nothingHappensUnlessTheTestLetsIt() {
      var report = broker.client().publisher("amq.topic").publish("a", Message.of("x"));
      assertThat(report.toCompletableFuture()).isNotDone();

      broker.settle();

      assertThat(report.toCompletableFuture()).isCompleted();
    }

    @Test
    void waitsForWhatTheBrokerHasPromised() {
      broker.await(broker.client().publisher("amq.topic").publish("a", Message.of("x")));
      var failing = broker.client().publisher("nowhere").publish("a", Message.of("x"));
      assertThatThrownBy(() -> broker.await(failing))
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(NotFoundException.class);
    }
  }

  @Nested
  class InRealTime {

    @RegisterExtension
    final BrokerExtension broker =
        BrokerExtension.of(EmbeddedBroker.builder().virtualHost("two")).realTime();

    @Test
    void theBuildersBrokerRuns() {
      Broker running = broker.broker();
      running.connect("two").close();
      assertThatThrownBy(() -> broker.address("mqtt")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void timeCannotBeMoved() {
      assertThatThrownBy(() -> broker.advance(Duration.ofSeconds(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("real time");
    }

    @Test
    void probesWorkToo() {
      MessageProbe probe = broker.probe(Source.topic("#"));
      probe.expectNothing();
      broker.client().publisher("amq.topic").send("a", Message.of("x"));
      assertThat(probe.take().message().text()).isEqualTo("x");
    }
  }
}

package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One client that is served from several queues under one window, on its loop and on another. */
class WindowTest {

  private final ManualLoops loops = new ManualLoops();
  private final PortAdapter port = new PortAdapter();
  private final Broker broker =
      EmbeddedBroker.builder().loops(prefix -> loops).adapter(port).start();
  private final TestClient client = new TestClient(port.adapters(), loops, loops.first, "client");
  private final TestClient other = new TestClient(port.adapters(), loops, loops.second, "other");

  @AfterEach
  void close() {
    broker.close();
  }

  private static ConsumeRequest of(String queue) {
    return new ConsumeRequest(queue, false, Mode.SHARED, 0, 0);
  }

  private void fill(String queue, int messages) {
    for (int i = 1; i <= messages; i++) {
      client.publish("", queue, queue + i);
    }
  }

  private void declare(boolean far, String queue) {
    (far ? other : client).declare(queue);
  }

  private void resize(CreditWindow window, int deliveries) {
    client.ask((Attachment p, Completion<Done> done) -> window.resize(deliveries, done));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,true"})
  void twoQueuesTakeTurnsUnderOneWindow(boolean firstFar, boolean secondFar) {
    declare(firstFar, "a");
    declare(secondFar, "b");
    fill("a", 20);
    fill("b", 20);
    CreditWindow window = client.port.openWindow(4);
    Consuming a = client.consume(of("a").within(window));
    Consuming b = client.consume(of("b").within(window));
    assertThat(a.got).containsExactly("a1", "a2", "a3", "a4");
    assertThat(b.got).isEmpty();

    int settledA = 0;
    int settledB = 0;
    for (int round = 0; round < 40; round++) {
      assertThat(a.got.size() + b.got.size() - settledA - settledB).isLessThanOrEqualTo(4);
      if (settledA < a.got.size() && (settledA <= settledB || settledB == b.got.size())) {
        a.settle(settledA++, Settlement.ACCEPT);
      } else if (settledB < b.got.size()) {
        b.settle(settledB++, Settlement.ACCEPT);
      }
      if (round > 8 && a.got.size() < 20 && b.got.size() < 20) {
        assertThat(a.got.size() - b.got.size()).as("nobody starves").isBetween(-1, 5);
      }
    }

    assertThat(a.got).hasSize(20).doesNotHaveDuplicates();
    assertThat(b.got).hasSize(20).doesNotHaveDuplicates();
    assertThat(client.port.loop()).isSameAs(loops.first);
    client.act(p -> a.consumption.detach());
    client.act(p -> b.consumption.detach());
    assertThat(window.taken()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aQueueThatHasNothingToDeliverKeepsNoCreditFromOneThatHas(boolean far) {
    declare(far, "a");
    declare(far, "b");
    CreditWindow window = client.port.openWindow(2);
    Consuming a = client.consume(of("a").within(window));
    fill("a", 2);
    a.settle(0, Settlement.ACCEPT);
    a.settle(1, Settlement.ACCEPT);

    Consuming b = client.consume(of("b").within(window));
    fill("b", 3);

    assertThat(b.got).containsExactly("b1", "b2");
  }

  @Test
  void aQueueOnAnotherLoopAsksOnceAndThenUsesItsCreditAgain() {
    declare(true, "far");
    fill("far", 6);
    CreditWindow window = client.port.openWindow(2);
    Consuming c = client.consume(of("far").within(window));

    loops.first.turn(() -> c.consumption.settle(c.ids.get(0), Settlement.ACCEPT));
    loops.second.run();
    loops.first.run();

    assertThat(c.got).as("without the window's loop having been asked").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aSmallerWindowLetsNothingThroughUntilEnoughIsSettled(boolean far) {
    declare(far, "q");
    fill("q", 10);
    CreditWindow window = client.port.openWindow(5);
    Consuming c = client.consume(of("q").within(window));
    assertThat(c.got).hasSize(5);

    resize(window, 2);
    for (int i = 0; i < 3; i++) {
      c.settle(i, Settlement.ACCEPT);
    }
    assertThat(c.got).hasSize(5);
    c.settle(3, Settlement.ACCEPT);
    assertThat(c.got).hasSize(6);

    resize(window, 0);
    c.settle(4, Settlement.ACCEPT);
    c.settle(5, Settlement.ACCEPT);
    assertThat(c.got).hasSize(6);
    assertThat(window.taken()).isZero();
    resize(window, 4);
    assertThat(c.got).hasSize(10);
  }

  @Test
  void aSmallerWindowHoldsWhenItSaysSoEvenForCreditThatAQueueElsewhereHas() {
    declare(true, "far");
    CreditWindow window = client.port.openWindow(3);
    Consuming c = client.consume(of("far").within(window));
    fill("far", 3);
    for (int i = 0; i < 3; i++) {
      c.settle(i, Settlement.ACCEPT); // the queue has the credit now
    }

    var done = new TestClient.Answer<Done>();
    loops.first.turn(() -> window.resize(1, done));
    other.publish("", "far", "4");
    other.publish("", "far", "5");

    done.get();
    assertThat(c.got).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void whoComesToAWindowLaterBringsWhatItHas(boolean far) {
    declare(far, "a");
    declare(!far, "b");
    Consuming a = client.consume(of("a"));
    fill("a", 3);
    CreditWindow window = client.port.openWindow(2);
    client.ask((Attachment p, Completion<Done> done) -> a.consumption.drawOn(window, done));
    Consuming b = client.consume(of("b").within(window));
    fill("a", 3);
    fill("b", 3);
    assertThat(a.got).hasSize(3);
    assertThat(b.got).isEmpty();

    a.settle(0, Settlement.ACCEPT);
    assertThat(a.got.size() + b.got.size()).isEqualTo(3);
    a.settle(1, Settlement.ACCEPT);
    assertThat(a.got.size() + b.got.size()).isEqualTo(4);
    a.settle(2, Settlement.ACCEPT);
    assertThat(a.got.size() + b.got.size()).isEqualTo(5);
    assertThat(window.taken()).isEqualTo(2);
  }

  @Test
  void whatALateComerBringsIsUsedAgainOnlyWhenTheWindowKnowsOfIt() {
    declare(false, "near");
    declare(true, "far");
    CreditWindow window = client.port.openWindow(2);
    Consuming near = client.consume(of("near").within(window));
    Consuming far = client.consume(of("far").within(window));
    Consuming late = client.consume(new ConsumeRequest("far", false, Mode.SHARED, 1, 0));
    fill("near", 1);
    fill("far", 3);
    assertThat(near.got.size() + far.got.size()).as("the window is full").isEqualTo(2);
    assertThat(late.got).hasSize(1);

    loops.first.turn(
        () -> {
          late.consumption.drawOn(window, new TestClient.Answer<>());
          late.consumption.settle(late.ids.get(0), Settlement.ACCEPT);
        });
    loops.run();

    assertThat(far.got.size() + late.got.size()).isEqualTo(2);
    assertThat(window.taken()).isEqualTo(2);
    far.settle(0, Settlement.ACCEPT);
    assertThat(far.got.size() + late.got.size()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void whatIsHeldLeavesNoGapBehindTheDeliveryThatItFollows(boolean far) {
    declare(far, "q");
    fill("q", 3);
    CreditWindow window = client.port.openWindow(1);
    Consuming c = client.consume(of("q").within(window));

    loops.first.turn(
        () -> {
          window.hold(1);
          c.consumption.settle(c.ids.get(0), Settlement.ACCEPT);
        });
    loops.run();
    assertThat(c.got).hasSize(1);
    assertThat(window.taken()).isEqualTo(1);
    client.act(p -> window.release(1));
    assertThat(c.got).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "detach,false",
    "detach,true",
    "delete,false",
    "delete,true",
    "cancel,false",
    "cancel,true"
  })
  void creditIsBackWhenItsConsumerHasGone(String how, boolean far) {
    declare(far, "a");
    declare(far, "b");
    fill("a", 3);
    fill("b", 3);
    CreditWindow window = client.port.openWindow(2);
    Consuming a = client.consume(of("a").within(window));
    Consuming b = client.consume(of("b").within(window));
    assertThat(a.got).hasSize(2);

    switch (how) {
      case "detach" -> client.act(p -> a.consumption.detach());
      case "delete" ->
          client.ask(
              (Attachment p, Completion<Long> done) -> p.deleteQueue("a", false, false, done));
      default -> {
        client.ask((Attachment p, Completion<Done> done) -> a.consumption.cancel(done));
        assertThat(b.got).as("what a cancelled consumer has counts").isEmpty();
        a.settle(0, Settlement.REQUEUE);
        a.settle(1, Settlement.ACCEPT);
      }
    }

    assertThat(b.got).containsExactly("b1", "b2");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void consumersOfOneQueueKeepTheirPrioritiesAndTurnsUnderAWindow(boolean far) {
    declare(far, "q");
    CreditWindow window = client.port.openWindow(1);
    Consuming low = client.consume(of("q").within(window));
    Consuming high =
        client.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 9).within(window));
    Consuming alsoHigh =
        client.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 9).within(window));
    fill("q", 4);

    for (Consuming c : List.of(high, alsoHigh, high, alsoHigh)) {
      assertThat(low.got).isEmpty();
      c.settle(c.got.size() - 1, Settlement.ACCEPT);
    }
    assertThat(high.got).containsExactly("q1", "q3");
    assertThat(alsoHigh.got).containsExactly("q2", "q4");
  }
}

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

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.NotFoundException;
import io.carrick.RoutingKey;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.SessionTable;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes back when a broker starts again on the same store, and what does not. */
class RestartTest {

  private final RestartableBroker run = new RestartableBroker();

  private void stop(boolean clean) {
    if (clean) {
      run.restart();
    } else {
      run.crash();
    }
  }

  private static Binding binding(String exchange, String queue, String key, Object attachment) {
    return new Binding(
        exchange, Binding.Target.QUEUE, queue, RoutingKey.ofKey(key), Map.of(), attachment);
  }

  // ---- exchanges, queues, bindings

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void durableExchangesQueuesAndBindingsComeBackAndRoute(boolean clean) {
    TestClient p = run.client("p");
    run.declare(p, exchange("source", "topic", true));
    run.declare(p, exchange("target", "fanout", true));
    run.declare(p, durable("q"));
    p.bind(Binding.toExchange("source", "target", "a.*"));
    p.bind(Binding.of("target", "q", ""));

    stop(clean);
    TestClient again = run.client("p");
    run.publish(again, "source", "a.b", "routed");
    run.publish(again, "source", "b.a", "not routed");

    assertThat(run.drain(again, "q")).containsExactly("routed");
  }

  @Test
  void anExchangeComesBackWithItsArguments() {
    TestClient p = run.client("p");
    var alternate =
        new ExchangeDeclaration(
            "e", "direct", true, true, true, Map.of("alternate-exchange", "amq.fanout"));
    run.declare(p, alternate);

    run.crash();
    TestClient again = run.client("p");

    run.declare(again, alternate);
    assertThatThrownBy(() -> run.declare(again, exchange("e", "direct", true)))
        .hasMessageContaining("inequivalent arg 'auto_delete'");
  }

  @Test
  void headersBindingsComeBackWithTheirArguments() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    p.bind(Binding.of("amq.headers", "q", "", Map.of("x-match", "all", "color", "red")));

    run.crash();
    TestClient again = run.client("p");
    MessageProperties red =
        Message.builder("").persistent().header("color", "red").build().properties();
    again.act(a -> a.publish(again.message("amq.headers", "", red, "red")));
    run.publish(again, "amq.headers", "", "colourless");

    assertThat(run.drain(again, "q")).containsExactly("red");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsTransientDoesNotComeBack(boolean clean) {
    TestClient p = run.client("p");
    run.declare(p, exchange("transient", "fanout", false));
    run.declare(p, durable("durable"));
    p.declare("transient");
    p.declareExclusive("exclusive");
    run.declare(p, new QueueDeclaration("mine", true, true, false, Map.of(), null));
    p.bind(Binding.of("amq.fanout", "transient", ""));
    p.bind(Binding.of("transient", "durable", ""));
    p.act(a -> a.publish(p.message("", "durable", MessageProperties.NONE, "transient")));

    stop(clean);
    TestClient again = run.client("p");

    assertThat(run.queues()).containsExactly("durable:0");
    assertThatThrownBy(
            () -> again.ask((Attachment a, Completion<Done> d) -> a.findExchange("transient", d)))
        .isInstanceOf(NotFoundException.class);
    run.declare(again, exchange("transient", "fanout", false));
    run.publish(again, "transient", "", "not bound any more");
    assertThat(run.drain(again, "durable")).isEmpty();
  }

  @Test
  void aBindingWithATransientEndDoesNotComeBackWithBothEndsMadeAgain() {
    TestClient p = run.client("p");
    p.declare("q");
    p.bind(Binding.of("amq.fanout", "q", ""));

    run.crash();
    TestClient again = run.client("p");
    again.declare("q");
    run.publish(again, "amq.fanout", "", "m");

    assertThat(run.drain(again, "q")).isEmpty();
  }

  @Test
  void anAutoDeleteQueueComesBackIfItIsDurableAndGoesWithItsNextConsumer() {
    TestClient p = run.client("p");
    run.declare(p, new QueueDeclaration("q", true, false, true, Map.of(), null));
    run.crash();
    assertThat(run.queues()).containsExactly("q:0");

    TestClient again = run.client("p");
    Consuming c = again.consume(shared("q"));
    again.act(a -> c.consumption.detach());
    run.restart();

    assertThat(run.queues()).isEmpty();
  }

  @Test
  void whatWasRemovedDoesNotComeBack() {
    TestClient p = run.client("p");
    run.declare(p, exchange("e", "fanout", true));
    run.declare(p, durable("bound"));
    run.declare(p, durable("unbound"));
    run.declare(p, durable("deleted"));
    List<Binding> bindings = new ArrayList<>();
    for (String queue : List.of("bound", "unbound", "deleted")) {
      bindings.add(Binding.of("e", queue, ""));
      bindings.add(Binding.of("amq.fanout", queue, ""));
    }
    bindings.forEach(p::bind);
    run.publish(p, "e", "", "m");
    p.ask((Attachment a, Completion<Integer> done) -> a.unbind(bindings.subList(2, 4), done));
    p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("deleted", false, false, done));
    p.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("unbound", done));
    p.ask((Attachment a, Completion<Done> done) -> a.deleteExchange("e", false, done));

    run.crash();
    TestClient again = run.client("p");
    run.declare(again, durable("deleted"));
    run.declare(again, exchange("e", "fanout", true));
    run.publish(again, "e", "", "nobody bound");
    run.publish(again, "amq.fanout", "", "n");

    assertThat(run.queues()).containsExactly("bound:2", "deleted:0", "unbound:0");
  }

  @Test
  void aBindingThatWasMadeAgainComesBackWithItsLastAttachment() {
    TestClient p = run.client("client");
    run.declare(p, session("client"));
    p.bind(binding("amq.topic", "mqtt.session.client", "a", "first"));
    p.bind(binding("amq.topic", "mqtt.session.client", "a", "second"));

    run.crash();
    TestClient again = run.client("client");
    run.publish(again, "amq.topic", "a", "m");
    Consuming c = again.consume(lease("client"));

    assertThat(c.got).containsExactly("m/by [second]");
  }

  @Test
  void idsAreNotGivenOutTwice() {
    TestClient p = run.client("p");
    run.declare(p, durable("first"));
    run.publish(p, "", "first", "m");
    p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("first", false, false, done));

    for (int i = 0; i < 3; i++) {
      run.crash();
      run.declare(run.client("p"), durable("q" + i));
    }
    run.crash();

    assertThat(run.queues()).containsExactly("q0:0", "q1:0", "q2:0");
  }

  // ---- messages

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void persistentMessagesInDurableQueuesComeBackInOrder(boolean clean) {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1", "2", "3");
    p.act(a -> a.publish(p.message("", "q", MessageProperties.NONE, "transient")));
    run.publish(p, "", "q", "4");

    stop(clean);
    TestClient again = run.client("p");
    run.publish(again, "", "q", "5");

    assertThat(run.drain(again, "q")).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void aMessageComesBackAsItWasPublished() {
    TestClient p = run.client("who");
    run.declare(p, durable("q"));
    p.bind(Binding.of("amq.topic", "q", "#"));
    Message message =
        Message.published(
            "amq.topic",
            RoutingKey.ofTopic("a/b.c"),
            Message.builder("").persistent().header("h", 7L).build().properties(),
            new byte[] {0, 1},
            p.port.identity(),
            1_700_000_000_123L);
    p.act(a -> a.publish(message));

    run.crash();
    Message back = run.get(run.client("p"), "q").orElseThrow().message();

    assertThat(back.exchange()).isEqualTo("amq.topic");
    assertThat(back.routingKey().sameBytes(RoutingKey.ofTopic("a/b.c"))).isTrue();
    assertThat(back.properties().headers()).isEqualTo(Map.of("h", 7L));
    assertThat(back.payload()).containsExactly(0, 1);
    assertThat(back.publisher()).isEqualTo(p.port.identity());
    assertThat(back.arrivedMs()).isEqualTo(1_700_000_000_123L);
  }

  @Test
  void aLongQueueComesBackInOrderThroughASmallWindow() {
    TestClient p = run.farClient("p");
    run.declare(p, durable("q"));
    String[] texts = IntStream.range(0, 50).mapToObj(i -> "m" + i).toArray(String[]::new);
    run.publish(p, "", "q", texts);

    run.crash();
    TestClient again = run.client("p");
    run.publish(again, "", "q", "last");

    assertThat(run.queues()).containsExactly("q:51");
    Consuming c = again.consume(shared("q"));
    assertThat(c.got).hasSize(51).startsWith(texts).endsWith("last");
  }

  @Test
  void aPurgedQueueOfAnyLengthStaysEmpty() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", IntStream.range(0, 50).mapToObj(i -> "m").toArray(String[]::new));
    run.get(p, "q");
    long purged = p.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("q", done));
    run.publish(p, "", "q", "after");

    run.crash();

    assertThat(purged).isEqualTo(49);
    assertThat(run.drain(run.client("p"), "q")).containsExactly("m*", "after*");
  }

  @Test
  void whatWasSettledDoesNotComeBack() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "accepted", "rejected", "left");
    Consuming c = p.consume(shared("q"));
    c.settle(0, Settlement.ACCEPT);
    c.settle(1, Settlement.REJECT);

    run.crash();

    assertThat(run.drain(run.client("p"), "q")).containsExactly("left*");
  }

  // ---- redelivered

  @Test
  void afterAnOrderlyStopOnlyWhatWasDeliveredIsFlagged() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1", "2", "3", "4", "5", "6", "7");
    run.get(p, "q");
    run.get(p, "q");

    run.restart();
    run.restart();

    assertThat(run.drain(run.client("p"), "q"))
        .containsExactly("1*", "2*", "3", "4", "5", "6", "7");
  }

  @Test
  void afterAnUncleanStopEverythingInAQueueThatHadAConsumerIsFlagged() {
    TestClient p = run.client("p");
    run.declare(p, durable("consumed"));
    run.declare(p, durable("untouched"));
    p.consume(shared("consumed"));
    run.publish(p, "", "consumed", "1", "2");
    run.publish(p, "", "untouched", "3");

    run.crash();
    TestClient again = run.client("p");
    run.publish(again, "", "consumed", "new");

    assertThat(run.drain(again, "consumed")).containsExactly("1*", "2*", "new");
    assertThat(run.drain(again, "untouched")).containsExactly("3");
  }

  @Test
  void theFlagOutlivesARunInWhichNobodyConsumes() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    p.consume(shared("q"));

    run.crash();
    run.crash();
    run.restart();
    run.publish(run.client("p"), "", "q", "2");
    run.crash();

    assertThat(run.drain(run.client("p"), "q")).containsExactly("1*", "2");
  }

  @Test
  void aCrashDuringTheStartTakesNoFlagAway() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");
    p.consume(shared("q"));
    int before = run.disk.durableEntries();
    run.crash();
    int after = run.disk.durableEntries();

    assertThat(after).isGreaterThan(before);
    for (int place = before; place <= after; place++) {
      var again = new RestartableBroker(run.disk.asOf(place), 4);
      assertThat(again.drain(again.client("p"), "q")).as("at %d", place).containsExactly("1*");
    }
  }

  @Test
  void aConsumerOfALongGoneRunFlagsNothing() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    p.consume(shared("q"));
    run.restart();
    run.publish(run.client("p"), "", "q", "1");

    run.crash();

    assertThat(run.drain(run.client("p"), "q")).containsExactly("1");
  }

  @Test
  void deliveriesHaveTheSameIdAfterARestart() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1", "2");
    List<Long> before = p.consume(shared("q")).ids;

    run.crash();
    List<Long> after = run.client("p").consume(shared("q")).ids;

    assertThat(after).hasSize(2).isEqualTo(before);
  }

  // ---- sessions

  @Test
  void whatASessionHasQueuedIsDecidedAgainByItsSubscriptions() {
    TestClient p = run.client("client");
    run.declare(p, session("client"));
    p.bind(binding("amq.topic", "mqtt.session.client", "a.*", 1));
    p.bind(binding("amq.topic", "mqtt.session.client", "b", 2));
    run.publish(p, "amq.topic", "a.b", "1");
    run.publish(p, "amq.topic", "b", "2");

    run.crash();
    TestClient again = run.client("client");
    again.ask(
        (Attachment a, Completion<Integer> done) ->
            a.unbind(List.of(binding("amq.topic", "mqtt.session.client", "b", null)), done));
    Consuming c = again.consume(lease("client"));

    assertThat(c.got).containsExactly("1/by [1]", "2");
  }

  @Test
  void theTableOfASessionComesBack() {
    TestClient p = run.client("client");
    p.act(
        a -> {
          SessionTable table = a.sessionTable("client");
          table.put(1, new byte[] {1});
          table.put(2, new byte[] {2});
          table.put(1, new byte[] {3});
          table.remove(2);
          a.sessionTable("other").put(5, new byte[0]);
          a.sessionTable("other").clear();
        });

    run.crash();
    var records = new ArrayList<String>();
    run.client("client")
        .act(
            a -> {
              a.sessionTable("client").forEach((key, r) -> records.add(key + "=" + r[0]));
              a.sessionTable("other").forEach((key, r) -> records.add("other"));
            });

    assertThat(records).containsExactly("1=3");
  }

  // ---- last values

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void lastValuesComeBackAndClearedOnesDoNot(boolean clean) {
    TestClient p = run.client("p");
    retain(p, "a.b", "old");
    retain(p, "a.b", "new");
    retain(p, "a.c", "cleared");
    retain(p, "a.c", "");

    stop(clean);

    assertThat(lastValues(run.client("p"))).containsExactly("new");
  }

  private static void retain(TestClient p, String key, String text) {
    p.act(a -> a.publishConfirmed(p.message("amq.topic", key, RETAINED, text)));
  }

  private static List<String> lastValues(TestClient p) {
    var texts = new ArrayList<String>();
    p.act(
        a -> {
          LastValueCursor cursor = a.lastValues(RoutingKey.ofTopic("#"));
          for (var m = cursor.next(); m.isPresent(); m = cursor.next()) {
            texts.add(m.get().text());
          }
        });
    return texts;
  }

  // ---- schedules

  private void schedule(TestClient p, String name, long delayMs) {
    Message message = p.message("", "q", PERSISTENT, name);
    p.ask((Attachment a, Completion<Done> done) -> a.schedulePublish(name, message, delayMs, done));
  }

  private void afterStart(TestClient p, String name, long delayMs) {
    Message message = p.message("", "q", PERSISTENT, name);
    p.ask(
        (Attachment a, Completion<Done> done) ->
            a.schedulePublishAfterStart(name, message, delayMs, done));
  }

  @Test
  void whatIsScheduledIsPublishedAtItsTimeByTheWallClock() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    schedule(p, "missed", 1_000);
    schedule(p, "later", 10_000);
    schedule(p, "cancelled", 1_000);
    p.ask((Attachment a, Completion<Boolean> done) -> a.cancelScheduled("cancelled", done));

    run.crash(4_000);
    run.loops.advance(0);
    assertThat(run.drain(run.client("p"), "q")).containsExactly("missed");
    run.loops.advance(5_999);
    assertThat(run.drain(run.client("p"), "q")).isEmpty();
    run.loops.advance(1);
    assertThat(run.drain(run.client("p"), "q")).containsExactly("later");

    run.crash(60_000);
    run.loops.advance(0);
    assertThat(run.drain(run.client("p"), "q")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsKeptForTheNextStartIsPublishedThenUnlessCancelled(boolean clean) {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    afterStart(p, "kept", 0);
    afterStart(p, "delayed", 500);
    afterStart(p, "cancelled", 0);
    p.ask((Attachment a, Completion<Boolean> done) -> a.cancelScheduled("cancelled", done));
    run.loops.advance(60_000);
    assertThat(run.drain(p, "q")).isEmpty();

    stop(clean);
    run.loops.advance(0);
    assertThat(run.drain(run.client("p"), "q")).containsExactly("kept");
    run.loops.advance(500);
    assertThat(run.drain(run.client("p"), "q")).containsExactly("delayed");
  }

  // ---- what does not make sense any more

  @Test
  void theQueueOfASessionWhoseAdapterIsMissingIsKeptForWhenItIsBack() {
    TestClient p = run.client("client");
    run.declare(p, session("client"));
    p.bind(binding("amq.topic", "mqtt.session.client", "a", 1));
    run.publish(p, "amq.topic", "a", "m");
    run.broker.close();
    var loops = new ManualLoops();
    EmbeddedBroker.builder().loops(prefix -> loops).store(run.disk).start().close();

    run.crash();

    assertThat(run.client("client").consume(lease("client")).got).containsExactly("m/by [1]");
  }

  @Test
  void aPollThatHasToWaitForTheStoreGetsItsMessage() {
    TestClient p = run.client("p");
    run.declare(p, durable("q"));
    run.publish(p, "", "q", "1");

    run.crash();
    Optional<Attachment.Fetched> got = run.get(run.farClient("p"), "q");

    assertThat(got.orElseThrow().message().text()).isEqualTo("1");
  }

  @Test
  void aDeadLetterThatWaitsForTheStoreComesBackAsWhatItWas() {
    TestClient p = run.client("p");
    Map<String, Object> toDead =
        Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead");
    var source = new QueueDeclaration("source", true, false, false, toDead, null);
    run.declare(p, source);
    run.declare(p, durable("dead"));
    run.publish(p, "", "source", "rejected", "accepted", "untouched");
    for (Settlement how : List.of(Settlement.REJECT, Settlement.ACCEPT)) {
      Attachment.Fetched got = run.get(p, "source").orElseThrow();
      run.disk.state(how == Settlement.REJECT ? State.FULL : State.OPEN);
      p.act(a -> got.consumption().settle(got.deliveryId(), how));
    }

    run.restart();
    TestClient again = run.client("p");

    assertThat(run.drain(again, "source")).containsExactly("rejected*", "untouched");
    assertThat(run.drain(again, "dead")).isEmpty();
  }
}

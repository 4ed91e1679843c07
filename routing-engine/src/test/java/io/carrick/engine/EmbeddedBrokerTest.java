package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.PublishRejectedException;
import io.carrick.Publisher;
import io.carrick.Publisher.Outcome;
import io.carrick.Refusal;
import io.carrick.ResourceLockedException;
import io.carrick.Source;
import io.carrick.Subscription;
import io.carrick.engine.loop.ThreadLoops;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EmbeddedBrokerTest {

  private Broker broker;
  private Client client;

  @BeforeEach
  void start() {
    broker = EmbeddedBroker.builder().loops(prefix -> ThreadLoops.start(3, prefix)).start();
    client = broker.connect();
  }

  @AfterEach
  void close() {
    client.close();
    broker.close();
  }

  private Outcome publish(String exchange, String key, String text) {
    return publish(client.publisher(exchange), key, Message.of(text));
  }

  private static Outcome publish(Publisher publisher, String key, Message message) {
    return publisher
        .publish(key, message)
        .toCompletableFuture()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
  }

  private String queue(String name) {
    return client.topology().queue(name).declare();
  }

  @Test
  void theDefaultExchangeRoutesToTheQueueThatTheKeyNames() {
    queue("orders");

    assertThat(publish("", "orders", "42")).isEqualTo(Outcome.ROUTED);

    Delivery delivery = client.poll("orders").orElseThrow();
    assertThat(delivery.message().text()).isEqualTo("42");
    assertThat(delivery.routingKey()).isEqualTo("orders");
    assertThat(delivery.redelivered()).isFalse();
    delivery.accept();
    assertThat(client.poll("orders")).isEmpty();
  }

  @Test
  void aMessageThatNoQueueMatchesIsReportedAsUnrouted() {
    assertThat(publish("amq.direct", "nobody", "x")).isEqualTo(Outcome.UNROUTED);
    assertThat(broker.metrics().value("messages.unroutable")).isEqualTo(1);
  }

  @Test
  void publishingToAnUnknownExchangeFails() {
    assertThatThrownBy(() -> publish("nowhere", "k", "x"))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(NotFoundException.class);
  }

  @Test
  void aMessageOfMoreBytesThanAllowedIsRefusedAndTheNextIsTaken() {
    Limits small = Limits.defaults().with(Limit.MESSAGE_BYTES, 3);
    try (Broker strict = EmbeddedBroker.builder().limits(small).start();
        Client there = strict.connect()) {
      there.topology().queue("orders").declare();
      Publisher publisher = there.publisher("");

      assertThatThrownBy(() -> publish(publisher, "orders", Message.of("four")))
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(PreconditionFailedException.class)
          .hasMessageEndingWith("message size 4 is larger than configured max size 3");
      publisher.send("orders", Message.of("fours"));
      publish(publisher, "orders", Message.of("abc"));

      assertThat(there.poll("orders").orElseThrow().message().text()).isEqualTo("abc");
      assertThat(strict.metrics().value("messages.refused")).isEqualTo(2);
    }
  }

  @Test
  void aTopicSourceReceivesWhatMatchesItsPattern() throws Exception {
    var received = new Received();
    client.subscribe(Source.topic("sensors.*.temperature"), received);

    publish("amq.topic", "sensors.kitchen.humidity", "no");
    publish("amq.topic", "sensors.kitchen.temperature", "21.5");

    assertThat(received.text()).isEqualTo("21.5");
  }

  @Test
  void everyQueueOfAFanoutGetsACopyAndAQueueBoundTwiceGetsOne() {
    queue("a");
    queue("b");
    client.topology().bind(Binding.of("amq.fanout", "a", ""));
    client.topology().bind(Binding.of("amq.fanout", "b", ""));
    client.topology().bind(Binding.of("amq.fanout", "b", "again"));

    publish("amq.fanout", "any", "x");

    assertThat(client.topology().find("a").orElseThrow().ready()).isEqualTo(1);
    assertThat(client.topology().find("b").orElseThrow().ready()).isEqualTo(1);
  }

  @Test
  void exchangesBoundInACircleRouteOnce() {
    client.topology().exchange("x", "fanout").declare();
    client.topology().exchange("y", "fanout").declare();
    queue("q");
    client.topology().bind(Binding.toExchange("x", "y", ""));
    client.topology().bind(Binding.toExchange("y", "x", ""));
    client.topology().bind(Binding.of("y", "q", ""));

    assertThat(publish("x", "", "1")).isEqualTo(Outcome.ROUTED);

    assertThat(client.topology().find("q").orElseThrow().ready()).isEqualTo(1);
  }

  @Test
  void whatAnExchangeCannotRouteGoesToItsAlternate() {
    client.topology().exchange("rest", "fanout").declare();
    client.topology().exchange("main", "direct").alternate("rest").declare();
    queue("known");
    queue("unknown");
    client.topology().bind(Binding.of("main", "known", "k"));
    client.topology().bind(Binding.of("rest", "unknown", ""));

    publish("main", "k", "1");
    publish("main", "other", "2");

    assertThat(client.poll("known").orElseThrow().message().text()).isEqualTo("1");
    assertThat(client.poll("unknown").orElseThrow().message().text()).isEqualTo("2");
  }

  @Test
  void requeuedMessagesKeepTheirPlaceAndAreFlagged() {
    queue("q");
    for (int i = 1; i <= 4; i++) {
      publish("", "q", "m" + i);
    }
    Delivery first = client.poll("q").orElseThrow();
    Delivery second = client.poll("q").orElseThrow();

    second.requeue();
    first.requeue();

    Delivery again = client.poll("q").orElseThrow();
    assertThat(again.message().text()).isEqualTo("m1");
    assertThat(again.redelivered()).isTrue();
    assertThat(client.poll("q").orElseThrow().message().text()).isEqualTo("m2");
    Delivery third = client.poll("q").orElseThrow();
    assertThat(third.message().text()).isEqualTo("m3");
    assertThat(third.redelivered()).isFalse();
  }

  @Test
  void aClosedClientsUnsettledMessagesComeBackInOrder() {
    queue("q");
    try (Client other = broker.connect()) {
      for (int i = 1; i <= 3; i++) {
        publish("", "q", "m" + i);
      }
      other.poll("q");
      other.poll("q");
    }

    Delivery delivery = client.poll("q").orElseThrow();
    assertThat(delivery.message().text()).isEqualTo("m1");
    assertThat(delivery.redelivered()).isTrue();
  }

  @Test
  void aRejectedMessageIsDroppedAndCounted() {
    queue("q");
    publish("", "q", "bad");

    client.poll("q").orElseThrow().reject();

    assertThat(client.poll("q")).isEmpty();
    assertThat(broker.metrics().dropped("rejected")).isEqualTo(1);
  }

  @Test
  void consumersTakeTurnsWithinTheirPrefetch() throws Exception {
    queue("q");
    var one = new Received();
    var two = new Received();
    client.consumer(Source.queue("q")).manual().prefetch(2).start(one);
    client.consumer(Source.queue("q")).manual().prefetch(2).start(two);

    for (int i = 1; i <= 5; i++) {
      publish("", "q", "m" + i);
    }

    Delivery m1 = one.take();
    assertThat(m1.message().text()).isEqualTo("m1");
    assertThat(two.text()).isEqualTo("m2");
    assertThat(one.text()).isEqualTo("m3");
    assertThat(two.text()).isEqualTo("m4");
    assertThat(client.topology().find("q").orElseThrow().ready()).isEqualTo(1);
    m1.accept();
    assertThat(one.text()).isEqualTo("m5");
  }

  @Test
  void aHandlerThatFailsGetsTheMessageOnceMore() throws Exception {
    queue("q");
    var seen = new Received();
    client.subscribe(
        Source.queue("q"),
        delivery -> {
          seen.handle(delivery);
          throw new IllegalStateException("expected by this test");
        });

    publish("", "q", "poison");

    assertThat(seen.take().redelivered()).isFalse();
    assertThat(seen.take().redelivered()).isTrue();
    publish("", "q", "fence");
    assertThat(seen.text()).isEqualTo("fence");
  }

  @Test
  void anExclusiveConsumerKeepsOthersAway() {
    queue("q");
    Subscription holder = client.consumer(Source.queue("q")).exclusive().start(d -> {});

    assertThatThrownBy(() -> client.subscribe(Source.queue("q"), d -> {}))
        .isInstanceOf(AccessRefusedException.class);

    holder.close();
    client.subscribe(Source.queue("q"), d -> {});
  }

  @Test
  void anExclusiveQueueBelongsToItsClientAndGoesWithIt() {
    try (Client other = broker.connect()) {
      other.topology().queue("mine").exclusive().declare();
      assertThatThrownBy(() -> client.poll("mine")).isInstanceOf(ResourceLockedException.class);
      assertThatThrownBy(() -> queue("mine")).isInstanceOf(ResourceLockedException.class);
    }
    assertThat(client.topology().find("mine")).isEmpty();
  }

  @Test
  void anAutoDeleteQueueGoesWithItsLastConsumer() {
    client.topology().queue("q").autoDelete().declare();
    Subscription one = client.subscribe(Source.queue("q"), d -> {});
    Subscription two = client.subscribe(Source.queue("q"), d -> {});

    one.close();
    assertThat(client.topology().find("q")).isPresent();
    two.close();
    assertThat(client.topology().find("q")).isEmpty();
  }

  @Test
  void declaringAgainWithOtherPropertiesIsRefused() {
    queue("q");
    assertThatThrownBy(() -> client.topology().queue("q").durable().declare())
        .isInstanceOf(PreconditionFailedException.class);
    assertThatThrownBy(() -> client.topology().exchange("amq.topic", "direct").declare())
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void reservedNamesAreRefused() {
    assertThatThrownBy(() -> queue("amq.mine")).isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> queue("mqtt.session.x")).isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> client.topology().exchange("amq.mine", "direct").declare())
        .isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void aDeletedQueueEndsItsConsumersAndBindings() {
    queue("q");
    client.topology().bind(Binding.of("amq.direct", "q", "k"));
    Subscription subscription = client.subscribe(Source.queue("q"), d -> {});

    client.topology().deleteQueue("q");

    assertThat(client.topology().find("q")).isEmpty();
    assertThat(subscription.active()).isFalse();
    assertThat(publish("amq.direct", "k", "x")).isEqualTo(Outcome.UNROUTED);
  }

  @Test
  void purgeRemovesWhatIsReadyAndLeavesWhatIsUnsettled() {
    queue("q");
    publish("", "q", "1");
    publish("", "q", "2");
    publish("", "q", "3");
    Delivery held = client.poll("q").orElseThrow();

    assertThat(client.topology().purge("q")).isEqualTo(2);

    held.requeue();
    assertThat(client.poll("q").orElseThrow().message().text()).isEqualTo("1");
  }

  @Test
  void anAutoDeleteExchangeGoesWithItsLastBinding() {
    client.topology().exchange("x", "direct").autoDelete().declare();
    queue("q");
    client.topology().bind(Binding.of("x", "q", "k"));

    client.topology().unbind(Binding.of("x", "q", "k"));

    assertThatThrownBy(() -> publish("x", "k", "1")).hasCauseInstanceOf(NotFoundException.class);
  }

  @Test
  void anInternalExchangeRefusesPublishes() {
    client.topology().exchange("inner", "fanout").internal().declare();
    assertThatThrownBy(() -> publish("inner", "", "1"))
        .hasCauseInstanceOf(AccessRefusedException.class);
  }

  @Test
  void anInterceptorMayChangeAMessageOrRefuseIt() {
    try (Broker strict =
            EmbeddedBroker.builder()
                .loops(prefix -> ThreadLoops.start(3, prefix))
                .interceptor(
                    m -> {
                      if (m.text().equals("bad")) {
                        throw new PublishRejectedException(Refusal.INTERCEPTED, "bad");
                      }
                      return Message.of(m.text().toUpperCase(java.util.Locale.ROOT))
                          .addressed(m.exchange(), m.routingKey(), m.publisher(), m.arrivedMs());
                    })
                .start();
        Client c = strict.connect()) {
      c.topology().queue("q").declare();

      publish(c.publisher(""), "q", Message.of("good"));
      assertThatThrownBy(() -> publish(c.publisher(""), "q", Message.of("bad")))
          .hasCauseInstanceOf(PublishRejectedException.class);

      assertThat(c.poll("q").orElseThrow().message().text()).isEqualTo("GOOD");
      assertThat(c.poll("q")).isEmpty();
      assertThat(strict.metrics().value("messages.refused")).isEqualTo(1);
    }
  }

  @Test
  void theProgramItselfNeedsNoPermission() {
    try (Broker strict =
            EmbeddedBroker.builder()
                .loops(prefix -> ThreadLoops.start(3, prefix))
                .authorizer((who, action, what) -> false)
                .start();
        Client c = strict.connect()) {
      c.topology().queue("q").declare();
      c.topology().bind(Binding.of("amq.topic", "q", "#"));
      publish(c.publisher("amq.topic"), "k", Message.of("x"));
      assertThat(c.poll("q")).isPresent();
    }
  }

  @Test
  void aQueueLongerThanItsWindowKeepsItsOrder() {
    Limits small = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, 4);
    try (Broker narrow =
            EmbeddedBroker.builder()
                .loops(prefix -> ThreadLoops.start(3, prefix))
                .limits(small)
                .start();
        Client c = narrow.connect()) {
      c.topology().queue("q").declare();
      Publisher publisher = c.publisher("");
      for (int i = 0; i < 50; i++) {
        publish(publisher, "q", Message.of("m" + i));
      }
      Delivery first = c.poll("q").orElseThrow();
      publish(publisher, "q", Message.of("m50"));
      first.requeue();

      for (int i = 0; i <= 50; i++) {
        Delivery next = c.poll("q").orElseThrow();
        assertThat(next.message().text()).isEqualTo("m" + i);
        next.accept();
      }
      assertThat(c.poll("q")).isEqualTo(Optional.empty());
    }
  }

  @Test
  void publishersOfManyThreadsLoseNothingAndKeepTheirOrder() throws Exception {
    queue("q");
    var received = new Received();
    client.subscribe(Source.queue("q"), received);
    int each = 2_000;
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(
                t ->
                    new Thread(
                        () -> {
                          try (Client own = broker.connect()) {
                            Publisher p = own.publisher("");
                            for (int i = 0; i < each; i++) {
                              p.send("q", Message.of(t + ":" + i));
                            }
                            publish(p, "q", Message.of(t + ":" + each));
                          }
                        }))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    int[] next = new int[4];
    for (String text : received.texts(4 * (each + 1))) {
      String[] parts = text.split(":");
      int publisher = Integer.parseInt(parts[0]);
      assertThat(Integer.parseInt(parts[1])).isEqualTo(next[publisher]++);
    }
  }

  @Test
  void drainWaitsForWhatIsUnsettled() {
    queue("q");
    publish("", "q", "1");
    Delivery held = client.poll("q").orElseThrow();

    assertThat(broker.drain(Duration.ofMillis(20))).isFalse();
    held.accept();
    assertThat(broker.drain(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void everythingCanBeListed() {
    queue("q");
    client.subscribe(Source.queue("q"), d -> {});

    assertThat(broker.queues()).extracting(q -> q.name()).containsExactly("q");
    assertThat(broker.consumers()).extracting(c -> c.queue()).containsExactly("q");
    assertThat(broker.connections()).extracting(c -> c.remote()).containsExactly("in-jvm");
    assertThat(broker.sessions()).isEmpty();
  }

  @Test
  void virtualHostsDoNotMeet() {
    try (Broker two =
            EmbeddedBroker.builder()
                .loops(prefix -> ThreadLoops.start(3, prefix))
                .virtualHost("other")
                .start();
        Client here = two.connect();
        Client there = two.connect("other")) {
      here.topology().queue("q").declare();
      assertThat(there.topology().find("q")).isEmpty();
      assertThatThrownBy(() -> two.connect("none")).isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void aClosedBrokerLeavesNoThread() {
    Broker other = EmbeddedBroker.builder().loops(prefix -> ThreadLoops.start(3, prefix)).start();
    Client c = other.connect();
    c.subscribe(Source.topic("#"), d -> {});
    publish(c.publisher("amq.topic"), "k", Message.of("x"));
    broker.close();
    other.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("carrick"));
    assertThatThrownBy(other::connect).isInstanceOf(IllegalStateException.class);
    c.close();
  }
}

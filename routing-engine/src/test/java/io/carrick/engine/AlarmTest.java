package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Alarm;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Publisher;
import io.carrick.Publisher.Outcome;
import io.carrick.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program that publishes while the broker is low on memory is neither blocked nor forgotten. */
@Timeout(30)
class AlarmTest {

  private static final int WATERMARK = 100_000;
  private static final int CREDIT = 50_000;

  private Broker broker;
  private Client client;
  private Publisher publisher;

  @BeforeEach
  void start() {
    broker =
        EmbeddedBroker.builder()
            .limits(
                Limits.defaults()
                    .with(Limit.MEMORY_BYTES, WATERMARK)
                    .with(Limit.PUBLISHER_CREDIT_BYTES, CREDIT))
            .start();
    client = broker.connect();
    client.topology().queue("q").declare();
    publisher = client.publisher("");
  }

  @AfterEach
  void close() {
    client.close();
    broker.close();
  }

  private CompletableFuture<Outcome> publish(int number) {
    return publisher
        .publish("q", Message.of(number + " " + "x".repeat(1_000)))
        .toCompletableFuture();
  }

  /** Publishes until one is refused; returns what was taken or waits. */
  private List<CompletableFuture<Outcome>> publishUntilRefused() {
    var all = new ArrayList<CompletableFuture<Outcome>>();
    while (all.size() < 10_000) {
      CompletableFuture<Outcome> one = publish(all.size());
      if (one.isCompletedExceptionally()) {
        assertThatThrownBy(one::join)
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOfSatisfying(
                PublishRejectedException.class,
                e -> assertThat(e.refusal()).isEqualTo(Refusal.MEMORY));
        return all;
      }
      all.add(one);
    }
    throw new AssertionError("nothing was refused");
  }

  @Test
  void publishesWaitUpToTheCreditAndThenFailWithTheReason() {
    List<CompletableFuture<Outcome>> all = publishUntilRefused();

    assertThat(broker.alarms()).containsExactly(Alarm.MEMORY);
    assertThat(broker.metrics().value("alarm{alarm=memory}")).isEqualTo(1);
    assertThat(broker.metrics().dropped("alarm")).isPositive();
    while (waiting(all) > CREDIT / 1_000L + 1) {
      Thread.onSpinWait(); // those before the alarm are on their way yet
    }
    assertThat(waiting(all)).isGreaterThanOrEqualTo(CREDIT / 1_300L);
  }

  private static long waiting(List<CompletableFuture<Outcome>> all) {
    return all.stream().filter(one -> !one.isDone()).count();
  }

  @Test
  void whatHasWaitedIsPublishedInOrderWhenAConsumerHasMadeRoom() {
    List<CompletableFuture<Outcome>> all = publishUntilRefused();

    for (int i = 0; i < all.size(); i++) {
      Optional<Delivery> next = client.poll("q");
      while (next.isEmpty()) {
        next = client.poll("q"); // what waited goes in behind this
      }
      assertThat(next.get().message().text()).startsWith(i + " ");
      next.get().accept();
    }

    all.forEach(
        one -> assertThat(one.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(Outcome.ROUTED));
    assertThat(broker.alarms()).isEmpty();
    assertThat(publish(0).orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(Outcome.ROUTED);
  }

  @Test
  void whatWaitsFailsWhenTheClientCloses() {
    List<CompletableFuture<Outcome>> all = publishUntilRefused();

    client.close();

    CompletableFuture<Outcome> last = all.get(all.size() - 1).orTimeout(10, TimeUnit.SECONDS);
    assertThatThrownBy(last::join).hasCauseInstanceOf(IllegalStateException.class);
  }
}

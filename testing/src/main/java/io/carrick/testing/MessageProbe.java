package io.carrick.testing;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * Collects what a source delivers, for a test to take, count or find absent. {@code take}, {@code
 * hold} and {@code expectNothing} are for the test's thread; the rest is thread-safe.
 */
public final class MessageProbe implements AutoCloseable {

  /** As many as a consumer may hold: a probe never makes a queue wait. */
  private static final int PREFETCH = 65_535;

  private static final String FENCE = "carrick-fence";
  private static final int SHOWN_CHARACTERS = 60;

  private final Broker broker;
  private final TestTime time;
  private final Source source;
  private final Client client;
  private final Subscription subscription;

  /** Filled by the client's loop, emptied by the test's thread. */
  private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();

  /** Fences on their way, by their text; each tells what had arrived before it. */
  private final Map<String, CompletableFuture<List<Delivery>>> fences = new ConcurrentHashMap<>();

  private final AtomicInteger count = new AtomicInteger();
  private int fencesSent;

  private MessageProbe(Broker broker, Source source, TestTime time) {
    this.broker = broker;
    this.time = time;
    this.source = source;
    this.client = broker.connect();
    // In the loop itself, so that an idle broker has nothing on its way to the probe.
    this.subscription =
        client
            .consumer(source)
            .manual()
            .prefetch(PREFETCH)
            .executor(Runnable::run)
            .start(this::arrived);
  }

  static MessageProbe start(Broker broker, Source source, TestTime time) {
    return new MessageProbe(broker, source, time);
  }

  private void arrived(Delivery delivery) {
    CompletableFuture<List<Delivery>> fence = fenceOf(delivery.message());
    if (fence != null) {
      delivery.accept();
      fence.complete(List.copyOf(arrived));
      return;
    }
    count.incrementAndGet();
    arrived.add(delivery);
  }

  // The fence's exchange is the default one: nobody else publishes such a message to this queue.
  private @Nullable CompletableFuture<List<Delivery>> fenceOf(Message message) {
    boolean possible = message.exchange().isEmpty() && !fences.isEmpty();
    return possible ? fences.remove(message.text()) : null;
  }

  /**
   * Returns the next message, which is accepted by that.
   *
   * @throws AssertionFailedError when none comes within ten seconds
   */
  public Delivery take() {
    return take(Waiting.DEADLINE);
  }

  /**
   * Returns the next message, which is accepted by that.
   *
   * @param deadline how long to wait, in real time
   * @throws AssertionFailedError when none comes until then
   */
  public Delivery take(Duration deadline) {
    Delivery delivery = next(deadline);
    delivery.accept();
    return delivery;
  }

  /**
   * Returns the next message and leaves it to the test to accept, requeue or reject it.
   *
   * @throws AssertionFailedError when none comes within ten seconds
   */
  public Delivery hold() {
    return next(Waiting.DEADLINE);
  }

  private Delivery next(Duration deadline) {
    Delivery there = arrived.poll();
    return there != null
        ? there
        : Waiting.forSomething(
            time,
            deadline,
            ms -> arrived.poll(ms, TimeUnit.MILLISECONDS),
            () ->
                "no message from "
                    + source
                    + " within "
                    + deadline.toMillis()
                    + " ms; "
                    + count()
                    + " before");
  }

  /**
   * Expects that nothing has come that was not taken, and that nothing is on its way inside the
   * broker: it publishes one message more to the probe's queue, which must be the next to arrive.
   * Nothing is waited for that the publishers have not handed to the broker yet; publish with a
   * confirm, or QoS 1, before.
   *
   * @throws AssertionFailedError when a message is there, which can still be taken
   * @throws IllegalStateException when others consume the same queue: the fence may go to them
   */
  public void expectNothing() {
    expectTheQueueForItself();
    if (time.isVirtual()) {
      time.settle();
    }
    fencesSent++;
    String fence = FENCE + " " + fencesSent + " " + subscription.queue();
    var before = new CompletableFuture<List<Delivery>>();
    fences.put(fence, before);
    client.publisher("").send(subscription.queue(), Message.of(fence));
    List<Delivery> unexpected = Waiting.forResult(time, before);
    if (!unexpected.isEmpty()) {
      throw new AssertionFailedError(
          "expected nothing from " + source + " but got " + describe(unexpected));
    }
  }

  private void expectTheQueueForItself() {
    boolean shared =
        broker.consumers().stream()
                .filter(consumer -> consumer.queue().equals(subscription.queue()))
                .count()
            > 1;
    if (shared) {
      throw new IllegalStateException(
          "others consume queue '" + subscription.queue() + "': absence cannot be told here");
    }
  }

  private static String describe(List<Delivery> deliveries) {
    Delivery first = deliveries.get(0);
    String text = first.message().text();
    String shown =
        text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    String more = deliveries.size() == 1 ? "" : " and " + (deliveries.size() - 1) + " more";
    return "'" + shown + "' with key '" + first.routingKey() + "'" + more;
  }

  /** Returns how many messages have arrived, taken or not. */
  public int count() {
    return count.get();
  }

  /** Stops collecting; what was not taken goes back to the queue. Closing twice is harmless. */
  @Override
  public void close() {
    client.close();
  }
}

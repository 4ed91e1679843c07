package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.Client;
import io.carrick.ConsumerBuilder;
import io.carrick.Delivery;
import io.carrick.Limit;
import io.carrick.Publisher;
import io.carrick.Refusal;
import io.carrick.Source;
import io.carrick.Topology;
import io.carrick.engine.loop.Workers;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Loop;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client inside this JVM: a thread-safe face of an {@link Attachment}. Everything that touches
 * the attachment is sent to its loop.
 */
public final class LocalClient implements Client, AttachmentListener {

  private final Core core;
  private final Workers workers;
  private final Loop loop;
  private final PublishGate gate;
  private final PendingPublishes pending = new PendingPublishes();
  private final HeldPublishes held = new HeldPublishes();
  private final Topology topology;

  /** Confined to the loop; set before the client is handed out. */
  private @Nullable Attachment attachment;

  /** Tell those who wait for an answer that none will come. Confined to the loop. */
  private final Set<Runnable> awaited = new HashSet<>();

  private volatile boolean closed;

  private LocalClient(Core core, Workers workers, Loop loop) {
    this.core = core;
    this.workers = workers;
    this.loop = loop;
    this.gate = new PublishGate(core.group(), core.limits().value(Limit.PUBLISHER_CREDIT_BYTES));
    this.topology = new LocalTopology(this);
  }

  /**
   * Connects.
   *
   * @param attach makes the attachment, in the loop it is given
   */
  public static LocalClient connect(Core core, Workers workers, Attacher attach) {
    var client = new LocalClient(core, workers, core.group().next());
    client.call(
        new CompletableFuture<Object>(),
        done -> {
          client.attachment = attach.attach(client.loop, client);
          done.completed(client);
        });
    return client;
  }

  /** Makes an attachment. */
  @FunctionalInterface
  public interface Attacher {
    Attachment attach(Loop loop, AttachmentListener listener);
  }

  @Override
  public Topology topology() {
    return topology;
  }

  @Override
  public Publisher publisher(String exchange) {
    return new LocalPublisher(this, exchange, gate, pending, core.counters());
  }

  @Override
  public ConsumerBuilder consumer(Source source) {
    return new LocalConsumerBuilder(this, source, workers);
  }

  @Override
  public Optional<Delivery> poll(String queue) {
    return ask((Attachment a, Completion<Optional<Attachment.Fetched>> done) ->
            a.get(queue, false, done))
        .map(
            f ->
                new LocalDelivery(
                    f.message(),
                    f.redelivered(),
                    how -> tell(a -> f.consumption().settle(f.deliveryId(), how))));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      call(new CompletableFuture<Done>(), this::leave);
    } catch (IllegalStateException brokerHasClosed) {
      closed = true;
    }
  }

  private void leave(Completion<Done> done) {
    Attachment a = attachment;
    if (closed || a == null) {
      done.completed(Done.DONE);
      return;
    }
    closed = true;
    gate.open();
    pending.failAll();
    held.failAll(isClosed());
    List.copyOf(awaited).forEach(Runnable::run);
    a.close(done);
  }

  private static IllegalStateException isClosed() {
    return new IllegalStateException("the client is closed");
  }

  boolean closed() {
    return closed;
  }

  Loop loop() {
    return loop;
  }

  // ---- between the calling thread and the loop

  /** Does something with the attachment, later, in its loop; nothing if the client has closed. */
  void tell(Consumer<Attachment> action) {
    tell(action, reason -> {});
  }

  /** Does something with the attachment, later, in its loop, or says why not. */
  void tell(Consumer<Attachment> action, Consumer<IllegalStateException> otherwise) {
    try {
      loop.execute(
          () -> {
            Attachment a = attachment;
            if (closed || a == null) {
              otherwise.accept(isClosed());
            } else {
              action.accept(a);
            }
          });
    } catch (RejectedExecutionException brokerHasClosed) {
      closed = true;
      otherwise.accept(isClosed());
    }
  }

  /** Publishes, later, in the loop of the attachment and not during an alarm, or says why not. */
  void publish(Consumer<Attachment> publish, Consumer<IllegalStateException> otherwise) {
    tell(a -> held.publish(a, publish, otherwise), otherwise);
  }

  /** Asks the attachment something and waits for the answer. */
  <T extends @Nullable Object> T ask(BiConsumer<Attachment, Completion<T>> question) {
    var answer = new CompletableFuture<T>();
    return call(
        answer,
        done -> {
          Attachment a = attachment;
          if (closed || a == null) {
            throw isClosed();
          }
          Runnable giveUp = () -> answer.completeExceptionally(isClosed());
          awaited.add(giveUp);
          var unused = answer.whenComplete((value, failure) -> awaited.remove(giveUp));
          question.accept(a, done);
        });
  }

  private <T extends @Nullable Object> T call(
      CompletableFuture<T> answer, Consumer<Completion<T>> action) {
    var completion = new FutureCompletion<>(answer);
    try {
      loop.execute(
          () -> {
            try {
              action.accept(completion);
            } catch (BrokerException refused) {
              completion.failed(refused);
            } catch (RuntimeException bug) {
              answer.completeExceptionally(bug);
            }
          });
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the broker is closed", e);
    }
    return core.group().await(answer);
  }

  // ---- what the broker tells

  @Override
  public void accepted(long first, long last) {
    pending.accepted(first, last);
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    pending.refused(first, last, reason);
  }

  @Override
  public void pauseReading(Pause why) {
    gate.pause(why);
    held.paused(why);
  }

  @Override
  public void resumeReading(Pause why) {
    gate.resume(why);
    Attachment a = attachment;
    if (a != null && !closed) {
      held.resumed(why, a);
    }
  }

  @Override
  public String remote() {
    return "in-jvm";
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    leave(new FutureCompletion<>(new CompletableFuture<>()));
  }
}

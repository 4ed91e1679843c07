package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.QueueDeclaration;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Publishes numbered persistent messages to durable queues in turn, with a number of them
 * unconfirmed. Confined to its loop, except {@link #done()}.
 */
final class Filling implements AttachmentListener {

  private static final int TURN = 256;

  private final List<RoutingKey> queues;
  private final Map<String, Object> arguments;
  private final int priorities;
  private final int payloadBytes;
  private final long wanted;
  private final int outstanding;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private final Runnable publishSome = this::publishSome;

  private @Nullable Attachment attachment;
  private int declared;
  private long published;
  private long confirmed;
  private boolean paused;
  private boolean scheduled;

  Filling(int queues, int payloadBytes, long wanted, int outstanding) {
    this(queues, Map.of(), payloadBytes, wanted, outstanding);
  }

  /**
   * Makes one that fills queues of a kind.
   *
   * @param arguments with which they are declared
   */
  Filling(
      int queues, Map<String, Object> arguments, int payloadBytes, long wanted, int outstanding) {
    this.arguments = arguments;
    this.priorities =
        arguments.get(QueueOptions.MAX_PRIORITY) instanceof Integer highest ? highest : 0;
    this.queues = names(queues).stream().map(RoutingKey::ofKey).toList();
    this.payloadBytes = payloadBytes;
    this.wanted = wanted;
    this.outstanding = outstanding;
  }

  /** Completes with how many were confirmed; fails if one was refused. */
  CompletableFuture<Long> done() {
    return done;
  }

  /** Returns what so many queues are called. */
  static List<String> names(int queues) {
    return IntStream.range(0, queues).mapToObj(i -> "backlog-" + i).toList();
  }

  void start(Attachment with) {
    attachment = with;
    for (RoutingKey queue : queues) {
      with.declareQueue(
          new QueueDeclaration(queue.asKey(), true, false, false, arguments, null),
          Port.then(done, this::declared));
    }
  }

  private void declared(QueueInfo queue) {
    if (++declared == queues.size()) {
      goOn();
    }
  }

  private Attachment attachment() {
    return java.util.Objects.requireNonNull(attachment);
  }

  private void goOn() {
    if (!scheduled && !paused && published < wanted && published - confirmed < outstanding) {
      scheduled = true;
      attachment().loop().execute(publishSome);
    }
  }

  private void publishSome() {
    scheduled = false;
    Attachment to = attachment();
    long now = to.loop().wallTimeMs();
    for (int i = 0;
        i < TURN && !paused && published < wanted && published - confirmed < outstanding;
        i++) {
      byte[] payload = new byte[payloadBytes];
      ByteBuffer.wrap(payload).putLong(published);
      Message.Builder message = Message.builder(payload).persistent();
      if (priorities > 0) {
        message.priority((int) (published % priorities));
      }
      RoutingKey queue = queues.get((int) (published++ % queues.size()));
      to.publishConfirmed(message.build().addressed("", queue, to.identity(), now));
    }
    goOn();
  }

  @Override
  public void accepted(long first, long last) {
    confirmed = last;
    if (confirmed == wanted) {
      done.complete(confirmed);
    }
    goOn();
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    done.completeExceptionally(
        new IllegalStateException(first + " to " + last + " refused: " + reason));
  }

  @Override
  public void pauseReading(Pause why) {
    paused = true;
  }

  @Override
  public void resumeReading(Pause why) {
    paused = false;
    goOn();
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    attachment().close();
  }
}

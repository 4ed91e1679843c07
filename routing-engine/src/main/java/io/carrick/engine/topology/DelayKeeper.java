package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.QueueOwner;
import io.carrick.engine.queue.QueueSettings;
import io.carrick.engine.queue.Redeliveries;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.QueueLog;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the queues in which messages of an exchange wait, and lets them go: ordinary queues, but
 * that nobody sees them, that nothing grows too old in them, and that they hold little in memory.
 * Thread-safe; holds no state.
 *
 * @param host where they are
 * @param definitions what the store has of them
 * @param limits what bounds them
 */
record DelayKeeper(VirtualHost host, Definitions definitions, Limits limits) implements QueueOwner {

  /** There may be a hundred of them for an exchange, of which one or two are in use. */
  private static final int WINDOW_MESSAGES = 256;

  private static final int WINDOW_BYTES = 256 << 10;

  /** The keeper of a virtual host. */
  static DelayKeeper of(VirtualHost host, Definitions definitions, Limits all) {
    Limits little =
        all.with(
                Limit.QUEUE_WINDOW_MESSAGES,
                Math.min(WINDOW_MESSAGES, all.value(Limit.QUEUE_WINDOW_MESSAGES)))
            .with(
                Limit.QUEUE_WINDOW_BYTES,
                Math.min(WINDOW_BYTES, all.value(Limit.QUEUE_WINDOW_BYTES)));
    return new DelayKeeper(host, definitions, little);
  }

  /** Makes a queue that lives in the loop of {@code here}. */
  QueueEntry make(ExchangeDeclaration exchange, Stretch stretch, LoopContext here) {
    Queue queue = queue(definitions.newId(here), exchange, stretch, here);
    if (queue.durable()) { // even if the store is full: it may take messages before the queue ends
      definitions.delay(here, queue.id(), host.name(), exchange.name(), stretch.key());
    }
    return new QueueEntry(queue, null);
  }

  /** Makes a queue that the store has, under its id. */
  QueueEntry restore(long id, ExchangeDeclaration exchange, Stretch stretch, LoopContext home) {
    Queue queue = queue(id, exchange, stretch, home);
    queue.restore(openLog(queue, queue.id()), Redeliveries.none(), Map.of());
    return new QueueEntry(queue, null);
  }

  private Queue queue(long id, ExchangeDeclaration exchange, Stretch stretch, LoopContext home) {
    String name = "amq.delayed." + exchange.name() + "." + stretch.fromMs() + "." + stretch.bits();
    var declaration = new QueueDeclaration(name, exchange.durable(), false, false, Map.of(), null);
    return new Queue(id, declaration, settings(), home, this);
  }

  private QueueSettings settings() {
    return QueueSettings.of(
        Map.of(
            QueueOptions.MAX_LENGTH,
            limits.value(Limit.DELAYED_MESSAGES),
            QueueOptions.OVERFLOW,
            Overflow.REJECT_PUBLISH.text()),
        null);
  }

  /** Ends a queue, with what is in it; called in the loop of {@code here}. */
  void end(QueueEntry entry, LoopContext here) {
    Queue queue = entry.queue;
    if (queue.durable()) {
      definitions.deleteDelay(here, queue.id());
    }
    here.tell(queue.home(), () -> queue.delete(dropped -> {}));
  }

  // ---- as the queues see it

  @Override
  public String virtualHost() {
    return host.name();
  }

  /** Its exchange says that a message waits. */
  @Override
  public boolean isSeen() {
    return false;
  }

  /** A message's time to live counts from when it has waited. */
  @Override
  public boolean messagesAge() {
    return false;
  }

  @Override
  public boolean logInMemory() {
    return !definitions.store().outlivesProcess();
  }

  @Override
  public QueueLog openLog(Queue queue, long storeId) {
    return definitions.store().queueLog(storeId, queue.home().loop()::execute);
  }

  @Override
  public void unused(Queue queue) {}

  @Override
  public void refused(Message message) {}

  @Override
  public void attended(Queue queue) {}

  @Override
  public void unattended(Queue queue) {}

  @Override
  public void cameBack(Queue queue, long sequence, int times) {}

  @Override
  public void forgetReturns(Queue queue, long sequence) {}

  @Override
  public void deadLetter(DeadLetter letter) {
    throw new IllegalStateException("a queue of delayed messages has no dead letters");
  }

  @Override
  public void settled(Queue queue, Message message, Settlement settlement) {}

  /** Nobody is told that a message comes again. */
  @Override
  public long consumed(Queue queue) {
    return 0;
  }

  @Override
  public @Nullable Object tagOf(Queue queue, Message message) {
    return null;
  }
}

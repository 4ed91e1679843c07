package io.carrick.engine.receipt;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotSupportedException;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Entry;
import io.carrick.ReceiptReport.Recipient;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredReceipt;
import io.carrick.engine.definitions.StoredTarget;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.receipt.OpenReceipt.Terms;
import io.carrick.engine.routing.Router;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The receipts of a broker that are not answered yet, by the numbers that messages carry: a message
 * is read back from the store by whichever loop its queue has. Thread-safe.
 */
public final class Receipts {

  private final ConcurrentMap<Long, OpenReceipt> open = new ConcurrentHashMap<>(1);
  private final List<ReceiptDesk> desks;
  private final Definitions definitions;
  private final Limits limits;
  private final Function<String, Optional<Recipient>> clients;

  /**
   * Makes the receipts of a broker, and has its loops' followers hear of messages.
   *
   * @param routers of all loops, by index; who publishes answers
   * @param all loops' contexts, by index
   * @param clients whose a connection's id is
   */
  public Receipts(
      List<Router> routers,
      List<LoopContext> all,
      Definitions definitions,
      Limits limits,
      Function<String, Optional<Recipient>> clients) {
    this.definitions = definitions;
    this.limits = limits;
    this.clients = clients;
    this.desks =
        all.stream().map(here -> new ReceiptDesk(this, here, routers.get(here.index()))).toList();
    desks.forEach(desk -> desk.context().followedBy(desk));
  }

  /** Returns where receipts of messages are opened that a loop publishes. */
  public ReceiptDesk desk(LoopContext here) {
    return desks.get(here.index());
  }

  Definitions definitions() {
    return definitions;
  }

  Limits limits() {
    return limits;
  }

  /** Returns whose a connection is; empty if it has gone. */
  Optional<Recipient> recipient(@Nullable String connectionId) {
    return connectionId == null ? Optional.empty() : clients.apply(connectionId);
  }

  boolean areFull() {
    return open.size() >= limits.value(Limit.RECEIPTS);
  }

  void add(OpenReceipt receipt) {
    open.put(receipt.id, receipt);
  }

  void remove(OpenReceipt receipt) {
    open.remove(receipt.id, receipt);
  }

  /** Returns what counts for a message; null if that is answered, or there never was one. */
  @Nullable OpenReceipt find(Message message) {
    long id = message.annotations().receiptId();
    return id == 0 ? null : open.get(id);
  }

  // ---- from the store

  /**
   * Takes a receipt that the store has, so that it is found from now on. Called by the thread that
   * starts the broker, before there are queues.
   */
  public void restore(
      long id, VirtualHost host, StoredReceipt stored, Map<String, StoredTarget> targets) {
    LoopContext home = desks.get((int) Math.floorMod(id, (long) desks.size())).context();
    var terms =
        new Terms(
            stored.count(), stored.timeoutMs(), stored.openedMs(), stored.answer(), null, true);
    var tally = new Tally(stored.count(), limits.count(Limit.RECEIPT_ENTRIES));
    var receipt = new OpenReceipt(id, host, home, terms, tally);
    receipt.deadlineMs = stored.deadlineMs();
    stored.queues().forEach(tally::expect);
    boolean released = false;
    for (Map.Entry<String, StoredTarget> each : targets.entrySet()) {
      StoredTarget target = each.getValue();
      tally.expect(each.getKey());
      if (target.outcome() != null) {
        tally.became(new Entry(each.getKey(), target.outcome(), target.reason(), target.by()));
      }
      released |= !stored.queues().contains(each.getKey());
      if (target.deadlineMs() > 0) {
        released = true;
        receipt.deadlineMs = target.deadlineMs();
      }
    }
    if (stored.waits() && !released) {
      tally.waits();
    }
    tally.open().forEach(receipt::opens);
    add(receipt);
  }

  /** Starts the clocks of what was restored. Called in a loop, when all queues are there. */
  public void start(LoopContext here) {
    for (OpenReceipt receipt : open.values()) {
      here.tell(receipt.home, () -> desk(receipt.home).restored(receipt));
    }
  }

  /** Fails what programs of this JVM wait for: the broker is closing. */
  public void close() {
    for (OpenReceipt receipt : open.values()) {
      Completion<ReceiptReport> program = receipt.terms.program();
      if (program != null) {
        remove(receipt);
        receipt.home.wake(() -> program.failed(new NotSupportedException("the broker is closing")));
      }
    }
  }
}

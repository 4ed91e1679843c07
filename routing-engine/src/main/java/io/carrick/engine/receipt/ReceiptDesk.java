package io.carrick.engine.receipt;

import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Receipt;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Entry;
import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Recipient;
import io.carrick.ReceiptReport.Result;
import io.carrick.Refusal;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredReceipt;
import io.carrick.engine.definitions.StoredTarget;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.receipt.OpenReceipt.Terms;
import io.carrick.engine.routing.Router;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop.Timer;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One loop's side of receipts: opens those of messages that are published here, counts for them
 * what every loop tells of their copies, and tells other loops what becomes of copies in queues of
 * this one. Confined to that loop.
 */
public final class ReceiptDesk implements Follower {

  private final Receipts receipts;
  private final LoopContext context;
  private final Answers answers;

  /** What has waited and is routed now; null if nothing is. */
  private @Nullable Message releasing;

  ReceiptDesk(Receipts receipts, LoopContext context, Router router) {
    this.receipts = receipts;
    this.context = context;
    this.answers = new Answers(receipts, context, router);
  }

  LoopContext context() {
    return context;
  }

  private Definitions definitions() {
    return receipts.definitions();
  }

  // ---- a message is published here

  /**
   * Returns a message that goes where the answer will, to see whether its publisher may send one
   * there.
   *
   * @throws io.carrick.PreconditionFailedException if that is nowhere
   */
  public static Message answerTo(Message message, VirtualHost host) {
    return AnswerForm.addressed(message, host);
  }

  /**
   * Fails if there are too many receipts.
   *
   * @throws PublishRejectedException if so
   */
  public void checkRoom() {
    if (receipts.areFull()) {
      throw new PublishRejectedException(Refusal.LIMIT, "too many receipts are not answered yet");
    }
  }

  /**
   * Opens the receipt that a message asks for. From now on until it is {@linkplain #published
   * published} its copies are counted, and nothing is answered.
   *
   * @param answer where the answer goes, without what it says
   * @param program who gets the answer instead; null if it goes there
   */
  public OpenReceipt open(
      VirtualHost host,
      Message message,
      Message answer,
      @Nullable Completion<ReceiptReport> program) {
    Receipt asked = message.annotations().receipt().orElseThrow();
    long longest = receipts.limits().value(Limit.RECEIPT_TIMEOUT_MS);
    long timeoutMs = asked.timeoutMs().orElse(receipts.limits().value(Limit.RECEIPT_DEFAULT_MS));
    boolean stored =
        program == null
            && message.properties().persistent()
            && definitions().kept()
            && context.storeTakes();
    var terms =
        new Terms(
            asked.count(),
            Math.min(timeoutMs, longest),
            context.loop().wallTimeMs(),
            answer,
            program,
            stored);
    var tally = new Tally(asked.count(), receipts.limits().count(Limit.RECEIPT_ENTRIES));
    var receipt = new OpenReceipt(definitions().newId(context), host, context, terms, tally);
    receipt.publishing = true;
    receipts.add(receipt);
    context.counts().add(Count.RECEIPTS);
    return receipt;
  }

  /** The message has been routed; in the record set of that. */
  public void published(OpenReceipt receipt) {
    receipt.publishing = false;
    long waitMs =
        receipt.tally.isWaiting()
            ? receipts.limits().value(Limit.RECEIPT_TIMEOUT_MS)
            : receipt.terms.timeoutMs();
    receipt.deadlineMs = context.loop().wallTimeMs() + waitMs;
    if (receipt.terms.stored()) {
      definitions().receipt(context, receipt.id, stored(receipt));
    }
    begin(receipt, waitMs);
  }

  private static StoredReceipt stored(OpenReceipt r) {
    List<String> queues = new ArrayList<>(r.tally.open());
    queues.addAll(r.tally.settled());
    return new StoredReceipt(
        r.host.name(),
        r.terms.count(),
        r.terms.openedMs(),
        r.terms.timeoutMs(),
        r.deadlineMs,
        r.tally.isWaiting(),
        queues,
        r.terms.answer());
  }

  private void begin(OpenReceipt receipt, long waitMs) {
    receipt.heldBytes = receipt.bytes();
    context.held().add(Kind.RECEIPTS, receipt.heldBytes);
    check(receipt);
    wait(receipt, waitMs);
  }

  /** Waits unless it is to be answered already. */
  private void wait(OpenReceipt receipt, long ms) {
    if (receipt.result != null) {
      return;
    }
    Timer before = receipt.timer;
    if (before != null) {
      before.cancel();
    }
    if (ms > 0) {
      receipt.timer = context.loop().schedule(ms, () -> overdue(receipt));
    } else {
      overdue(receipt);
    }
  }

  /** Forgets a receipt whose message was not published to the end, for a mistake. */
  public void abandonUnlessPublished(OpenReceipt receipt) {
    if (receipt.publishing) {
      receipts.remove(receipt);
    }
  }

  /** A receipt of an earlier run is counted here from now on. */
  void restored(OpenReceipt receipt) {
    for (String queue : receipt.tally.open()) {
      if (receipt.host.queueOrNull(queue) == null && receipt.strikeOut(queue)) {
        receipt.tally.became(
            new Entry(queue, Outcome.DROPPED, Count.QUEUE_DELETED.reason(), Optional.empty()));
      }
    }
    begin(receipt, receipt.deadlineMs - context.loop().wallTimeMs());
  }

  // ---- what becomes of a receipt, in its home loop

  private void check(OpenReceipt receipt) {
    if (receipt.result != null || receipt.publishing) {
      return;
    }
    Result result = receipt.refused ? Result.REFUSED : receipt.tally.result();
    if (result != null) {
      finish(receipt, result);
    }
  }

  private void overdue(OpenReceipt receipt) {
    if (receipt.result == null) {
      receipt.tally.timeOut();
      context.counts().add(Count.RECEIPTS_TIMED_OUT);
      finish(receipt, Result.TIMEOUT);
    }
  }

  private void finish(OpenReceipt receipt, Result result) {
    receipt.result = result;
    Timer running = receipt.timer;
    if (running != null) {
      running.cancel();
    }
    answers.add(receipt);
  }

  private void became(OpenReceipt receipt, Entry entry) {
    receipt.tally.became(entry);
    check(receipt);
  }

  private void leftOut(OpenReceipt receipt, String queue) {
    receipt.tally.leaveOut(queue);
    check(receipt);
  }

  private void released(OpenReceipt receipt, List<String> queues, long deadlineMs) {
    queues.forEach(receipt.tally::expect);
    receipt.tally.released();
    receipt.deadlineMs = deadlineMs;
    if (!receipt.publishing) {
      check(receipt);
      wait(receipt, deadlineMs - context.loop().wallTimeMs());
    }
  }

  private void tell(OpenReceipt receipt, Consumer<ReceiptDesk> news) {
    context.tell(receipt.home, () -> news.accept(receipts.desk(receipt.home)));
  }

  // ---- what becomes of a message, in the loop where it does

  @Override
  public void routed(Message message, Route route) {
    boolean hasWaited = message == releasing;
    releasing = null;
    OpenReceipt receipt = receipts.find(message);
    if (receipt == null) {
      return;
    }
    if (hasWaited) {
      routedLater(receipt, route.queues());
    } else if (receipt.home == context && receipt.publishing) {
      for (String queue : route.queues()) {
        receipt.opens(queue);
        receipt.tally.expect(queue);
      }
    } // else an exchange gives it to another queue that it remembers it for
  }

  @Override
  public void released(Message message, String virtualHost, String exchange) {
    releasing = message;
  }

  @Override
  public void notReleased(Message message, String virtualHost, Count why) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt != null) {
      routedLater(receipt, List.of());
    }
  }

  /** It has waited in an exchange, which may have been one of this loop. */
  private void routedLater(OpenReceipt receipt, List<String> queues) {
    long deadlineMs = context.loop().wallTimeMs() + receipt.terms.timeoutMs();
    for (String queue : queues) {
      receipt.opens(queue);
      if (receipt.terms.stored()) {
        definitions().receiptTarget(context, receipt.id, queue, StoredTarget.routed(deadlineMs));
      }
    }
    tell(receipt, home -> home.released(receipt, queues, deadlineMs));
  }

  @Override
  public void delayed(Message message, String virtualHost, String exchange) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt != null && receipt.home == context && receipt.publishing) {
      receipt.tally.waits();
    }
  }

  @Override
  public void refused(Message message, String virtualHost, Refusal why) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt != null && receipt.home == context && receipt.publishing) {
      receipt.refused = true;
    }
  }

  @Override
  public void notAdmitted(Message message, String virtualHost, String queue) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt != null && receipt.strikeOut(queue)) {
      tell(receipt, home -> home.leftOut(receipt, queue));
    }
  }

  @Override
  public void delivered(Message message, String virtualHost, String queue, Handover to) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt == null) {
      return;
    }
    receipt.heldBy(queue, to.connectionId());
    if (to.settled()) {
      settle(receipt, queue, Outcome.ACKNOWLEDGED, "");
    }
  }

  /** What is given up is told as that, too. */
  @Override
  public void settled(Message message, String virtualHost, String queue, Settlement how) {
    OpenReceipt receipt = how == Settlement.ACCEPT ? receipts.find(message) : null;
    if (receipt != null) {
      settle(receipt, queue, Outcome.ACKNOWLEDGED, "");
    }
  }

  @Override
  public void dropped(
      Message message, String virtualHost, String queue, Count why, boolean deadLetter) {
    OpenReceipt receipt = receipts.find(message);
    if (receipt == null) {
      return;
    }
    switch (why) {
      case REJECTED -> settle(receipt, queue, Outcome.REJECTED, "");
      case EXPIRED -> settle(receipt, queue, Outcome.EXPIRED, "");
      default -> settle(receipt, queue, Outcome.DROPPED, why.reason());
    }
  }

  /**
   * Something becomes of a queue's copy. What the store hears of that comes before the copy leaves
   * the queue there, in the same batch: after a crash it may be there still, and be settled again,
   * but it is never settled without that the receipt knows.
   */
  private void settle(OpenReceipt receipt, String queue, Outcome outcome, String reason) {
    if (!receipt.strikeOut(queue)) {
      return;
    }
    String holder = receipt.takeHolder(queue);
    Optional<Recipient> by =
        outcome == Outcome.ACKNOWLEDGED || outcome == Outcome.REJECTED
            ? receipts.recipient(holder)
            : Optional.empty();
    if (receipt.terms.stored()) {
      definitions()
          .receiptTarget(context, receipt.id, queue, new StoredTarget(outcome, reason, by, 0));
    }
    var entry = new Entry(queue, outcome, reason, by);
    tell(receipt, home -> home.became(receipt, entry));
  }
}

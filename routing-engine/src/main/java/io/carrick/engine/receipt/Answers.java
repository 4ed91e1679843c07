package io.carrick.engine.receipt;

import io.carrick.Message;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Result;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.routing.Router;
import io.carrick.engine.routing.ScheduledPublish;
import io.carrick.spi.Completion;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.LoopGroup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the answers to receipts of one loop, at the end of the turn: not from within what a
 * queue is doing. Confined to that loop.
 */
final class Answers {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** How often it is asked whether a store that took nothing takes messages again. */
  private static final long AGAIN_MS = 1_000;

  private final Receipts receipts;
  private final LoopContext context;
  private final Router router;
  private final Runnable publish = this::publish;

  private final ArrayDeque<OpenReceipt> waiting = new ArrayDeque<>(1);

  /** What has to be stored while the store takes nothing: nobody else waits for that. */
  private final ArrayDeque<OpenReceipt> aside = new ArrayDeque<>(1);

  private boolean asked;

  Answers(Receipts receipts, LoopContext context, Router router) {
    this.receipts = receipts;
    this.context = context;
    this.router = router;
  }

  /** A receipt is to be answered. */
  void add(OpenReceipt receipt) {
    waiting.add(receipt);
    ask();
  }

  private void ask() {
    if (asked) {
      return;
    }
    asked = true;
    if (context.loop().workedEnough()) {
      context.loop().continueLater(publish);
    } else {
      context.loop().atTurnEnd(publish);
    }
  }

  private void publish() {
    asked = false;
    for (OpenReceipt next = waiting.peek(); next != null; next = waiting.peek()) {
      if (context.loop().workedEnough()) {
        ask();
        return;
      }
      waiting.remove();
      context.loop().worked(1);
      if (next.terms.stored() && !context.storeTakes()) {
        putAside(next);
        continue;
      }
      try {
        answer(next);
      } catch (RuntimeException | Error bug) {
        if (LoopGroup.isFatal(bug)) {
          throw bug;
        }
        log.error("a receipt was not answered", bug);
      }
    }
  }

  private void putAside(OpenReceipt receipt) {
    if (aside.isEmpty()) {
      context.loop().schedule(AGAIN_MS, this::again);
    }
    aside.add(receipt);
  }

  private void again() {
    if (!context.storeTakes()) {
      context.loop().schedule(AGAIN_MS, this::again);
      return;
    }
    waiting.addAll(aside);
    aside.clear();
    ask();
  }

  /** In the store the receipt is no more, and its answer is there, in one step. */
  private void answer(OpenReceipt receipt) {
    receipts.remove(receipt);
    context.held().add(Kind.RECEIPTS, -receipt.heldBytes);
    context.counts().add(Count.RECEIPTS_ANSWERED);
    ReceiptReport report = report(receipt);
    Completion<ReceiptReport> program = receipt.terms.program();
    if (program != null) {
      program.completed(report);
      return;
    }
    Message answer = AnswerForm.filled(receipt.terms.answer(), report, context.loop().wallTimeMs());
    context.appender().begin();
    try {
      if (receipt.terms.stored()) {
        forget(receipt);
      }
      new ScheduledPublish(router, receipt.host, answer).runForBroker();
    } finally {
      context.appender().end();
    }
  }

  private void forget(OpenReceipt receipt) {
    receipts.definitions().deleteReceipt(context, receipt.id);
    for (String queue : receipt.tally.settled()) {
      receipts.definitions().deleteReceiptTarget(context, receipt.id, queue);
    }
    for (String queue : receipt.tally.open()) {
      receipts.definitions().deleteReceiptTarget(context, receipt.id, queue);
    }
  }

  private ReceiptReport report(OpenReceipt receipt) {
    Result result = Objects.requireNonNull(receipt.result);
    long waitedMs = context.loop().wallTimeMs() - receipt.terms.openedMs();
    return new ReceiptReport(
        result,
        receipt.tally.counts(),
        Duration.ofMillis(Math.max(0, waitedMs)),
        receipt.tally.entries());
  }
}

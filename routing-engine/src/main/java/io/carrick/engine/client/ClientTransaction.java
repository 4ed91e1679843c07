package io.carrick.engine.client;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.Refusal;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.Done;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one attachment has asked for and not committed yet, and then its commit: everything in one
 * record set of this loop, also what is settled in queues of other loops. Confined to the client's
 * loop.
 */
final class ClientTransaction implements Transaction {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final ClientAttachment attachment;
  private final ClientPublisher publisher;
  private final Consumer<Message> returned;
  private final LoopContext context;
  private final Confirms confirms;
  private final TransactionRoom room;

  private List<Publish> publishes = new ArrayList<>();
  private List<Settle> settles = new ArrayList<>();

  /** What the commit under way has to tell queues, by loop. */
  private final IdentityHashMap<LoopContext, SettledTogether> together = new IdentityHashMap<>();

  /** Whether something of the commit under way was not taken. */
  private boolean partial;

  /** What must be durable for what is settled, and the last that is reported of it. */
  private long durableAt;

  private long lastOfCommit;

  /** What the commit under way completes. */
  private @Nullable Completion<Done> committing;

  private record Publish(Message message, boolean mandatory) {}

  private record Settle(AttachedConsumption by, long deliveryId, Settlement how) {}

  ClientTransaction(
      ClientAttachment attachment, ClientPublisher publisher, Consumer<Message> returned) {
    this.attachment = attachment;
    this.publisher = publisher;
    this.returned = returned;
    this.context = attachment.client().context();
    this.confirms = new Confirms(context, new Outcome());
    this.room = new TransactionRoom(attachment.client().place.core(), context);
  }

  /** Hears what became of each publish of a commit, and of the settlements behind them. */
  private final class Outcome implements AttachmentListener {

    @Override
    public void accepted(long first, long last) {
      finishIfAll(last);
    }

    @Override
    public void refused(long first, long last, Refusal reason) {
      partial = true;
      finishIfAll(last);
    }

    @Override
    public void pauseReading(Pause why) {
      throw new IllegalStateException("the attachment is told");
    }

    @Override
    public void resumeReading(Pause why) {
      throw new IllegalStateException("the attachment is told");
    }

    @Override
    public void closeRequested(CloseReason reason, String text) {
      throw new IllegalStateException("the client is asked");
    }
  }

  @Override
  public void publish(Message message, boolean mandatory) {
    Message accepted = publisher.accept(message);
    room.take(accepted);
    publishes.add(new Publish(accepted, mandatory));
  }

  @Override
  public void settle(Consumption consumption, long deliveryId, Settlement settlement) {
    if (!(consumption instanceof AttachedConsumption ours)) {
      throw new IllegalArgumentException("a consumption of another broker");
    }
    room.takeSettlement();
    settles.add(new Settle(ours, deliveryId, settlement));
  }

  @Override
  public void commit(Completion<Done> done) {
    if (committing != null) {
      throw new IllegalStateException("a commit is under way");
    }
    if (!context.storeTakes() && publishes.stream().anyMatch(ClientTransaction::isStored)) {
      context.counts().add(Count.STORE, publishes.size());
      rollback();
      attachment.fail(done, LoopContext.storeUnavailable());
      return;
    }
    committing = done;
    partial = false;
    try {
      publisher.asOne(this::takeEffect);
      tellQueues();
    } finally {
      answerBehindSettlements();
      together.clear();
      lastOfCommit = confirms.last();
      forget();
    }
  }

  private static boolean isStored(Publish publish) {
    return publish.message.properties().persistent();
  }

  private void takeEffect() {
    for (Publish next : publishes) {
      context.loop().worked(1);
      publish(next);
    }
    durableAt = 0;
    for (Settle next : settles) {
      context.loop().worked(1);
      settle(next);
    }
  }

  private void settle(Settle next) {
    try {
      LoopContext there = next.by.queueHome();
      if (there != null) {
        SettledTogether behind = together.computeIfAbsent(there, SettledTogether::new);
        long recorded = next.by.settleInSet(next.deliveryId, next.how, behind);
        durableAt = Math.max(durableAt, recorded);
      }
    } catch (RuntimeException | Error bug) {
      failed("a delivery of a transaction was not settled", bug);
    }
  }

  private void tellQueues() {
    for (SettledTogether each : together.values()) {
      try {
        each.tell(context);
      } catch (RuntimeException | Error bug) {
        failed("a queue did not take what a transaction has settled", bug);
      }
    }
  }

  /** What queues store themselves for what they were told comes before the answer. */
  private void answerBehindSettlements() {
    Set<LoopContext> storing = new HashSet<>();
    together.values().forEach(each -> each.addStoring(storing));
    if (storing.isEmpty()) {
      confirms.published(durableAt);
      return;
    }
    Confirms.Pending answer = confirms.publishedFarAway(durableAt, storing.size());
    for (LoopContext there : storing) {
      context.tell(there, () -> there.wake(() -> submitted(there, answer)));
    }
  }

  /** A turn has ended there since, with which dead letters were published. */
  private void submitted(LoopContext there, Confirms.Pending answer) {
    there.tell(context, () -> answer.submitted(there.submitted()));
  }

  /** The rest of a commit does not depend on what has failed for a mistake. */
  private void failed(String what, Throwable bug) {
    if (bug instanceof Error error && LoopGroup.isFatal(error)) {
      throw error;
    }
    log.error(what, bug);
    partial = true;
  }

  /** Matching is others' work as well; the rest of the commit does not depend on it. */
  private void publish(Publish next) {
    boolean routed;
    try {
      routed = publisher.publishAccepted(next.message, confirms);
    } catch (RuntimeException | Error bug) {
      failed("a message of a transaction was not published", bug);
      return;
    }
    if (!routed && next.mandatory) {
      returned.accept(next.message);
    }
  }

  /**
   * Answers when everything has been reported.
   *
   * @param reported up to which publish
   */
  private void finishIfAll(long reported) {
    Completion<Done> done = committing;
    if (done == null || reported < lastOfCommit) {
      return;
    }
    committing = null;
    if (partial) {
      attachment.fail(done, new PreconditionFailedException("partial tx completion"));
    } else {
      attachment.complete(done, Done.DONE);
    }
  }

  @Override
  public void rollback() {
    forget();
  }

  private void forget() {
    publishes = new ArrayList<>();
    settles = new ArrayList<>();
    room.giveBack();
  }

  /** Returns whether no commit is under way. */
  boolean idle() {
    return confirms.idle();
  }

  /** Runs a task when none is. */
  void whenIdle(Runnable task) {
    confirms.whenIdle(task);
  }

  /** The attachment has gone: what is not committed is not going to be. */
  void close() {
    forget();
    confirms.close();
  }
}

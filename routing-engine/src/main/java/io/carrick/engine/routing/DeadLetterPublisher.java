package io.carrick.engine.routing;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Followed;
import io.carrick.engine.topology.DeadLetters;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.LoopGroup;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes again what queues of this loop have given up, at the end of the turn: not from within
 * what a queue is doing, so that queues which give up to each other do not recurse, and within the
 * turn's share, so that they do not go on for ever. Confined to one loop.
 */
final class DeadLetterPublisher implements DeadLetters {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** How often it is asked whether a store that took nothing takes messages again. */
  private static final long AGAIN_MS = 1_000;

  /** So many exchanges that are not there are named in the log, each once. */
  private static final int MOST_REPORTED = 100;

  private record Noted(VirtualHost host, DeadLetter letter) {}

  private final Router router;
  private final LoopContext context;
  private final DeadLettersUnderWay underWay;
  private final KeptLetters kept;
  private final Runnable publish = this::publish;

  private final ArrayDeque<Noted> noted = new ArrayDeque<>();

  /** What has to be stored while the store takes nothing; all of it is in its queue's log still. */
  private final ArrayDeque<Noted> waiting = new ArrayDeque<>();

  private final Set<String> reported = new HashSet<>();
  private boolean asked;

  /**
   * Makes the publisher of one loop.
   *
   * @param mostUnderWayBytes how much may be on its way to other loops
   */
  DeadLetterPublisher(Router router, long mostUnderWayBytes) {
    this.router = router;
    this.context = router.context();
    this.underWay = new DeadLettersUnderWay(context, mostUnderWayBytes, this::askPublish);
    this.kept = new KeptLetters(router, this, mostUnderWayBytes);
  }

  @Override
  public void add(VirtualHost host, DeadLetter letter) {
    if (letter.kept()) {
      kept.add(host, letter);
      return;
    }
    noted.addLast(new Noted(host, letter));
    askPublish();
  }

  /** In this turn if there is room in it: a letter may be given up again as soon as it arrives. */
  private void askPublish() {
    if (asked || underWay.tooMuch()) {
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
    try {
      while (!noted.isEmpty() && !underWay.tooMuch()) {
        publish(noted.removeFirst());
        if (context.loop().workedEnough()) {
          return;
        }
      }
    } finally {
      asked = false;
      if (!noted.isEmpty()) {
        askPublish();
      }
    }
  }

  private void publish(Noted next) {
    context.loop().worked(1);
    try {
      publish(next.host, next.letter, next);
    } catch (RuntimeException | Error bug) {
      reportBug(next.host, next.letter, bug);
    }
  }

  /** The store may have it in its queue still, and another run may know better. */
  void reportBug(VirtualHost host, DeadLetter letter, Throwable bug) {
    if (LoopGroup.isFatal(bug)) {
      throw (Error) bug;
    }
    letter.gone();
    log.error("a dead letter of {} was not published", called(host, letter), bug);
  }

  private void publish(VirtualHost host, DeadLetter letter, Noted next) {
    Message message = letter.message(context.loop().wallTimeMs());
    Exchange exchange = exchangeOrDrop(host, letter, message);
    if (exchange == null) {
      return;
    }
    if (message.properties().persistent() && !(waiting.isEmpty() && router.storeTakes())) {
      waiting.addLast(next);
      next.letter.waits();
      if (waiting.size() == 1) {
        context.loop().schedule(AGAIN_MS, this::tryAgain);
      }
    } else {
      router.publishAgain(host, exchange, message, letter, underWay);
    }
  }

  /** Returns where a letter goes; null if that is nowhere, and it has been dropped. */
  @Nullable Exchange exchangeOrDrop(VirtualHost host, DeadLetter letter, Message message) {
    Exchange exchange = host.exchangeOrNull(letter.exchange());
    if (exchange == null) {
      report(host, letter);
    } else if (!host.reservedKeys.reserves(exchange.name(), message)) { // MAP-7
      return exchange;
    }
    context.counts().add(Count.DEAD_LETTER_UNROUTABLE);
    Followed.dropped(letter.queue(), message, Count.DEAD_LETTER_UNROUTABLE);
    letter.settle();
    letter.gone();
    return null;
  }

  private void tryAgain() {
    if (!router.storeTakes()) {
      context.loop().schedule(AGAIN_MS, this::tryAgain);
      return;
    }
    for (Noted last = waiting.pollLast(); last != null; last = waiting.pollLast()) {
      noted.addFirst(last);
    }
    askPublish();
  }

  private void report(VirtualHost host, DeadLetter letter) {
    String name = host.name() + '\0' + letter.exchange();
    if (reported.size() < MOST_REPORTED && reported.add(name)) {
      log.warn(
          "{} has the dead letter exchange '{}', which is not there: what it gives up is dropped",
          called(host, letter),
          letter.exchange());
    }
  }

  private static String called(VirtualHost host, DeadLetter letter) {
    return "queue '" + letter.queue().name() + "' in vhost '" + host.name() + "'";
  }
}

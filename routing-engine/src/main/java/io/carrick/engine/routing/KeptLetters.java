package io.carrick.engine.routing;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Arrival;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Followed;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Dead letters that stay with their queues until all targets take them: one after the other for
 * each queue, so that they keep their order, and each to all of its targets or to none. Targets in
 * other loops are asked first and not bound by what they said, so that one may get a message more
 * than it likes from each such queue. Whoever refuses is asked again later. Confined to one loop.
 */
final class KeptLetters {

  /** How often targets that have refused are asked again. */
  private static final long AGAIN_MS = 1_000;

  /** What a queue has given up, the oldest first. Confined as its owner is. */
  private static final class Line {
    private final VirtualHost host;
    private final ArrayDeque<DeadLetter> letters = new ArrayDeque<>();

    /** How many targets have not said whether they take the first. */
    private int answersMissing;

    private boolean refused;

    /** Whether targets in other loops have said that they take the first. */
    private boolean agreed;

    Line(VirtualHost host) {
      this.host = host;
    }
  }

  private final Router router;
  private final LoopContext context;
  private final DeadLetterPublisher publisher;
  private final DeadLettersUnderWay underWay;
  private final Runnable publish = this::publish;

  /** Of queues that have any. */
  private final Map<Queue, Line> lines = new HashMap<>();

  /** Those whose first letter can be tried. */
  private final ArrayDeque<Line> next = new ArrayDeque<>();

  /** Those whose first letter was refused. */
  private List<Line> refused = new ArrayList<>();

  private boolean asked;

  /**
   * Makes the keeper of one loop's letters.
   *
   * @param publisher says where they go
   * @param mostUnderWayBytes how much may be on its way to other loops
   */
  KeptLetters(Router router, DeadLetterPublisher publisher, long mostUnderWayBytes) {
    this.router = router;
    this.context = router.context();
    this.publisher = publisher;
    this.underWay = new DeadLettersUnderWay(context, mostUnderWayBytes, this::askPublish);
  }

  void add(VirtualHost host, DeadLetter letter) {
    letter.waits();
    Line line = lines.get(letter.queue());
    if (line == null) {
      line = new Line(host);
      lines.put(letter.queue(), line);
      next.addLast(line);
      askPublish();
    }
    line.letters.addLast(letter);
  }

  private void askPublish() {
    if (asked || next.isEmpty() || underWay.tooMuch()) {
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
    while (!next.isEmpty() && !underWay.tooMuch()) {
      if (context.loop().workedEnough()) {
        break;
      }
      context.loop().worked(1);
      Line line = next.removeFirst();
      try {
        tryFirst(line);
      } catch (RuntimeException | Error bug) {
        publisher.reportBug(line.host, line.letters.getFirst(), bug);
        firstGone(line);
      }
    }
    askPublish();
  }

  private void tryFirst(Line line) {
    DeadLetter letter = line.letters.getFirst();
    Message message = letter.message(context.loop().wallTimeMs());
    if (letter.ofDeletedQueue()) {
      context.counts().add(Count.QUEUE_DELETED);
      Followed.dropped(letter.queue(), message, Count.QUEUE_DELETED);
      letter.settle();
      letter.gone();
      firstGone(line);
      return;
    }
    Exchange exchange = publisher.exchangeOrDrop(line.host, letter, message);
    if (exchange == null) {
      firstGone(line);
    } else if (message.properties().persistent() && !router.storeTakes()) {
      refused(line);
    } else {
      publish(line, exchange, message);
    }
  }

  private void publish(Line line, Exchange exchange, Message message) {
    List<Queue> farAway = line.agreed ? null : new ArrayList<>();
    line.agreed = false;
    if (router.publishKept(
        line.host, exchange, message, line.letters.getFirst(), underWay, farAway)) {
      firstGone(line);
    } else if (farAway != null && !farAway.isEmpty()) {
      ask(line, message, farAway);
    } else {
      refused(line);
    }
  }

  private void firstGone(Line line) {
    Queue queue = line.letters.removeFirst().queue();
    if (line.letters.isEmpty()) {
      lines.remove(queue);
    } else {
      next.addLast(line);
    }
  }

  private void ask(Line line, Message message, List<Queue> farAway) {
    line.answersMissing = farAway.size();
    line.refused = false;
    for (Queue target : farAway) {
      context.tell(
          target.home(),
          () -> {
            boolean refuses = Arrival.wouldRefuse(target, message);
            target.home().tell(context, () -> answered(line, refuses));
          });
    }
  }

  private void answered(Line line, boolean refuses) {
    line.refused |= refuses;
    line.answersMissing--;
    if (line.answersMissing > 0) {
      return;
    }
    if (line.refused) {
      refused(line);
    } else {
      line.agreed = true;
      next.addLast(line);
      askPublish();
    }
  }

  private void refused(Line line) {
    refused.add(line);
    if (refused.size() == 1) {
      context.loop().schedule(AGAIN_MS, this::tryAgain);
    }
  }

  private void tryAgain() {
    next.addAll(refused);
    refused = new ArrayList<>();
    askPublish();
  }
}

package io.carrick.engine.routing;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.LoopGroup;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what the firehose says of one loop, at the end of the turn: not from within what it
 * speaks of. What there is no room for is dropped, so that nobody waits for whoever listens.
 * Confined to that loop.
 */
final class FirehosePublisher {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private record Noted(VirtualHost host, Exchange exchange, Message copy) {}

  private final Router router;
  private final LoopContext context;
  private final int most;
  private final long mostBytes;
  private final DeadLettersUnderWay underWay;
  private final Runnable publish = this::publish;
  private final ArrayDeque<Noted> noted = new ArrayDeque<>();
  private long bytes;
  private boolean asked;

  FirehosePublisher(Router router, Limits limits) {
    this.router = router;
    this.context = router.context();
    this.most = limits.count(Limit.FIREHOSE_MESSAGES);
    this.mostBytes = limits.value(Limit.PUBLISHER_CREDIT_BYTES);
    this.underWay = new DeadLettersUnderWay(context, mostBytes, this::askPublish);
  }

  void add(VirtualHost host, Exchange exchange, Message copy) {
    if (noted.size() >= most || bytes > mostBytes || context.alarms().any()) {
      context.counts().add(Count.FIREHOSE_BEHIND);
      return;
    }
    count(copy.memoryBytes());
    noted.addLast(new Noted(host, exchange, copy));
    askPublish();
  }

  private void count(int size) {
    bytes += size;
    context.held().add(Kind.UNDER_WAY, size);
  }

  private void askPublish() {
    if (asked || noted.isEmpty() || underWay.tooMuch()) {
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
    while (!noted.isEmpty() && !underWay.tooMuch() && !context.loop().workedEnough()) {
      context.loop().worked(1);
      Noted next = noted.removeFirst();
      count(-next.copy.memoryBytes());
      try {
        router.publishCopy(next.host, next.exchange, next.copy, underWay);
      } catch (RuntimeException | Error bug) {
        if (LoopGroup.isFatal(bug)) {
          throw bug;
        }
        log.error("a message of the firehose was not published", bug);
      }
    }
    askPublish();
  }
}

package io.carrick.engine.administration;

import io.carrick.engine.client.BrokerAdapterContext;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.AttachmentListener.CloseReason;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.SessionEnd;
import java.util.Iterator;
import java.util.function.BooleanSupplier;

/**
 * Takes a virtual host away that nobody finds any more: its clients leave, its queues end in their
 * loops, then the rest goes, a few hundred things at a time. What a crash leaves of it goes at the
 * next start, for the store knows that it is going. Confined to the loop that deletes, except what
 * it tells others.
 */
final class HostDeletion {

  private static final int STEP = 256;

  private final Core core;
  private final BrokerAdapterContext adapters;
  private final VirtualHost host;
  private final LoopContext here;
  private final Completion<Done> done;
  private int loopsLeft;

  HostDeletion(
      Core core,
      BrokerAdapterContext adapters,
      VirtualHost host,
      LoopContext here,
      Completion<Done> done) {
    this.core = core;
    this.adapters = adapters;
    this.host = host;
    this.here = here;
    this.done = done;
  }

  void begin() {
    core.firehoseOff(host);
    Iterator<ConnectedClient> clients = core.clients().from(0, true);
    inSteps(here, () -> expelNext(clients), this::endQueues);
  }

  private boolean expelNext(Iterator<ConnectedClient> clients) {
    if (!clients.hasNext()) {
      return false;
    }
    ConnectedClient client = clients.next();
    if (client.isIn(host)) {
      String why = "vhost '" + host.name() + "' is deleted";
      here.tell(client.context(), () -> client.expel(CloseReason.ADMINISTRATIVE, why));
    }
    return true;
  }

  private void endQueues() {
    QueueKeeper keeper = core.keeper(host);
    loopsLeft = core.contexts().size();
    for (LoopContext loop : core.contexts()) {
      here.tell(loop, () -> endQueuesOf(loop, keeper));
    }
  }

  /** Ends the queues of one loop; those of sessions have ended when their consumers know. */
  private void endQueuesOf(LoopContext loop, QueueKeeper keeper) {
    var ending = new Ending(loop, this::queuesEnded);
    Iterator<QueueEntry> queues = host.queuesFrom("", true);
    inSteps(loop, () -> endNext(queues, keeper, ending), ending::allBegun);
  }

  private static boolean endNext(Iterator<QueueEntry> queues, QueueKeeper keeper, Ending ending) {
    if (!queues.hasNext()) {
      return false;
    }
    QueueEntry next = queues.next();
    if (next.queue.home() == ending.loop) {
      ending.begun++;
      keeper.end(next, SessionEnd.DELETED, dropped -> ending.ended());
    }
    return true;
  }

  /** Counts the queues of one loop that are ending. Confined to that loop. */
  private final class Ending {

    private final LoopContext loop;
    private final Runnable then;
    private int begun = 1;

    Ending(LoopContext loop, Runnable then) {
      this.loop = loop;
      this.then = then;
    }

    void allBegun() {
      ended();
    }

    void ended() {
      if (--begun == 0) {
        loop.tell(here, then);
      }
    }
  }

  private void queuesEnded() {
    if (--loopsLeft == 0) {
      adapters.forget(host);
      BooleanSupplier more = host.remains(here);
      inSteps(here, more, () -> here.whenDurable(adapters.hosts().deleted(host, here), done));
    }
  }

  /**
   * Does something again and again, a few hundred times a turn.
   *
   * @param step returns whether there is more
   * @param then what follows
   */
  private static void inSteps(LoopContext loop, BooleanSupplier step, Runnable then) {
    for (int i = 0; i < STEP; i++) {
      if (!step.getAsBoolean()) {
        then.run();
        return;
      }
      loop.loop().worked(1);
    }
    loop.loop().continueLater(() -> inSteps(loop, step, then));
  }
}

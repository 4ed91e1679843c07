package io.carrick.engine.queue;

import io.carrick.AccessRefusedException;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink.End;
import java.util.ArrayDeque;

/**
 * Take-overs of one queue, one after the other: the next starts when the last has been granted or
 * refused, and the queue forgets this when none is left. Confined to the queue's loop.
 */
final class Lease {

  private final Queue queue;

  /** The first is under way. */
  private final ArrayDeque<Runnable> requests = new ArrayDeque<>(1);

  /** Whether {@link #next} is under way: many may be granted at once, and that does not nest. */
  private boolean granting;

  Lease(Queue queue) {
    this.queue = queue;
  }

  private Consumers consumers() {
    return queue.consumers();
  }

  void request(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    requests.addLast(() -> takeOver(request, outlet, done));
    if (requests.size() == 1) {
      next();
    }
  }

  private void takeOver(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    Consumer holder = consumers().first();
    if (holder == null) {
      consumers().add(request, outlet, done);
      settled();
    } else if (holder.mode() != Mode.LEASE) {
      done.failed(new AccessRefusedException("queue '" + queue.name() + "' is in use"));
      settled();
    } else {
      consumers().remove(holder);
      // Its settlements on the way arrive before its answer, what they leave goes back.
      holder.tellEnded(
          End.TAKEN_OVER,
          () -> {
            consumers().requeueAll(holder);
            consumers().add(request, outlet, done);
            settled();
          });
    }
  }

  private void settled() {
    requests.removeFirst();
    if (!granting) {
      next();
    }
  }

  /** Starts what is first, and what follows it as long as each is granted or refused at once. */
  private void next() {
    granting = true;
    try {
      Runnable started = null;
      Runnable first = requests.peekFirst();
      while (first != null && first != started) {
        started = first;
        first.run();
        first = requests.peekFirst();
      }
    } finally {
      granting = false;
    }
    if (requests.isEmpty()) {
      consumers().leaseSettled();
    }
  }
}

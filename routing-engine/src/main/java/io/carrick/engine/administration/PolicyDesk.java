package io.carrick.engine.administration;

import io.carrick.Page;
import io.carrick.Policy;
import io.carrick.PolicyAdmin;
import io.carrick.Selection;
import io.carrick.engine.client.Core;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.HostPolicies;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.Iterator;
import java.util.concurrent.CompletionStage;

/**
 * The administration of policies. Immutable; everything happens in one loop or another.
 *
 * @param admin does it
 * @param core knows the loops
 */
record PolicyDesk(BrokerAdmin admin, Core core) implements PolicyAdmin {

  @Override
  public CompletionStage<Page<Policy>> list(Selection which) {
    return admin.list(which, Inspection::policies, i -> Inspection.one(policy -> policy));
  }

  @Override
  public CompletionStage<Void> put(Policy policy) {
    return admin.change(
        policy.virtualHost(),
        (deputy, done) -> {
          deputy.host().put(policy, deputy.context());
          new Spread(core, deputy.host(), deputy.context(), done).begin();
        });
  }

  @Override
  public CompletionStage<Void> delete(String virtualHost, Policy.Kind kind, String name) {
    return admin.change(
        virtualHost,
        (deputy, done) -> {
          deputy.host().deletePolicy(kind, name, deputy.context());
          new Spread(core, deputy.host(), deputy.context(), done).begin();
        });
  }

  /** Goes through the policies of a virtual host from a position on. */
  static Iterator<Policy> from(VirtualHost host, Position start) {
    return host.policies().all().stream()
        .filter(
            policy -> {
              int order = HostPolicies.key(policy).compareTo(start.key());
              return order > 0 || (order == 0 && start.inclusive());
            })
        .iterator();
  }

  /**
   * Has what there is go by the policies that there are now: each loop its queues, a few hundred at
   * a time. Confined to the loop that changes, except where it says otherwise.
   */
  private static final class Spread {

    private static final int STEP = 256;

    private final Core core;
    private final VirtualHost host;
    private final QueueKeeper keeper;
    private final LoopContext here;
    private final Completion<Done> done;
    private int underWay;

    Spread(Core core, VirtualHost host, LoopContext here, Completion<Done> done) {
      this.core = core;
      this.host = host;
      this.keeper = core.keeper(host);
      this.here = here;
      this.done = done;
    }

    void begin() {
      underWay = core.contexts().size() + 1;
      for (LoopContext loop : core.contexts()) {
        Iterator<QueueEntry> queues = host.queuesFrom("", true);
        here.tell(loop, () -> queuesOf(loop, queues));
      }
      exchanges(host.exchangesFrom("", true));
    }

    private void exchanges(Iterator<Exchange> rest) {
      for (int i = 0; i < STEP && rest.hasNext(); i++) {
        host.goByPolicies(rest.next());
      }
      if (rest.hasNext()) {
        here.loop().continueLater(() -> exchanges(rest));
      } else {
        ended();
      }
    }

    /** Called in the loop of the queues. */
    private void queuesOf(LoopContext loop, Iterator<QueueEntry> rest) {
      for (int i = 0; i < STEP && rest.hasNext(); i++) {
        QueueEntry entry = rest.next();
        if (entry.queue.home() == loop) {
          keeper.goByPolicies(entry.queue);
          loop.loop().worked(1);
        }
      }
      if (rest.hasNext()) {
        loop.loop().continueLater(() -> queuesOf(loop, rest));
      } else {
        loop.tell(here, this::ended);
      }
    }

    private void ended() {
      if (--underWay == 0) {
        here.whenDurable(host.changedAt(), done);
      }
    }
  }
}

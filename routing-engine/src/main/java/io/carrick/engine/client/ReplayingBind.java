package io.carrick.engine.client;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.ChangedBindings;
import io.carrick.engine.topology.LastValueReplay;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Bindings of which some ask for the last values that match them (MAP-31): the answer comes when
 * those are in their queues. Made for each call; used in the client's loop.
 *
 * @param client who asks
 * @param answers brings it the answer
 */
record ReplayingBind(ConnectedClient client, Answers answers) {

  /** Replays that are not at their end. Confined to the client's loop. */
  private static final class Missing {
    private int count;
    private long sequence;

    Missing(int count, long sequence) {
      this.count = count;
      this.sequence = sequence;
    }

    /** One is at its end; returns whether it was the last. */
    boolean ended(long stored) {
      sequence = Math.max(sequence, stored);
      return --count == 0;
    }
  }

  void bind(List<Binding> bindings, Completion<Integer> done) {
    VirtualHost host = client.place.host();
    var replays = new ArrayList<LastValueReplay>(1);
    ChangedBindings changed;
    try {
      for (Binding binding : bindings) {
        client.mayBind(binding);
        if (LastValueReplay.isAskedFor(binding)) {
          LastValueReplay.check(binding, host);
        }
      }
      changed = host.bind(bindings, client, Optional.of(replays));
    } catch (BrokerException refused) {
      done.failed(refused);
      return;
    }
    if (replays.isEmpty()) {
      answers.afterSequence(changed.sequence(), done, changed.count());
      return;
    }
    var missing = new Missing(replays.size(), changed.sequence());
    Predicate<Message> wanted = client.lastValuesForIt();
    answers.whenAllLoopsHaveAnswered(
        () -> {
          for (LastValueReplay replay : replays) {
            start(
                replay,
                wanted,
                stored -> {
                  if (missing.ended(stored)) {
                    answers.afterSequence(missing.sequence, done, changed.count());
                  }
                });
          }
        });
  }

  /** Has a replay run in its loop and hears in this one of its end. */
  private void start(LastValueReplay replay, Predicate<Message> wanted, LongConsumer ended) {
    LoopContext here = client.place.context();
    LoopContext there = replay.home();
    here.tell(
        there, () -> replay.start(wanted, stored -> there.tell(here, () -> ended.accept(stored))));
  }
}

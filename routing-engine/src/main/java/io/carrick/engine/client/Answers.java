package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.ChangedBindings;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * How an attachment comes to the answers that it gives: from a queue in another loop, or when the
 * store has what the answer is about. Made for each call; used in the client's loop.
 *
 * @param attachment hears of them while it is open
 * @param host what is changed
 * @param context the engine's side of the client's loop
 */
record Answers(ClientAttachment attachment, VirtualHost host, LoopContext context) {

  /**
   * Does something at once and answers when it is stored.
   *
   * @param action returns the sequence to wait for
   */
  void stored(Completion<Done> done, LongSupplier action) {
    long sequence;
    try {
      sequence = action.getAsLong();
    } catch (BrokerException refused) {
      done.failed(refused);
      return;
    }
    afterSequence(sequence, done, Done.DONE);
  }

  /** Changes bindings at once and answers how many when that is stored. */
  void changed(Completion<Integer> done, Supplier<ChangedBindings> change) {
    ChangedBindings changed;
    try {
      changed = change.get();
    } catch (BrokerException refused) {
      done.failed(refused);
      return;
    }
    afterSequence(changed.sequence(), done, changed.count());
  }

  /** Lets an answer wait until what it is about is stored. */
  <T> Completion<T> afterStoring(Completion<T> done) {
    return new Completion<>() {
      @Override
      public void completed(T value) {
        afterSequence(host.changedAt(), done, value);
      }

      @Override
      public void failed(BrokerException reason) {
        done.failed(reason);
      }
    };
  }

  /** Answers when the store has everything up to a sequence. */
  <T> void afterSequence(long sequence, Completion<T> done, T value) {
    if (context.durable(sequence)) {
      done.completed(value);
      return;
    }
    context.whenDurable(
        sequence,
        new Completion<Done>() {
          @Override
          public void completed(Done stored) {
            attachment.complete(done, value);
          }

          @Override
          public void failed(BrokerException storeFailed) {
            attachment.fail(done, storeFailed);
          }
        });
  }

  /** Asks a queue in its loop and brings the answer back to this one. */
  <T> void ask(QueueEntry entry, Function<Queue, T> question, Completion<T> done) {
    askLater(entry, (queue, answer) -> answer.accept(question.apply(queue)), done);
  }

  /**
   * Asks a queue in its loop, which answers when it can, and brings the answer back to this one.
   */
  <T> void askLater(QueueEntry entry, BiConsumer<Queue, Consumer<T>> question, Completion<T> done) {
    LoopContext there = entry.queue.home();
    context.tell(
        there,
        () -> {
          try {
            question.accept(
                entry.queue,
                answer -> there.tell(context, () -> attachment.complete(done, answer)));
          } catch (BrokerException refused) {
            there.tell(context, () -> attachment.fail(done, refused));
          }
        });
  }

  /** Has a queue do something in its loop and answers when that is stored. */
  void askAndStore(QueueEntry entry, ToLongFunction<Queue> change, Completion<Done> done) {
    LoopContext there = entry.queue.home();
    context.tell(
        there,
        () -> {
          long sequence = change.applyAsLong(entry.queue);
          there.tell(context, () -> afterSequence(sequence, done, Done.DONE));
        });
  }

  /** Runs a task when every loop has done what it was told before. */
  void whenAllLoopsHaveAnswered(Runnable task) {
    List<LoopContext> loops = attachment.client().place.core().contexts();
    var missing = new AtomicInteger(loops.size());
    Runnable answered =
        () -> {
          if (missing.decrementAndGet() == 0) {
            task.run();
          }
        };
    for (LoopContext other : loops) {
      context.tell(other, () -> other.tell(context, answered));
    }
  }
}

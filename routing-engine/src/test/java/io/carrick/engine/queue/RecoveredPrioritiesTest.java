package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.TestMemory;
import io.carrick.engine.loop.ManualLoop;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.QueueDeclaration;
import io.carrick.storage.MessageStore;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoreContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a queue with priorities keeps after a start. */
@Tag("amqp091:x-max-priority")
class RecoveredPrioritiesTest {

  private static final int HIGHEST = 255;

  private final List<Long> opened = new ArrayList<>();

  @Test
  void aPriorityThatHadNothingKeepsNoLogUntilItNeedsOne() throws Exception {
    Limits limits = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, 1);
    MessageStore store =
        MessageStore.inMemory().open(new StoreContext(new Records(Map.of()), limits));
    ManualLoop loop = new ManualLoops().first;
    var home = new LoopContext(loop, 0, store, TestMemory.bounded(limits));
    var arguments = Map.<String, Object>of("x-max-priority", HIGHEST);
    var declaration = new QueueDeclaration("q", true, false, false, arguments, null);
    var owner =
        new LoneQueueOwner(store, limits) {
          @Override
          public QueueLog openLog(Queue queue, long storeId) {
            opened.add(storeId);
            return super.openLog(queue, storeId);
          }
        };
    var queue = new Queue(1, declaration, QueueSettings.NONE, home, owner);
    loop.turn(
        () -> {
          queue.restore(store.queueLog(1, Runnable::run), Redeliveries.none(), Map.of());
          assertThat(opened).hasSize(HIGHEST);
          opened.clear();
          for (int i = 0; i < 3; i++) {
            Message message = Message.builder("m").priority(7).build();
            queue.ready().add(message, 0, null, null);
          }
        });

    assertThat(opened).containsExactly(8L);
    assertThat(queue.ready().size()).isEqualTo(3);
  }
}

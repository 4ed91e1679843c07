package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Alarm;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Transactions are part of what the broker holds, and do not wait for each other for ever. */
@Tag("amqp091:tx.select")
class TransactionMemoryTest {

  private static final int WATERMARK = 1 << 20;

  private final RestartableBroker run =
      new RestartableBroker(new Disk(), Limits.defaults().with(Limit.MEMORY_BYTES, WATERMARK));
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");
  private final Transaction ofNear = near.openTransaction(m -> {});
  private final Transaction ofFar = far.openTransaction(m -> {});
  private final List<String> told = new ArrayList<>();

  private static Message large(Attachment by) {
    Message made = Message.of(new byte[WATERMARK / 10]);
    return made.addressed("", RoutingKey.ofKey("q"), by.identity(), 0);
  }

  private static void publish(TestClient by, Transaction in, int tenths) {
    by.act(
        p -> {
          for (int i = 0; i < tenths; i++) {
            in.publish(large(p), false);
          }
        });
  }

  private boolean alarm() {
    return run.broker.alarms().contains(Alarm.MEMORY);
  }

  private final class Answer implements Completion<Done> {

    @Override
    public void completed(Done value) {
      told.add("committed");
    }

    @Override
    public void failed(BrokerException reason) {
      told.add(reason.getMessage());
    }
  }

  @Test
  void whatIsNotCommittedCountsAndARollbackGivesItBack() {
    publish(near, ofNear, 6);
    assertThat(alarm()).isFalse();
    publish(far, ofFar, 4);
    assertThat(alarm()).isTrue();

    far.act(p -> ofFar.rollback());

    assertThat(alarm()).isFalse();
  }

  @Test
  void whoseTransactionGrowsDuringAnAlarmIsPausedUntilItIsOver() {
    run.declare(near, durable("q"));
    Consuming consuming = far.consume(RestartableBroker.shared("q"));
    far.act(
        p -> {
          for (int i = 0; i < 7; i++) {
            p.publish(large(p));
          }
        });
    publish(near, ofNear, 3);
    assertThat(alarm()).isTrue();
    publish(near, ofNear, 1);
    assertThat(near.told).containsExactly("pause MEMORY");

    far.act(p -> consuming.consumption.settle(consuming.ids.get(0), Settlement.ACCEPT));
    assertThat(near.told).hasSize(1);
    for (int i = 1; i < 7; i++) {
      consuming.settle(i, Settlement.ACCEPT);
    }

    assertThat(near.told).containsExactly("pause MEMORY", "resume MEMORY");
    near.act(p -> ofNear.commit(new Answer()));
    assertThat(told).containsExactly("committed");
    assertThat(consuming.got).hasSize(11);
  }

  @Test
  void transactionsThatHoldMostOfTheMemoryDoNotWaitForEachOther() {
    publish(near, ofNear, 6);
    publish(far, ofFar, 4);
    assertThat(alarm()).isTrue();

    near.act(
        p -> {
          assertThatThrownBy(() -> ofNear.publish(large(p), false))
              .isInstanceOf(PreconditionFailedException.class)
              .hasMessage("the broker is low on memory, and transactions hold most of it");
          ofNear.rollback(); // as a protocol does that closes its channel then
        });

    assertThat(alarm()).isFalse();
    assertThat(run.broker.metrics().value("messages.dropped{reason=transaction-full}"))
        .isEqualTo(1);
    far.act(p -> ofFar.commit(new Answer()));
    assertThat(told).containsExactly("committed");
  }
}

package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.bridge.CrashBroker.Setting;
import io.carrick.journal.Journal.Sync;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the store that was made while clients of both protocols publish. */
class SnapshotTest {

  private static final int BEFORE_MS = 700;
  private static final int BEHIND_MS = 200;

  /** So small that the log is in several segments, an image, and files of queues. */
  private static final Setting SMALL = new Setting(Sync.FSYNC, 64 << 10, 100);

  @TempDir Path directory;

  private final CrashLedger archive = new CrashLedger("AMQP queue");
  private final CrashLedger device = new CrashLedger("MQTT session");
  private final CrashMqttPublisher once = new CrashMqttPublisher("once", 2);
  private final CrashMqttPublisher atLeastOnce = new CrashMqttPublisher("atLeastOnce", 1);
  private final CrashAmqpPublisher confirmed = new CrashAmqpPublisher("confirmed");
  private final CrashAmqpConsumer queue = new CrashAmqpConsumer("crash-archive", archive, true);

  /** What was acknowledged before the call, by publisher. */
  private BitSet ofOnce = new BitSet();

  private BitSet ofAtLeastOnce = new BitSet();
  private BitSet ofConfirmed = new BitSet();

  private final CrashMqttSubscriber session = new CrashMqttSubscriber(device, () -> hasAll(device));

  @Test
  void aBrokerOnTheCopyHasEverythingThatWasAcknowledgedBeforeTheCall() throws Exception {
    Path copy = directory.resolve("copy");
    publishAndCopy(directory.resolve("original"), copy);

    CrashBroker broker = CrashBroker.launch(copy, SMALL);
    broker.awaitPorts();
    queue.finish(broker);
    session.finish(broker);
    broker.close();

    for (CrashLedger ledger : List.of(archive, device)) {
      assertThat(ofOnce.cardinality()).as("published with QoS 2").isGreaterThan(20);
      assertThat(hasAll(ledger)).as("%s has what was acknowledged", ledger).isTrue();
      assertThat(ledger.complaints()).isEmpty();
    }
  }

  private void publishAndCopy(Path original, Path copy) throws Exception {
    CrashBroker first = CrashBroker.launch(original, SMALL);
    first.awaitPorts();
    for (CrashWorker consumer : List.of(queue, session)) {
      consumer.start(first);
      consumer.awaitReady();
    }
    first.close();
    session.join();

    CrashBroker broker = CrashBroker.launch(original, SMALL);
    broker.awaitPorts();
    List<CrashWorker> publishing = List.of(once, atLeastOnce, confirmed);
    for (CrashWorker publisher : publishing) {
      publisher.start(broker);
      publisher.awaitReady();
    }
    broker.run(BEFORE_MS);
    ofOnce = once.acknowledged();
    ofAtLeastOnce = atLeastOnce.acknowledged();
    ofConfirmed = confirmed.acknowledged();
    broker.snapshot(copy);
    broker.run(BEHIND_MS);
    broker.kill();
    for (CrashWorker publisher : publishing) {
      publisher.join();
    }
  }

  private boolean hasAll(CrashLedger ledger) {
    return ledger.hasAll("once", ofOnce)
        && ledger.hasAll("atLeastOnce", ofAtLeastOnce)
        && ledger.hasAll("confirmed", ofConfirmed);
  }
}

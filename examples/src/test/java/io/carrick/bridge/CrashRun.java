package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.bridge.CrashBroker.Setting;
import io.carrick.bridge.CrashLedger.Repetition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * Brokers one after the other on the same journal, each killed at a random moment, with the same
 * clients. Confined to the test's thread.
 */
final class CrashRun {

  private static final int ROUNDS = 8;
  private static final int LONGEST_MS = 1_500;

  /** How long it takes to have the journal open, and a bit more. */
  private static final int LONGEST_START_MS = 1_000;

  private final Path directory;
  private final Random random;

  private final CrashLedger device = new CrashLedger("MQTT subscriber");
  private final CrashLedger service = new CrashLedger("AMQP consumer");
  private final CrashLedger archive = new CrashLedger("queue nobody consumes");

  private final CrashMqttPublisher once = new CrashMqttPublisher("once", 2);
  private final CrashMqttPublisher atLeastOnce = new CrashMqttPublisher("atLeastOnce", 1);
  private final CrashAmqpPublisher confirmed = new CrashAmqpPublisher("confirmed");
  private final List<CrashWorker> publishing = List.of(once, atLeastOnce, confirmed);
  private final List<CrashWorker> consuming =
      List.of(
          new CrashMqttSubscriber(device, this::deviceHasAll),
          new CrashAmqpConsumer("crash-queue", service, false),
          new CrashAmqpConsumer("crash-archive", archive, true));
  private final List<CrashWorker> declaring;

  CrashRun(Path directory, long seed) {
    this.directory = directory;
    this.random = new Random(seed);
    this.declaring =
        List.of(
            new CrashTopology(new Random(random.nextLong())),
            new CrashSessions(new Random(random.nextLong())));
  }

  /** Does all of it; returns what is wrong. */
  List<String> complaints() throws Exception {
    // Who consumes is there before anybody publishes: what is published meets their bindings.
    round(consuming);
    var all = new ArrayList<>(consuming);
    all.addAll(publishing);
    all.addAll(declaring);
    for (int i = 0; i < ROUNDS; i++) {
      if (random.nextInt(3) == 0) {
        killDuringTheStart();
      }
      round(all);
    }
    finish();
    return check();
  }

  private CrashBroker launch() throws Exception {
    return CrashBroker.launch(directory, Setting.any(random));
  }

  private void killDuringTheStart() throws Exception {
    CrashBroker broker = launch();
    broker.run(random.nextInt(LONGEST_START_MS));
    broker.kill();
  }

  private void round(List<CrashWorker> workers) throws Exception {
    CrashBroker broker = launch();
    broker.awaitPorts();
    for (CrashWorker worker : workers) {
      worker.start(broker);
    }
    for (CrashWorker worker : workers) {
      worker.awaitReady();
    }
    broker.run(random.nextInt(LONGEST_MS));
    if (random.nextInt(8) == 0) {
      broker.close();
    } else {
      broker.kill();
    }
    for (CrashWorker worker : workers) {
      worker.join();
    }
  }

  private void finish() throws Exception {
    CrashBroker broker = launch();
    broker.awaitPorts();
    for (List<CrashWorker> workers : List.of(publishing, consuming, declaring)) {
      for (CrashWorker worker : workers) {
        worker.finish(broker);
      }
    }
    broker.close();
  }

  private boolean deviceHasAll() {
    return device.hasAll("once", once.acknowledged())
        && device.hasAll("atLeastOnce", atLeastOnce.acknowledged())
        && device.hasAll("confirmed", confirmed.acknowledged());
  }

  private List<String> check() {
    // A consumer of AMQP may have had what the journal had not: with the broker it was gone, and
    // its publisher has published it again. A QoS 2 subscriber gets nothing before it is stored.
    check(device, Repetition.NEVER, new BitSet(), Repetition.FLAGGED);
    check(service, Repetition.FLAGGED, once.publishedAgain(), Repetition.FLAGGED);
    check(archive, Repetition.NEVER, new BitSet(), Repetition.NEVER);
    var complaints = new ArrayList<String>();
    for (CrashLedger ledger : List.of(device, service, archive)) {
      complaints.addAll(ledger.complaints());
      assertThat(ledger.distinct()).as("%s", ledger).isGreaterThan(100);
    }
    if (archive.flagged() > 0) {
      complaints.add(archive.flagged() + " flagged in a queue that had no consumer");
    }
    return complaints;
  }

  private void check(CrashLedger ledger, Repetition ofOnce, BitSet onceAgain, Repetition ofOthers) {
    ledger.check("once", once.acknowledged(), onceAgain, ofOnce);
    ledger.check("atLeastOnce", atLeastOnce.acknowledged(), atLeastOnce.publishedAgain(), ofOthers);
    ledger.check("confirmed", confirmed.acknowledged(), new BitSet(), ofOthers);
  }

  @Override
  public String toString() {
    return device + "; " + service + "; " + archive + "; " + declaring;
  }
}

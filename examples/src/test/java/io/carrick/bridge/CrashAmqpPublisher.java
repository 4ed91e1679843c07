package io.carrick.bridge;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.TreeMap;

/**
 * Publishes rising numbers with confirms and none of them twice: what was not confirmed when the
 * broker went may or may not be there. Used by one thread at a time, and by its connection's.
 */
final class CrashAmqpPublisher extends CrashWorker {

  private static final int WINDOW = 32;
  private static final long PATIENCE_MS = 20_000;

  private final String name;

  /** Guarded by {@code this}, as what is under way. */
  private final BitSet acknowledged = new BitSet();

  /** Guarded by {@code this}. */
  private boolean refused;

  private int last;

  CrashAmqpPublisher(String name) {
    this.name = name;
  }

  synchronized BitSet acknowledged() {
    return (BitSet) acknowledged.clone();
  }

  @Override
  void work(CrashBroker broker) throws Exception {
    try (Connection connection = CrashAmqpConsumer.connect(broker)) {
      connection.addShutdownListener(gone -> wake());
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      if (finishing()) {
        publish(channel, ++last);
        channel.waitForConfirmsOrDie(PATIENCE_MS);
        acknowledged.set(last);
        return;
      }
      var underWay = new TreeMap<Long, Integer>();
      channel.addConfirmListener(
          (tag, multiple) -> confirmed(underWay, tag, multiple), (tag, multiple) -> refused());
      ready();
      while (awaitRoom(connection, underWay)) {
        synchronized (this) {
          underWay.put(channel.getNextPublishSeqNo(), ++last);
        }
        publish(channel, last);
      }
    }
  }

  private void publish(Channel channel, int number) throws IOException {
    channel.basicPublish(
        "amq.topic",
        "crash." + name,
        MessageProperties.MINIMAL_PERSISTENT_BASIC,
        CrashLedger.text(name, number).getBytes(StandardCharsets.UTF_8));
  }

  /** Returns whether there is still somebody to publish to. */
  private synchronized boolean awaitRoom(Connection connection, TreeMap<Long, Integer> underWay)
      throws InterruptedException {
    while (connection.isOpen() && underWay.size() >= WINDOW) {
      wait(PATIENCE_MS);
    }
    if (refused) {
      throw new AssertionError("the broker has refused a message");
    }
    return connection.isOpen();
  }

  private synchronized void wake() {
    notifyAll();
  }

  private synchronized void refused() {
    refused = true;
    notifyAll();
  }

  private synchronized void confirmed(TreeMap<Long, Integer> underWay, long tag, boolean multiple) {
    var done = multiple ? underWay.headMap(tag, true) : underWay.subMap(tag, true, tag, true);
    done.values().forEach(acknowledged::set);
    done.clear();
    notifyAll();
  }
}

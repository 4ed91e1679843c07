package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Declares, binds, unbinds and deletes queues with one message each, and knows what was answered;
 * what was under way when the broker went is left alone. Used by one thread at a time.
 */
final class CrashTopology extends CrashWorker {

  private static final int MOST = 40;
  private static final String EXCHANGE = "crash-exchange";

  private final Map<Integer, State> queues = new TreeMap<>();
  private final Random random;
  private int last;

  private enum State {
    BOUND,
    UNBOUND,
    DELETED
  }

  CrashTopology(Random random) {
    this.random = random;
  }

  @Override
  void work(CrashBroker broker) throws Exception {
    try (Connection connection = CrashAmqpConsumer.connect(broker)) {
      if (finishing()) {
        check(connection);
        return;
      }
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      channel.exchangeDeclare(EXCHANGE, "fanout", true);
      ready();
      while (!broker.over()) {
        change(channel);
      }
    }
  }

  private static String queue(int number) {
    return "crash-" + number;
  }

  private void change(Channel channel) throws Exception {
    if (last < MOST || random.nextInt(4) == 0) {
      declare(channel, ++last);
      return;
    }
    int number = 1 + random.nextInt(last);
    State was = queues.remove(number);
    if (was == State.BOUND) {
      channel.queueUnbind(queue(number), EXCHANGE, "");
      queues.put(number, State.UNBOUND);
    } else if (was != null) {
      channel.queueDelete(queue(number));
      queues.put(number, State.DELETED);
    }
  }

  private void declare(Channel channel, int number) throws Exception {
    channel.queueDeclare(queue(number), true, false, false, null);
    channel.queueBind(queue(number), EXCHANGE, "");
    publish(channel, "", queue(number));
    queues.put(number, State.BOUND);
  }

  private static void publish(Channel channel, String exchange, String key) throws Exception {
    channel.basicPublish(exchange, key, MessageProperties.MINIMAL_PERSISTENT_BASIC, new byte[9]);
    channel.waitForConfirmsOrDie();
  }

  // ---- at the end

  private void check(Connection connection) throws Exception {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    publish(channel, EXCHANGE, "");
    for (var entry : queues.entrySet()) {
      String queue = queue(entry.getKey());
      switch (entry.getValue()) {
        case BOUND -> assertThat(channel.messageCount(queue)).as("bound %s", queue).isEqualTo(2);
        case UNBOUND ->
            assertThat(channel.messageCount(queue)).as("unbound %s", queue).isEqualTo(1);
        case DELETED ->
            assertThat(isThere(connection, queue)).as("deleted %s is there", queue).isFalse();
      }
    }
  }

  private static boolean isThere(Connection connection, String queue) throws IOException {
    Channel channel = connection.createChannel();
    try {
      channel.queueDeclarePassive(queue);
      return true;
    } catch (IOException absent) {
      assertThat(absent).hasStackTraceContaining("404");
      return false;
    }
  }

  @Override
  public String toString() {
    return queues.size() + " queues known of " + last;
  }
}

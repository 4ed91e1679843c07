package io.carrick.bridge;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.carrick.bridge.CrashBroker.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The queues of a broker that is killed, through RabbitMQ's client. Stateless. */
final class CrashQueues {

  private CrashQueues() {}

  /** Returns what connects to a broker, once. */
  static ConnectionFactory to(CrashBroker broker) {
    var factory = new ConnectionFactory();
    factory.setHost(broker.amqp().getHostString());
    factory.setPort(broker.amqp().getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  /** Starts a broker on what is left, and returns the texts of all messages in some queues. */
  static List<String> everything(Path directory, String... queues) throws Exception {
    CrashBroker broker = CrashBroker.launch(directory, Setting.any(new Random()));
    broker.awaitPorts();
    var texts = new ArrayList<String>();
    try (Connection connection = to(broker).newConnection();
        Channel channel = connection.createChannel()) {
      for (String queue : queues) {
        for (GetResponse r = channel.basicGet(queue, true);
            r != null;
            r = channel.basicGet(queue, true)) {
          texts.add(new String(r.getBody(), StandardCharsets.UTF_8));
        }
      }
    }
    broker.close();
    return texts;
  }
}

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.carrick.Binding;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.amqp.Amqp;
import io.carrick.testing.BrokerExtension;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/amqp.md shows of retained messages. */
class RetainedDocumentTest {

  @RegisterExtension
  static final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).realTime();

  @Test
  void aQueueThatAsksGetsWhatIsRetained() throws Exception {
    InetSocketAddress address = broker.address("amqp");
    var factory = new ConnectionFactory();
    factory.setHost(address.getHostString());
    factory.setPort(address.getPort());
    try (var connection = factory.newConnection();
        Client client = broker.broker().connect()) {
      Message warm = Message.builder("21.5").retain().build();
      client.publisher("amq.topic").publish("sensors.hall.temperature", warm);
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      // snippet
      channel.queueBind(
          queue, "amq.topic", "sensors.*.temperature", Map.of("x-mqtt-retained", true));
      // end
      GetResponse got = channel.basicGet(queue, true);
      assertThat(got.getProps().getHeaders()).containsEntry("x-mqtt-retained", true);
    }
  }

  @Test
  void inThisJvmItIsAnArgumentToo() {
    try (Client client = broker.broker().connect()) {
      Message state = Message.builder("open").retain().build();
      client.publisher("amq.topic").publish("doors.front", state).toCompletableFuture().join();
      client.topology().queue("doors").declare();
      // snippet
      client
          .topology()
          .bind(Binding.of("amq.topic", "doors", "doors.#", Map.of("x-mqtt-retained", true)));
      Delivery first = client.poll("doors").orElseThrow();
      boolean kept = first.message().annotations().keptMs().isPresent();
      // end
      assertThat(kept).isTrue();
      assertThat(first.message().text()).isEqualTo("open");
      first.accept();
    }
  }
}

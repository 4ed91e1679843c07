package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Admin;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A virtual host comes and goes under RabbitMQ's client. */
@Timeout(30)
class VirtualHostGoneTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Amqp.onAnyPort())).realTime();

  private Connection connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.broker().address("amqp").getPort());
    factory.setVirtualHost("tenant");
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection("test");
  }

  @Test
  void itsClientsAreToldWhyTheyHaveToGo() throws Exception {
    Admin admin = broker.broker().admin();
    assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    broker.await(admin.createVirtualHost("tenant"));
    Connection connection = connect();
    var ends = new LinkedBlockingQueue<ShutdownSignalException>();
    connection.addShutdownListener(ends::add);
    Channel channel = connection.createChannel();
    channel.queueDeclare("q", true, false, false, null);
    channel.basicConsume("q", (tag, delivery) -> {}, tag -> {});

    broker.await(admin.deleteVirtualHost("tenant"));

    ShutdownSignalException end = ends.poll(10, TimeUnit.SECONDS);
    assertThat(end).as("the connection is closed").isNotNull();
    var close = (AMQP.Connection.Close) end.getReason();
    assertThat(close.getReplyCode()).isEqualTo(AMQP.CONNECTION_FORCED);
    assertThat(close.getReplyText()).isEqualTo("CONNECTION_FORCED - vhost 'tenant' is deleted");
    assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    assertThat(broker.broker().queues()).isEmpty();
  }
}

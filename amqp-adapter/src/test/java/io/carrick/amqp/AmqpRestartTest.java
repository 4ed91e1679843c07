package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RabbitMQ's own client before and after the end of a broker: what durable means in AMQP 0-9-1. */
@Timeout(60)
class AmqpRestartTest {

  private static final BasicProperties PERSISTENT = MessageProperties.MINIMAL_PERSISTENT_BASIC;
  private static final BasicProperties TRANSIENT = MessageProperties.MINIMAL_BASIC;
  private static final long CONFIRM_MS = 10_000;

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(3))
                  .adapter(Amqp.onAnyPort())
                  .store(disk))
          .realTime();

  /** What is done on a connection of its own. */
  @FunctionalInterface
  private interface Work {
    void on(Channel channel) throws Exception;
  }

  private void with(Work work) throws Exception {
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      work.on(channel);
    }
  }

  private Connection connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection("test");
  }

  private void stop(boolean clean) {
    if (!clean) {
      disk.crash();
    }
    broker.restart();
  }

  private static void publish(
      Channel channel, String exchange, String key, BasicProperties properties, String text)
      throws Exception {
    channel.basicPublish(exchange, key, properties, text.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(CONFIRM_MS);
  }

  private static List<String> drain(Channel channel, String queue) throws IOException {
    var texts = new ArrayList<String>();
    for (GetResponse got = channel.basicGet(queue, true);
        got != null;
        got = channel.basicGet(queue, true)) {
      String text = new String(got.getBody(), StandardCharsets.UTF_8);
      texts.add(text + (got.getEnvelope().isRedeliver() ? "*" : ""));
    }
    return texts;
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  @Tag("amqp091:durable")
  void onlyPersistentMessagesInDurableQueuesOutliveTheBroker(boolean durable, boolean clean)
      throws Exception {
    with(
        channel -> {
          channel.queueDeclare("q", durable, false, false, null);
          publish(channel, "", "q", PERSISTENT, "persistent");
          publish(channel, "", "q", TRANSIENT, "transient");
        });

    stop(clean);

    with(
        channel -> {
          if (durable) {
            channel.queueDeclarePassive("q");
            assertThat(drain(channel, "q")).containsExactly("persistent");
          } else {
            assertThatThrownBy(() -> channel.queueDeclarePassive("q"))
                .isInstanceOf(IOException.class);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("amqp091:durable")
  void exchangesAndBindingsOutliveTheBrokerWhenAllTheyJoinIsDurable(boolean clean)
      throws Exception {
    with(
        channel -> {
          channel.exchangeDeclare("durable", BuiltinExchangeType.TOPIC, true);
          channel.exchangeDeclare("transient", BuiltinExchangeType.TOPIC, false);
          channel.queueDeclare("q", true, false, false, null);
          channel.queueBind("q", "durable", "a.#");
          channel.queueBind("q", "transient", "#");
          channel.exchangeBind("durable", "amq.fanout", "a.b");
        });

    stop(clean);

    with(
        channel -> {
          publish(channel, "durable", "a.b.c", PERSISTENT, "bound");
          publish(channel, "durable", "b", PERSISTENT, "not bound");
          publish(channel, "amq.fanout", "a", PERSISTENT, "by two exchanges");
          assertThat(drain(channel, "q")).containsExactly("bound", "by two exchanges");
          assertThatThrownBy(() -> channel.exchangeDeclarePassive("transient"))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void anExclusiveQueueGoesThoughItWasDeclaredDurable() throws Exception {
    try (Connection connection = connect()) {
      connection.createChannel().queueDeclare("mine", true, true, false, null);
      disk.crash();
    }
    broker.restart();

    assertThat(broker.broker().queues()).isEmpty();
  }

  @Test
  @Tag("amqp091:basic.properties")
  void propertiesAndHeadersComeBackAsTheyWere() throws Exception {
    var properties =
        new BasicProperties.Builder()
            .deliveryMode(2)
            .contentType("text/plain")
            .contentEncoding("utf-8")
            .priority(3)
            .correlationId("c")
            .replyTo("r")
            .messageId("m")
            .timestamp(new Date(1_700_000_000_000L))
            .type("t")
            .userId("guest")
            .appId("a")
            .headers(Map.of("list", List.of(1, "two"), "map", Map.of("deep", 7L)))
            .build();
    with(
        channel -> {
          channel.queueDeclare("q", true, false, false, null);
          publish(channel, "", "q", properties, "body");
        });
    BasicProperties[] before = new BasicProperties[1];
    with(channel -> before[0] = channel.basicGet("q", false).getProps());

    stop(false);

    with(channel -> assertThat(channel.basicGet("q", false).getProps()).isEqualTo(before[0]));
  }

  @Test
  void anOrderlyStopFlagsWhatWasDelivered() throws Exception {
    with(
        channel -> {
          channel.queueDeclare("q", true, false, false, null);
          publish(channel, "", "q", PERSISTENT, "1");
          publish(channel, "", "q", PERSISTENT, "2");
          publish(channel, "", "q", PERSISTENT, "3");
          channel.basicAck(channel.basicGet("q", false).getEnvelope().getDeliveryTag(), false);
          channel.basicGet("q", false);
        });

    stop(true);

    with(channel -> assertThat(drain(channel, "q")).containsExactly("2*", "3"));
  }

  @Test
  void anUncleanStopFlagsEverythingInAQueueThatWasConsumed() throws Exception {
    with(
        channel -> {
          channel.queueDeclare("consumed", true, false, false, null);
          channel.queueDeclare("untouched", true, false, false, null);
          publish(channel, "", "consumed", PERSISTENT, "1");
          publish(channel, "", "untouched", PERSISTENT, "2");
          channel.basicConsume("consumed", false, (tag, delivery) -> {}, tag -> {});
        });

    stop(false);

    with(
        channel -> {
          assertThat(drain(channel, "consumed")).containsExactly("1*");
          assertThat(drain(channel, "untouched")).containsExactly("2");
        });
  }

  @Test
  void declareOkWaitsForTheStoreAndOtherChannelsGoOn() throws Exception {
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      Channel other = connection.createChannel();
      disk.hold();
      var declared = new CountDownLatch(1);
      var declaring =
          new Thread(
              () -> {
                try {
                  channel.queueDeclare("q", true, false, false, null);
                  declared.countDown();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      declaring.start();
      for (int i = 0; i < 10; i++) {
        other.queueDeclare("", false, true, true, null);
      }
      assertThat(declared.getCount()).isEqualTo(1);
      disk.release();
      assertThat(declared.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @Tag("amqp091:basic.nack")
  void aStoreThatTakesNothingNacksPersistentMessagesAndLetsTransientOnesPass() throws Exception {
    with(
        channel -> {
          channel.queueDeclare("q", true, false, false, null);
          disk.state(State.FULL);
          channel.basicPublish("", "q", PERSISTENT, new byte[] {1});
          assertThat(channel.waitForConfirms(CONFIRM_MS)).as("a nack").isFalse();
          publish(channel, "", "q", TRANSIENT, "transient");
          disk.state(State.OPEN);
          publish(channel, "", "q", PERSISTENT, "again");
          assertThat(drain(channel, "q")).containsExactly("transient", "again");
        });
  }
}

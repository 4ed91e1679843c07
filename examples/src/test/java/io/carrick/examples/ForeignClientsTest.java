package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.abort;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.Topology;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that others wrote, in other languages; each test skips where its client is missing. */
class ForeignClientsTest {

  private static final String PAHO =
      """
      import paho.mqtt.client as mqtt
      try:
          client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, 'python-device')
      except AttributeError:
          client = mqtt.Client('python-device')
      missing = [0, 1, 2]
      def connected(client, userdata, flags, code):
          client.subscribe('sea/+', 2)
      def subscribed(client, userdata, mid, granted):
          for qos in (0, 1, 2):
              client.publish('sea/%d' % qos, 'depth', qos)
      def received(client, userdata, message):
          assert message.topic == 'sea/%d' % message.qos
          missing.remove(message.qos)
          if not missing:
              client.disconnect()
      client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, received
      client.connect('127.0.0.1', PORT)
      client.loop_forever()
      print('received all')
      """;

  private static final String PIKA =
      """
      import pika
      connection = pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', PORT))
      channel = connection.channel()
      channel.confirm_delivery()
      channel.queue_declare('catch', durable=True)
      channel.queue_bind('catch', 'amq.topic', 'sea.*.catch')
      channel.basic_publish('amq.topic', 'sea.north.catch', b'cod',
          pika.BasicProperties(delivery_mode=2, headers={'kg': 12}), mandatory=True)
      method, properties, body = channel.basic_get('catch')
      assert (body, properties.headers, properties.delivery_mode) == (b'cod', {'kg': 12}, 2)
      channel.basic_nack(method.delivery_tag, requeue=True)
      for method, properties, body in channel.consume('catch', inactivity_timeout=30):
          assert method.redelivered and body == b'cod'
          channel.basic_ack(method.delivery_tag)
          break
      channel.cancel()
      connection.close()
      print('acknowledged')
      """;

  @RegisterExtension
  final BrokerExtension carrick =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  private String port(String adapter) {
    return Integer.toString(carrick.address(adapter).getPort());
  }

  /** Runs a script by the first Python that has its library: Debian's is not always the first. */
  private Program python(String library, String script, String adapter) throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Program.succeeds(python, "-c", "import " + library)) {
        return Program.start(python, "-c", script.replace("PORT", port(adapter)));
      }
    }
    return abort(library + " for Python is not installed");
  }

  private Program mosquitto(String command, String... arguments) throws Exception {
    var whole = new String[arguments.length + 5];
    System.arraycopy(new String[] {command, "-h", "127.0.0.1", "-p", port("mqtt")}, 0, whole, 0, 5);
    System.arraycopy(arguments, 0, whole, 5, arguments.length);
    return Program.start(whole);
  }

  private static void assumeCommand(String command) throws Exception {
    Program.assumeInstalled(command, "sh", "-c", "command -v " + command);
  }

  @ParameterizedTest
  @CsvSource({
    "mqttv31, 0",
    "mqttv31, 1",
    "mqttv31, 2",
    "mqttv311, 0",
    "mqttv311, 1",
    "mqttv311, 2",
    "mqttv5, 0",
    "mqttv5, 1",
    "mqttv5, 2"
  })
  void mosquittoPublishesAndSubscribes(String version, String qos) throws Exception {
    assumeCommand("mosquitto_pub");
    try (Program subscriber =
        mosquitto("mosquitto_sub", "-V", version, "-q", qos, "-t", "sea/+/depth", "-C", "1")) {
      awaitSubscriber();
      try (Program publisher =
          mosquitto(
              "mosquitto_pub", "-V", version, "-q", qos, "-t", "sea/north/depth", "-m", "95")) {
        assertThat(publisher.output()).isEmpty();
      }

      assertThat(subscriber.output()).isEqualTo("95\n");
    }
  }

  /** Waits until the only subscriber's subscription is in force. */
  private void awaitSubscriber() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          while (carrick.broker().sessions().stream().noneMatch(s -> s.subscriptions() > 0)) {
            Thread.onSpinWait();
          }
        });
  }

  @Test
  void mosquittoReadsWhatAnInJvmClientRetained() throws Exception {
    assumeCommand("mosquitto_sub");
    carrick.await(
        carrick
            .client()
            .publisher("amq.topic")
            .publish("sea.north.depth", Message.builder("95").persistent().retain().build()));

    try (Program subscriber =
        mosquitto("mosquitto_sub", "-t", "sea/#", "-q", "1", "-C", "1", "-F", "%t %p %r")) {
      assertThat(subscriber.output()).isEqualTo("sea/north/depth 95 1\n");
    }
  }

  @Test
  void pahoPythonPublishesAndReceivesAtEveryQos() throws Exception {
    try (Program paho = python("paho.mqtt.client", PAHO, "mqtt")) {
      assertThat(paho.output()).isEqualTo("received all\n");
    }
  }

  @Test
  @Tag("amqp091:pika")
  void pikaPublishesWithConfirmsGetsRequeuesAndConsumes() throws Exception {
    try (Program pika = python("pika", PIKA, "amqp")) {
      assertThat(pika.output()).isEqualTo("acknowledged\n");
    }
  }

  @Test
  @Tag("amqp091:amqp-tools")
  void amqpToolsDeclarePublishAndGet() throws Exception {
    assumeCommand("amqp-publish");
    String url = "--url=" + carrick.url("amqp", "amqp");
    try (Program declare = Program.start("amqp-declare-queue", url, "-q", "catch")) {
      assertThat(declare.output()).isEqualTo("catch\n");
    }
    try (Program publish = Program.start("amqp-publish", url, "-r", "catch", "-b", "cod")) {
      assertThat(publish.output()).isEmpty();
    }
    try (Program get = Program.start("amqp-get", url, "-q", "catch")) {
      assertThat(get.output()).isEqualTo("cod\n");
    }
  }

  @Test
  void aMessageOfMosquittoIsReadByAmqpTools() throws Exception {
    assumeCommand("mosquitto_pub");
    assumeCommand("amqp-get");
    Topology topology = carrick.client().topology();
    topology.queue("catch").declare();
    topology.bind(Binding.of("amq.topic", "catch", "sea.*.catch"));
    try (Program publisher =
        mosquitto("mosquitto_pub", "-q", "2", "-t", "sea/north/catch", "-m", "cod")) {
      assertThat(publisher.output()).isEmpty();
    }
    String url = "--url=" + carrick.url("amqp", "amqp");
    try (Program get = Program.start("amqp-get", url, "-q", "catch")) {
      assertThat(get.output()).isEqualTo("cod\n");
    }
  }
}

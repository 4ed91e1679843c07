package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.SessionInfo;
import io.carrick.Tls;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;

/** One adapter on several endpoints. */
class EndpointsTest {

  private static MqttClient device(Broker broker, String endpoint, String id) throws Exception {
    int port = broker.address(endpoint).getPort();
    var client = new MqttClient("tcp://127.0.0.1:" + port, id, new MemoryPersistence());
    client.connect();
    return client;
  }

  private static Connection service(Broker broker, String endpoint, String virtualHost)
      throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address(endpoint).getPort());
    factory.setVirtualHost(virtualHost);
    return factory.newConnection();
  }

  @Test
  void endpointsLeadToTheirVirtualHosts() throws Exception {
    try (Broker broker =
        EmbeddedBroker.builder()
            .virtualHost("factory")
            .adapter(
                Mqtt.onAnyPort()
                    .endpoint(Endpoint.onAnyPort().named("floor").virtualHost("factory")))
            .start()) {
      BlockingQueue<String> received = new LinkedBlockingQueue<>();
      MqttClient here = device(broker, "mqtt", "listener");
      MqttClient there = device(broker, "floor", "listener"); // nobody's take-over
      here.subscribe("#", 1, (topic, message) -> received.add("here " + topic));
      there.subscribe("#", 1, (topic, message) -> received.add("there " + topic));
      MqttClient press = device(broker, "floor", "press");
      press.publish("press/7", new byte[1], 1, false);
      assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("there press/7");
      MqttClient thermometer = device(broker, "mqtt", "thermometer");
      thermometer.publish("hall", new byte[1], 1, false);
      assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("here hall");
      assertThat(broker.sessions())
          .filteredOn(session -> session.name().equals("listener"))
          .extracting(SessionInfo::virtualHost)
          .containsExactlyInAnyOrder("/", "factory");
    }
  }

  @Test
  void endpointsOfOneVirtualHostShareItsSessions() throws Exception {
    try (Broker broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort().endpoint(Endpoint.onAnyPort().named("second")))
            .start()) {
      MqttClient first = device(broker, "mqtt", "device");
      MqttClient second = device(broker, "second", "device");
      assertThat(second.isConnected()).isTrue();
      while (first.isConnected()) {
        Thread.onSpinWait(); // taken over [MQTT-3.1.4-2]
      }
      assertThat(broker.sessions()).hasSize(1);
    }
  }

  @Test
  void anAmqpEndpointOfOneVirtualHostLeadsNowhereElse() throws Exception {
    try (Broker broker =
        EmbeddedBroker.builder()
            .virtualHost("factory")
            .adapter(
                Amqp.onAnyPort()
                    .endpoint(Endpoint.onAnyPort().named("floor").virtualHost("factory")))
            .start()) {
      for (String named : new String[] {"/", "factory"}) {
        try (Connection connection = service(broker, "floor", named)) {
          connection.createChannel().queueDeclare("q" + named, false, false, false, null);
        }
      }
      assertThat(broker.queues())
          .extracting(QueueInfo::virtualHost)
          .containsExactly("factory", "factory");
      assertThatThrownBy(() -> service(broker, "floor", "elsewhere"))
          .hasRootCauseMessage(
              "connection error; protocol method: #method<connection.close>(reply-code=530,"
                  + " reply-text=NOT_ALLOWED - vhost elsewhere not found, class-id=10,"
                  + " method-id=40)");
      try (Connection connection = service(broker, "amqp", "factory")) {
        assertThat(connection.isOpen()).isTrue();
      }
    }
  }

  @Test
  void twoEndpointsOfOneNameAreAMistake() {
    EmbeddedBroker.Builder builder = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort());
    String message =
        "two endpoints are named 'mqtt': give one of them a name of its own with Endpoint.named";
    assertThatThrownBy(() -> builder.adapter(Amqp.on(Endpoint.onAnyPort().named("mqtt"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(
            () -> EmbeddedBroker.builder().adapter(Mqtt.onAnyPort().endpoint(Endpoint.onAnyPort())))
        .hasMessage(message);
  }

  @Test
  void anEndpointThatIsNotThereIsSaidSo() {
    try (Broker broker = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).start()) {
      assertThatThrownBy(() -> broker.address("mqtts"))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("no endpoint 'mqtts'");
    }
  }

  @Test
  void ifOneCannotBeBoundNoneIs() throws IOException {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    InetAddress here = InetAddress.getByName("127.0.0.1");
    try (var taken = new ServerSocket(0, 1, here)) {
      Endpoint second = Endpoint.onPort(taken.getLocalPort()).named("second");
      EmbeddedBroker.Builder builder =
          EmbeddedBroker.builder()
              .adapter(Amqp.onAnyPort())
              .adapter(Mqtt.onPort(free).endpoint(second));
      assertThatThrownBy(builder::start)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
      assertThatThrownBy(() -> new Socket(here, free).close()).isInstanceOf(IOException.class);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("carrick-"));
  }

  @Test
  void aCertificateThatIsMissingIsSaidSoInOneLine() {
    Path nowhere = Path.of("nowhere.crt");
    EmbeddedBroker.Builder builder =
        EmbeddedBroker.builder()
            .adapter(Mqtt.on(Endpoint.onAnyPort().tls(Tls.pem(nowhere, nowhere))));
    assertThatThrownBy(builder::start)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot use nowhere.crt: no such file");
  }
}

package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.SaslConfig;
import io.carrick.Broker;
import io.carrick.ConnectionInfo;
import io.carrick.Endpoint;
import io.carrick.Identity;
import io.carrick.Tls;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Credentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that others wrote, over TLS, with certificates of their own. */
class TlsClientsTest {

  private static final Path AUTHORITY = TestCertificates.file("ca.crt");

  private static final String PIKA =
      """
      import pika, ssl
      context = ssl.create_default_context(cafile='FOLDER/ca.crt')
      context.load_cert_chain('FOLDER/client.crt', 'FOLDER/client.key')
      connection = pika.BlockingConnection(pika.ConnectionParameters('localhost', PORT,
          ssl_options=pika.SSLOptions(context, 'localhost'),
          credentials=pika.credentials.ExternalCredentials()))
      channel = connection.channel()
      channel.confirm_delivery()
      channel.queue_declare('catch')
      channel.basic_publish('', 'catch', b'cod' * 100000)
      method, properties, body = channel.basic_get('catch', auto_ack=True)
      assert body == b'cod' * 100000
      connection.close()
      print('fetched')
      """;

  private final BlockingQueue<Credentials> shown = new LinkedBlockingQueue<>();
  private final Tls asking = TestCertificates.server().askForClientCertificates(AUTHORITY);
  private final Broker broker =
      EmbeddedBroker.builder()
          .adapter(
              Mqtt.on(Endpoint.onAnyPort().tls(asking))
                  .endpoint(
                      Endpoint.onAnyPort()
                          .named("strict")
                          .tls(TestCertificates.server().requireClientCertificates(AUTHORITY))))
          .adapter(Amqp.on(Endpoint.onAnyPort().tls(asking)))
          .authenticator(this::authenticate)
          .start();

  private Optional<Identity> authenticate(Credentials credentials) {
    shown.add(credentials);
    return credentials.certificateCommonName().map(Identity::ofUser);
  }

  @AfterEach
  void close() {
    broker.close();
  }

  private String port(String endpoint) {
    return Integer.toString(broker.address(endpoint).getPort());
  }

  private MqttClient paho(String endpoint, String version, String own) throws Exception {
    var options = new MqttConnectOptions();
    options.setSocketFactory(TestCertificates.client(version, own).getSocketFactory());
    var client =
        new MqttClient("ssl://localhost:" + port(endpoint), "paho", new MemoryPersistence());
    try {
      client.connect(options);
    } catch (MqttException e) {
      client.close();
      throw e;
    }
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void pahoIsLetInByItsCertificate(String version) throws Exception {
    MqttClient client = paho("strict", version, "client.p12");
    BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    client.subscribe("sea/+", 1, (topic, message) -> received.add(message.getPayload().length));
    client.publish("sea/north", new byte[200_000], 1, false);

    assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo(200_000);
    Credentials credentials = shown.remove();
    assertThat(credentials.certificateSubject()).contains("CN=device-7,O=Greenhouse");
    assertThat(credentials.certificates()).isNotEmpty();
    assertThat(broker.connections()).extracting(ConnectionInfo::user).contains("device-7");
    client.disconnect();
    client.close();
  }

  @Test
  void withoutACertificateOrWithAStrangersNobodyComesIn() throws Exception {
    for (String wrong : List.of("", "stranger.p12")) {
      assertThatThrownBy(() -> paho("strict", "TLSv1.3", wrong)).isInstanceOf(MqttException.class);
    }
    assertThat(shown).isEmpty();
    assertThatThrownBy(() -> paho("mqtt", "TLSv1.3", ""))
        .hasMessageContaining("Not authorized"); // by the authenticator, which has seen none
    assertThat(shown.remove().certificates()).isEmpty();
  }

  private Connection rabbit(String version, String own, SaslConfig how) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("localhost");
    factory.setPort(broker.address("amqp").getPort());
    factory.useSslProtocol(TestCertificates.client(version, own));
    factory.enableHostnameVerification();
    factory.setSaslConfig(how);
    return factory.newConnection();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  @Tag("amqp091:TLS")
  @Tag("amqp091:EXTERNAL")
  void theRabbitMqClientLogsInByItsCertificate(String version) throws Exception {
    try (Connection connection = rabbit(version, "client.p12", DefaultSaslConfig.EXTERNAL)) {
      var channel = connection.createChannel();
      channel.queueDeclare("catch", false, false, false, null);
      channel.confirmSelect();
      channel.basicPublish("", "catch", null, new byte[1_000_000]);
      channel.waitForConfirmsOrDie(30_000);
      assertThat(channel.basicGet("catch", true).getBody()).hasSize(1_000_000);
      assertThat(broker.connections()).extracting(ConnectionInfo::user).contains("device-7");
    }
  }

  @Test
  @Tag("amqp091:EXTERNAL")
  void externalIsForWhoHasACertificate() throws Exception {
    assertThatThrownBy(() -> rabbit("TLSv1.3", "", DefaultSaslConfig.EXTERNAL))
        .isInstanceOf(IOException.class);
    assertThat(shown).isEmpty();
    assertThatThrownBy(() -> rabbit("TLSv1.3", "", DefaultSaslConfig.PLAIN))
        .isInstanceOf(IOException.class);
    assertThat(shown.remove().user()).isEqualTo("guest");
  }

  @Test
  void mosquittoIsLetInByItsCertificate() throws Exception {
    Program.assumeInstalled("mosquitto_pub", "sh", "-c", "command -v mosquitto_pub");
    try (Program publisher =
        Program.start(
            "mosquitto_pub",
            "-h",
            "localhost",
            "-p",
            port("strict"),
            "--cafile",
            AUTHORITY.toString(),
            "--cert",
            TestCertificates.file("client.crt").toString(),
            "--key",
            TestCertificates.file("client.key").toString(),
            "-q",
            "1",
            "-t",
            "sea/north",
            "-m",
            "95")) {
      assertThat(publisher.output()).isEmpty();
    }
    assertThat(shown.remove().certificateCommonName()).contains("device-7");
    assertThat(broker.metrics().value("messages.published")).isEqualTo(1);
  }

  @Test
  void pikaLogsInByItsCertificate() throws Exception {
    String script =
        PIKA.replace("PORT", port("amqp")).replace("FOLDER", AUTHORITY.getParent().toString());
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Program.succeeds(python, "-c", "import pika")) {
        try (Program program = Program.start(python, "-c", script)) {
          assertThat(program.output()).isEqualTo("fetched\n");
        }
        assertThat(shown.remove().certificateCommonName()).contains("device-7");
        return;
      }
    }
    abort("pika for Python is not installed");
  }

  @Test
  void noThreadIsLeftOfHandshakes() throws Exception {
    MqttClient client = paho("strict", "TLSv1.3", "client.p12");
    client.disconnect();
    client.close();
    broker.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("carrick-"));
  }
}

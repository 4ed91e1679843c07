package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.carrick.Endpoint;
import io.carrick.Tls;
import io.carrick.WebSocket;
import io.carrick.testing.BrokerExtension;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HiveMQ's client over WebSocket, plain and within TLS. */
@Timeout(60)
class HiveMqWebSocketTest {

  private static final int MANY = 2_000;
  private static final Path CERTIFICATES = Path.of("../transport/src/test/resources/certificates");

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.on(Endpoint.onAnyPort().named("ws").webSocket(WebSocket.atUsualPath()))
                  .endpoint(
                      Endpoint.onAnyPort()
                          .named("wss")
                          .tls(
                              Tls.pem(
                                  CERTIFICATES.resolve("server.crt"),
                                  CERTIFICATES.resolve("server.key")))
                          .webSocket(WebSocket.at("/deep/mqtt"))))
          .realTime();

  private final List<Mqtt3BlockingClient> clients = new ArrayList<>();

  private static TrustManagerFactory trust() throws Exception {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    try (InputStream in = Files.newInputStream(CERTIFICATES.resolve("ca.crt"))) {
      authorities.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    return trust;
  }

  private Mqtt3BlockingClient connected(String endpoint, String id) throws Exception {
    InetSocketAddress address = broker.address(endpoint);
    Mqtt3ClientBuilder builder =
        Mqtt3Client.builder().identifier(id).serverHost("localhost").serverPort(address.getPort());
    builder =
        endpoint.equals("wss")
            ? builder
                .sslConfig()
                .trustManagerFactory(trust())
                .applySslConfig()
                .webSocketConfig()
                .serverPath("deep/mqtt")
                .applyWebSocketConfig()
            : builder.webSocketConfig().serverPath("mqtt").applyWebSocketConfig();
    Mqtt3BlockingClient client = builder.buildBlocking();
    client.connect();
    clients.add(client);
    return client;
  }

  @AfterEach
  void close() {
    for (Mqtt3BlockingClient client : clients) {
      client.toAsync().disconnect().exceptionally(gone -> null).join();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws", "wss"})
  void manyMessagesAtOnceArriveInOrder(String endpoint) throws Exception {
    Mqtt3BlockingClient subscriber = connected(endpoint, "subscriber");
    try (Mqtt3Publishes arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
      subscriber.subscribeWith().topicFilter("a/+/c").qos(MqttQos.EXACTLY_ONCE).send();
      Mqtt3BlockingClient publisher = connected(endpoint, "publisher");
      var acknowledged = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < MANY; i++) {
        acknowledged.add(
            publisher
                .toAsync()
                .publishWith()
                .topic("a/b/c")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload(("" + i).getBytes(StandardCharsets.UTF_8))
                .send());
      }
      CompletableFuture.allOf(acknowledged.toArray(CompletableFuture[]::new))
          .get(30, TimeUnit.SECONDS);
      for (int i = 0; i < MANY; i++) {
        Mqtt3Publish publish = arrived.receive(10, TimeUnit.SECONDS).orElseThrow();
        assertThat(new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8))
            .isEqualTo("" + i);
      }
    }
    assertThat(broker.broker().metrics().value("handshakes.completed")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws", "wss"})
  void aLargeMessageComesWhole(String endpoint) throws Exception {
    byte[] payload = new byte[5_000_000];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (i * 31 + (i >> 8));
    }
    Mqtt3BlockingClient client = connected(endpoint, "c");
    try (Mqtt3Publishes arrived = client.publishes(MqttGlobalPublishFilter.ALL)) {
      client.subscribeWith().topicFilter("large").send();
      client.publishWith().topic("large").qos(MqttQos.AT_LEAST_ONCE).payload(payload).send();
      Mqtt3Publish publish = arrived.receive(20, TimeUnit.SECONDS).orElseThrow();
      assertThat(publish.getPayloadAsBytes()).isEqualTo(payload);
    }
  }

  @Test
  void aTakenOverClientIsDisconnected() throws Exception {
    Mqtt3BlockingClient first = connected("ws", "same");
    connected("wss", "same");
    while (first.getState().isConnectedOrReconnect()) {
      Thread.onSpinWait();
    }
    assertThat(broker.broker().connections()).hasSize(1);
  }
}

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.Tls;
import io.carrick.WebSocket;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What docs/endpoints.md shows. */
class EndpointsDocumentTest {

  private static final Path CERTIFICATES =
      Documents.root().resolve("transport/src/test/resources/certificates");

  private final Tls tls =
      Tls.pem(CERTIFICATES.resolve("server.crt"), CERTIFICATES.resolve("server.key"));

  @Test
  void anAdapterHasSeveralEndpoints() {
    // snippet
    Broker broker =
        EmbeddedBroker.builder()
            .virtualHost("factory")
            .adapter(
                Mqtt.onAnyPort()
                    .endpoint(Endpoint.onAnyPort().named("floor").virtualHost("factory"))
                    .endpoint(Endpoint.onAnyPort().named("mqtts").host("0.0.0.0").tls(tls)))
            .adapter(Amqp.on(Endpoint.onAnyPort().tls(tls)))
            .start();
    InetSocketAddress floor = broker.address("floor");
    // end
    assertThat(floor.getPort()).isPositive().isNotEqualTo(broker.address("mqtts").getPort());
    broker.close();
  }

  private static void starts(Mqtt adapter) {
    try (Broker broker = EmbeddedBroker.builder().adapter(adapter).start()) {
      assertThat(broker.connections()).isEmpty();
    }
  }

  @Test
  void mqttIsSpokenOverWebSocketAndBehindAProxy() {
    starts(
        // snippet
        Mqtt.on(Endpoint.onAnyPort().webSocket(WebSocket.at("/mqtt")))
            .endpoint(
                Endpoint.onAnyPort()
                    .named("wss")
                    .tls(tls)
                    .webSocket(WebSocket.atUsualPath().origins("https://app.example.org")))
        // end
        );
    Mqtt proxied =
        // snippet
        Mqtt.on(Endpoint.onAnyPort().proxyProtocol(true));
    // end
    starts(proxied);
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void mqttIsSpokenOnAUnixSocket(@TempDir Path folder) {
    Mqtt local =
        // snippet
        Mqtt.on(Endpoint.onUnixSocket(folder.resolve("mqtt.sock")));
    // end
    starts(local);
  }
}

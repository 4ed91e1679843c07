package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.carrick.ConnectionInfo;
import io.carrick.Endpoint;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.WebSocket;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page under {@code examples/node} in a real browser, as its user would open it, over WebSocket
 * and TLS. Skips where there is no Chromium.
 */
class BrowserTest {

  /** Debian's name of the one without windows, and names of the whole. */
  private static final List<String> BROWSERS =
      List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");

  @TempDir private static Path folder;

  @RegisterExtension
  final BrokerExtension carrick =
      BrokerExtension.with(
              Mqtt.onAnyPort()
                  .endpoint(
                      Endpoint.onAnyPort()
                          .named("wss")
                          .tls(TestCertificates.server())
                          .webSocket(WebSocket.at("/mqtt"))))
          .realTime();

  @BeforeAll
  static void install() throws Exception {
    assertThat(browser()).isNotEmpty();
    NodePrograms.install(folder);
  }

  private static String browser() throws InterruptedException {
    for (String name : BROWSERS) {
      if (Program.succeeds("sh", "-c", "command -v " + name)) {
        return name;
      }
    }
    return abort("Chromium is not installed");
  }

  /** Returns what the browser is to trust, instead of an authority that its user would install. */
  private static String trusted() throws Exception {
    try (InputStream in = Files.newInputStream(TestCertificates.file("server.crt"))) {
      byte[] key =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(in)
              .getPublicKey()
              .getEncoded();
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
    }
  }

  private Program open(String url) throws Exception {
    return Program.start(
        folder,
        Map.of("HOME", folder.toString()),
        browser(),
        "--headless",
        "--no-sandbox", // tests may run as root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--user-data-dir=" + folder.resolve("profile"),
        "--ignore-certificate-errors-spki-list=" + trusted(),
        "--remote-debugging-port=0", // or it would not stay
        folder.resolve("browser-example.html").toUri() + "?" + url);
  }

  private void publish(String key, String text) {
    carrick.await(
        carrick.client().publisher("amq.topic").publish(key, Message.builder(text).build()));
  }

  @Test
  void aPageInABrowserSubscribesAndPublishesOverSecureWebSocket() throws Exception {
    String url = "wss://localhost:" + carrick.address("wss").getPort() + "/mqtt";
    try (MessageProbe lamp = carrick.probe(Source.topic("home.lamp"));
        Program browser = open(url)) {
      assertThat(lamp.take().message().text()).as("browser: %s", browser.errors()).isEqualTo("off");
      for (String state : List.of("on", "dimmed, \u00e0 moiti\u00e9", "x".repeat(200_000))) {
        publish("home.lamp.set", state);

        Message shown = lamp.take().message();
        assertThat(shown.text()).isEqualTo(state);
        assertThat(shown.properties().contentType()).contains("text/plain");
        assertThat(shown.properties().headers().get("shown").toString()).contains("Chrome");
      }
      assertThat(carrick.broker().connections())
          .extracting(ConnectionInfo::protocol)
          .contains("MQTT 5.0");
    }
  }
}

package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A bridge of a real mosquitto, configured as most are; skips where mosquitto is missing. */
class MosquittoBridgeTest {

  /** Debian keeps servers where only root looks for them. */
  private static final String WITH_SERVERS = "PATH=$PATH:/usr/sbin; ";

  @RegisterExtension
  final BrokerExtension carrick = BrokerExtension.with(Mqtt.onAnyPort()).realTime();

  @TempDir Path folder;

  private int carricksPort() {
    return carrick.address("mqtt").getPort();
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Program bridge(int port) throws Exception {
    Program.assumeInstalled("mosquitto", "sh", "-c", WITH_SERVERS + "command -v mosquitto");
    Program.assumeInstalled("mosquitto_pub", "sh", "-c", "command -v mosquitto_pub");
    Path configuration =
        Files.writeString(
            folder.resolve("mosquitto.conf"),
            """
            user root
            allow_anonymous true
            listener %d 127.0.0.1
            connection carrick
            address 127.0.0.1:%d
            topic # both 1
            """
                .formatted(port, carricksPort()));
    return Program.start("sh", "-c", WITH_SERVERS + "exec mosquitto -c '" + configuration + "'");
  }

  private static Program client(String command, int port, String... arguments) throws Exception {
    var whole = new String[arguments.length + 7];
    System.arraycopy(
        new String[] {command, "-h", "127.0.0.1", "-p", Integer.toString(port), "-q", "1"},
        0,
        whole,
        0,
        7);
    System.arraycopy(arguments, 0, whole, 7, arguments.length);
    return Program.start(whole);
  }

  /** Waits until so many sessions have a subscription that is in force. */
  private void awaitSubscribers(int count) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          while (carrick.broker().sessions().stream().filter(s -> s.subscriptions() > 0).count()
              < count) {
            Thread.onSpinWait();
          }
        });
  }

  private static void publish(int port, String topic, String text) throws Exception {
    try (Program publisher = client("mosquitto_pub", port, "-r", "-t", topic, "-m", text)) {
      assertThat(publisher.output()).isEmpty();
    }
  }

  private static String received(int port, String filter) throws Exception {
    try (Program subscriber = client("mosquitto_sub", port, "-t", filter, "-C", "1")) {
      return subscriber.output();
    }
  }

  @Test
  void connectsAndForwardsBothWaysAndSaysThatItIsThere() throws Exception {
    int port = freePort();
    try (Program bridge = bridge(port)) {
      publish(carricksPort(), "land/north", "sheep");
      awaitSubscribers(1); // The bridge has fallen back to a level that we speak.

      assertThat(received(port, "land/+")).isEqualTo("sheep\n");
      assertThat(received(carricksPort(), "$SYS/broker/connection/+/state")).isEqualTo("1\n");
      publish(port, "sea/north", "cod");
      assertThat(received(carricksPort(), "sea/+")).isEqualTo("cod\n");
      bridge.terminate();
    }
  }
}

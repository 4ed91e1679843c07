package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bridge of a real mosquitto, configured as most are; skips where mosquitto is missing. */
class MosquittoBridgeTest {

  /** Debian keeps servers where only root looks for them. */
  private static final String WITH_SERVERS = "PATH=$PATH:/usr/sbin; ";

  private static final int MANY = 50;
  private static final String STATE = "$SYS/broker/connection/+/state";

  @TempDir private Path folder;

  /** Both are the same after a restart. */
  private int carricksPort;

  private int mosquittosPort;
  private Broker carrick;

  @BeforeEach
  void start() throws Exception {
    Program.assumeInstalled("mosquitto", "sh", "-c", WITH_SERVERS + "command -v mosquitto");
    Program.assumeInstalled("mosquitto_pub", "sh", "-c", "command -v mosquitto_pub");
    carricksPort = freePort();
    mosquittosPort = freePort();
    carrick = carrick();
  }

  @AfterEach
  void close() {
    if (carrick != null) { // nothing was started without mosquitto
      carrick.close();
    }
  }

  private Broker carrick() {
    return EmbeddedBroker.builder()
        .adapter(Mqtt.on(Endpoint.onPort(carricksPort)))
        .store(Journal.in(folder.resolve("carrick")))
        .start();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Starts mosquitto, and returns when it listens. */
  private Program mosquitto(boolean tryPrivate) throws Exception {
    Path configuration =
        Files.writeString(
            folder.resolve("mosquitto.conf"),
            """
            user root
            log_dest stderr
            log_timestamp false
            persistence true
            persistence_location %s/
            allow_anonymous true
            listener %d 127.0.0.1
            connection carrick
            address 127.0.0.1:%d
            try_private %s
            notifications true
            restart_timeout 1
            max_inflight_messages 0
            topic # both 2
            """
                .formatted(folder, mosquittosPort, carricksPort, tryPrivate));
    Program mosquitto =
        Program.start("sh", "-c", WITH_SERVERS + "exec mosquitto -c '" + configuration + "' 2>&1");
    mosquitto.awaitLine("mosquitto version"); // is starting
    mosquitto.awaitLine("mosquitto version"); // is running
    return mosquitto;
  }

  private static Program client(String command, int port, String... arguments) throws Exception {
    return Program.start(
        Stream.concat(
                Stream.of(command, "-h", "127.0.0.1", "-p", Integer.toString(port), "-q", "2"),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  /** Waits until the bridge is there and its subscription is in force. */
  private void awaitBridge() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          while (carrick.sessions().stream()
              .noneMatch(s -> s.connected() && s.subscriptions() > 0)) {
            Thread.onSpinWait();
          }
        });
  }

  private static void publish(int port, String topic, String text) throws Exception {
    try (Program publisher = client("mosquitto_pub", port, "-t", topic, "-m", text)) {
      assertThat(publisher.output()).isEmpty();
    }
  }

  private static void retain(int port, String topic, String text) throws Exception {
    try (Program publisher = client("mosquitto_pub", port, "-r", "-t", topic, "-m", text)) {
      assertThat(publisher.output()).isEmpty();
    }
  }

  /** Publishes the numbers from 1 on. */
  private static void publishMany(int port, String topic) throws Exception {
    String command = "seq " + MANY + " | mosquitto_pub -p " + port + " -q 2 -l -t " + topic;
    try (Program publisher = Program.start("sh", "-c", command)) {
      assertThat(publisher.output()).isEmpty();
    }
  }

  private static String many() {
    return IntStream.rangeClosed(1, MANY).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  private static String received(int port, String filter) throws Exception {
    try (Program subscriber = client("mosquitto_sub", port, "-t", filter, "-C", "1")) {
      return subscriber.output();
    }
  }

  /** Lets a broker keep from now on what a client that is away would get. */
  private static void keep(int port, String filter) throws Exception {
    try (Program subscriber =
        client("mosquitto_sub", port, "-c", "-i", "watcher", "-t", filter, "-E")) {
      assertThat(subscriber.output()).isEmpty();
    }
  }

  /** Returns what was kept, which has to be that many messages at least. */
  private static String kept(int port, String filter, int count) throws Exception {
    String many = Integer.toString(count);
    try (Program subscriber =
        client("mosquitto_sub", port, "-c", "-i", "watcher", "-t", filter, "-C", many)) {
      return subscriber.output();
    }
  }

  @ParameterizedTest(name = "try_private {0}")
  @ValueSource(booleans = {true, false})
  void connectsAndForwardsBothWaysAndSaysThatItIsThere(boolean tryPrivate) throws Exception {
    try (Program mosquitto = mosquitto(tryPrivate)) {
      retain(carricksPort, "land/north", "sheep");
      awaitBridge();

      assertThat(received(mosquittosPort, "land/+")).isEqualTo("sheep\n");
      assertThat(received(carricksPort, STATE)).isEqualTo("1\n");
      retain(mosquittosPort, "sea/north", "cod");
      assertThat(received(carricksPort, "sea/+")).isEqualTo("cod\n");
      mosquitto.terminate();
    }
  }

  @Test
  void whenItIsGoneItsWillSaysSo() throws Exception {
    keep(carricksPort, STATE);
    try (Program mosquitto = mosquitto(false)) {
      assertThat(mosquitto).isNotNull();
      awaitBridge();
    }
    assertThat(kept(carricksPort, STATE, 2)).isEqualTo("1\n0\n");
    assertThat(received(carricksPort, STATE)).isEqualTo("0\n");
  }

  @ParameterizedTest(name = "try_private {0}")
  @ValueSource(booleans = {true, false})
  void whatCameWhileCarrickWasAwayIsForwardedOnce(boolean tryPrivate) throws Exception {
    keep(carricksPort, "sea/#");
    try (Program mosquitto = mosquitto(tryPrivate)) {
      awaitBridge();
      carrick.close();
      publishMany(mosquittosPort, "sea/north");

      carrick = carrick();
      awaitBridge();
      publish(mosquittosPort, "sea/north", "last");
      assertThat(kept(carricksPort, "sea/#", MANY + 1)).isEqualTo(many() + "last\n");
      mosquitto.terminate();
    }
  }

  @ParameterizedTest(name = "try_private {0}")
  @ValueSource(booleans = {true, false})
  void whatCameWhileTheBridgeWasAwayIsForwardedOnce(boolean tryPrivate) throws Exception {
    try (Program mosquitto = mosquitto(tryPrivate)) {
      keep(mosquittosPort, "land/#");
      awaitBridge();
      mosquitto.terminate();
      assertThat(mosquitto.exitCode()).isZero();
    }
    publishMany(carricksPort, "land/north");
    carrick.close(); // The broker goes as well and comes back first.
    carrick = carrick();

    try (Program mosquitto = mosquitto(tryPrivate)) {
      awaitBridge();
      publish(carricksPort, "land/north", "last");
      assertThat(kept(mosquittosPort, "land/#", MANY + 1)).isEqualTo(many() + "last\n");
      mosquitto.terminate();
    }
  }
}

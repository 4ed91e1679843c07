package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.MessageProperties;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code carrick serve} as a user of the command line meets it. */
class ServeTest {

  private static final Pattern READY =
      Pattern.compile(
          "carrick ready mqtt=127\\.0\\.0\\.1:(\\d+) amqp=127\\.0\\.0\\.1:(\\d+) in \\d+ ms");

  private static Matcher ready(Program serve) throws InterruptedException {
    Matcher ready = READY.matcher(serve.awaitLine("carrick ready"));
    assertThat(ready.matches()).isTrue();
    return ready;
  }

  private static void failsWith(int exitCode, String message, String... arguments)
      throws Exception {
    try (Program serve = Program.carrick(arguments)) {
      assertThat(serve.exitCode()).isEqualTo(exitCode);
      assertThat(serve.errors().lines())
          .singleElement()
          .asString()
          .startsWith("carrick: ")
          .contains(message);
    }
  }

  @Test
  void bothPortsAcceptOnceTheReadyLineIsPrinted() throws Exception {
    try (Program serve = Program.carrick("serve", "--mqtt", "0", "--amqp", "0")) {
      Matcher ready = ready(serve);
      try (var device =
          new MqttClient("tcp://127.0.0.1:" + ready.group(1), "device", new MemoryPersistence())) {
        device.connect();
        device.disconnect();
      }
      var factory = new ConnectionFactory(); // guest, guest, "/"
      factory.setHost("127.0.0.1");
      factory.setPort(Integer.parseInt(ready.group(2)));
      try (var connection = factory.newConnection()) {
        assertThat(connection.isOpen()).isTrue();
      }
    }
  }

  @Test
  void everyEndpointIsOnTheReadyLine() throws Exception {
    try (Program serve =
        Program.carrick(
            "serve",
            "--mqtt",
            "0",
            "--mqtt",
            "0/factory",
            "--amqp",
            "none",
            "--mqtts",
            "0",
            "--amqps",
            "localhost:0/factory",
            "--cert",
            TestCertificates.file("server.crt").toString(),
            "--key",
            TestCertificates.file("server.key").toString(),
            "--client-ca",
            TestCertificates.file("ca.crt").toString(),
            "--require-client-cert")) {
      Matcher ready =
          Pattern.compile(
                  "carrick ready mqtt=127\\.0\\.0\\.1:\\d+ mqtt-2=127\\.0\\.0\\.1:\\d+"
                      + " mqtts=127\\.0\\.0\\.1:\\d+ amqps=127\\.0\\.0\\.1:(\\d+) in \\d+ ms")
              .matcher(serve.awaitLine("carrick ready"));
      assertThat(ready.matches()).isTrue();
      var factory = new ConnectionFactory();
      factory.setHost("localhost");
      factory.setPort(Integer.parseInt(ready.group(1)));
      factory.useSslProtocol(TestCertificates.client("TLSv1.3", "client.p12"));
      factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
      try (var connection = factory.newConnection()) { // nobody has said more of who may log in
        assertThat(connection.isOpen()).isTrue();
      }
    }
  }

  @Test
  void mistakesAboutEndpointsAreOneClearLine() throws Exception {
    String certificate = TestCertificates.file("server.crt").toString();
    failsWith(2, "--mqtt is [HOST:]PORT[/VHOST]: here", "serve", "--mqtt", "here");
    failsWith(2, "need --cert and --key, or --pkcs12", "serve", "--mqtts", "0");
    failsWith(2, "and there is none", "serve", "--cert", certificate);
    failsWith(
        1,
        "cannot use " + certificate + ": no private key in PEM form",
        "serve",
        "--mqtt",
        "0",
        "--amqp",
        "0",
        "--mqtts",
        "0",
        "--cert",
        certificate,
        "--key",
        certificate);
  }

  @Test
  void sigtermStopsItWithExitCode0() throws Exception {
    try (Program serve = Program.carrick("serve", "--mqtt", "0", "--amqp", "0")) {
      ready(serve);
      serve.terminate();

      assertThat(serve.exitCode()).isZero();
      assertThat(serve.errors()).endsWith("closed\n").doesNotContain("Exception");
    }
  }

  @Test
  void connectedClientsHearGoodbyeOnSigterm() throws Exception {
    try (Program serve = Program.carrick("serve", "--mqtt", "0", "--amqp", "0")) {
      var factory = new ConnectionFactory();
      factory.setHost("127.0.0.1");
      factory.setPort(Integer.parseInt(ready(serve).group(2)));
      factory.setAutomaticRecoveryEnabled(false);
      var connection = factory.newConnection();
      var reason = new java.util.concurrent.CompletableFuture<String>();
      connection.addShutdownListener(cause -> reason.complete(cause.getReason().toString()));
      serve.terminate();

      assertThat(reason.get(30, java.util.concurrent.TimeUnit.SECONDS)).contains("320");
      assertThat(serve.exitCode()).isZero();
    }
  }

  @Test
  void aPortInUseIsOneClearLine() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      failsWith(1, "cannot listen on 127.0.0.1:" + port, "serve", "--mqtt", port, "--amqp", "0");
    }
  }

  @Test
  void anUnknownOptionIsOneClearLine() throws Exception {
    failsWith(2, "--colour", "serve", "--colour", "blue");
  }

  @Test
  void aPortThatIsNoneIsOneClearLine() throws Exception {
    failsWith(2, "70000", "serve", "--mqtt", "70000");
  }

  @Test
  void noLoopsAreOneClearLine() throws Exception {
    failsWith(2, "--loops is at least 1: 0", "serve", "--loops", "0");
  }

  private static Set<Thread> loops() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("carrick-\\d+"))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void itHasAsManyLoopsAsItWasAskedFor(int count) {
    ServeOptions options =
        ServeOptions.ofPlain(
                "serve", "--mqtt", "0", "--amqp", "0", "--loops", Integer.toString(count))
            .orElseThrow();
    Set<Thread> before = loops();
    try (Broker broker = Serving.begin(options).broker()) {
      Set<Thread> started = loops();
      started.removeAll(before);
      assertThat(started).as("loops of %s", broker).hasSize(count);
    }
  }

  @Test
  void unaskedItHasOneForTwoProcessors() {
    assertThat(ServeOptions.ofPlain("serve"))
        .get()
        .extracting(ServeOptions::loops)
        .isEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  @Test
  void aDirectoryThatCannotBeOneIsOneClearLine(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a directory");

    failsWith(1, file + " is not a directory", "serve", "--data", file.toString());
  }

  /** Leaves a journal with a definition and returns the file that it is in. */
  private static Path imageOfAJournal(Path data) throws IOException {
    try (Broker broker = EmbeddedBroker.builder().store(Journal.in(data)).start();
        Client client = broker.connect()) {
      client.topology().queue("orders").durable().declare();
    }
    return data.resolve("image-0000000002.log");
  }

  private static void patch(Path file, UnaryOperator<ByteBuffer> change) throws IOException {
    Files.write(file, change.apply(ByteBuffer.wrap(Files.readAllBytes(file))).array());
  }

  @Test
  void aJournalInUseIsOneClearLine(@TempDir Path data) throws Exception {
    try (Broker broker = EmbeddedBroker.builder().store(Journal.in(data)).start()) {
      assertThat(broker.queues()).isEmpty();
      failsWith(1, "in use by another broker", "serve", "--data", data.toString());
    }
  }

  @Test
  void aDamagedJournalIsOneClearLineAndPassedOverOnlyWhenAsked(@TempDir Path data)
      throws Exception {
    Path image = imageOfAJournal(data);
    patch(image, bytes -> bytes.put(100, (byte) ~bytes.get(100)));
    String[] arguments = {"serve", "--mqtt", "0", "--amqp", "0", "--data", data.toString()};

    failsWith(1, "the journal is damaged: " + image.getFileName() + " at offset 64: ", arguments);
    String[] skipping = Arrays.copyOf(arguments, arguments.length + 1);
    skipping[arguments.length] = "--skip-damaged";
    try (Program serve = Program.carrick(skipping)) {
      ready(serve);
      serve.terminate();
      assertThat(serve.exitCode()).isZero();
      assertThat(serve.errors()).contains("passed over: " + image.getFileName() + " at offset 64");
    }
  }

  @Test
  void aJournalOfALaterVersionIsOneClearLine(@TempDir Path data) throws Exception {
    Path image = imageOfAJournal(data);
    patch(
        image,
        bytes -> {
          bytes.putInt(8, 99);
          var crc = new CRC32C();
          crc.update(bytes.array(), 0, 60);
          return bytes.putInt(60, (int) crc.getValue());
        });

    failsWith(1, "has format version 99", "serve", "--data", data.toString());
  }

  @Test
  void whatWasConfirmedIsThereAfterAKill(@TempDir Path data) throws Exception {
    String[] arguments = {"serve", "--mqtt", "0", "--amqp", "0", "--data", data.toString()};
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    try (Program serve = Program.carrick(arguments)) {
      factory.setPort(Integer.parseInt(ready(serve).group(2)));
      factory.setAutomaticRecoveryEnabled(false);
      Channel channel = factory.newConnection().createChannel();
      channel.queueDeclare("orders", true, false, false, null);
      channel.confirmSelect();
      channel.basicPublish(
          "", "orders", MessageProperties.PERSISTENT_TEXT_PLAIN, "first".getBytes());
      channel.waitForConfirmsOrDie(30_000);
    }
    try (Program serve = Program.carrick(arguments)) {
      factory.setPort(Integer.parseInt(ready(serve).group(2)));
      try (var connection = factory.newConnection()) {
        var message = connection.createChannel().basicGet("orders", true);

        assertThat(message).isNotNull();
        assertThat(message.getBody()).asString().isEqualTo("first");
      }
    }
  }

  @Test
  void aHostThatIsNotOfThisMachineIsOneClearLine() throws Exception {
    // A documentation address [RFC 5737].
    failsWith(1, "cannot listen on 203.0.113.9:", "serve", "--host", "203.0.113.9", "--mqtt", "0");
  }
}

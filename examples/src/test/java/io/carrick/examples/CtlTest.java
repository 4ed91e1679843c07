package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.examples.ctl.CtlClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code carrick ctl} beside a {@code serve}, whose clients are RabbitMQ's. */
@Timeout(60)
class CtlTest {

  @TempDir static Path folder;

  private static Path socket;
  private static Program serve;
  private static int port;
  private static int mqttPort;

  private final List<Connection> connections = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    socket = folder.resolve("ctl.sock");
    serve = serve("--ctl", socket.toString());
    String ready = serve.awaitLine("carrick ready");
    port = port(ready, "amqp");
    mqttPort = port(ready, "mqtt");
  }

  private static Program serve(String... more) throws Exception {
    var command = new ArrayList<>(List.of("serve", "--mqtt", "0", "--amqp", "0"));
    command.addAll(List.of(more));
    return Program.carrick(command.toArray(String[]::new));
  }

  private static int port(Program program) throws InterruptedException {
    return port(program.awaitLine("carrick ready"), "amqp");
  }

  private static int port(String ready, String protocol) {
    return Integer.parseInt(ready.replaceAll(".*" + protocol + "=127\\.0\\.0\\.1:(\\d+).*", "$1"));
  }

  @AfterAll
  static void stop() {
    serve.close();
  }

  @AfterEach
  void disconnect() {
    connections.forEach(Connection::abort);
  }

  /** What a command has said. */
  private record Said(int exitCode, String out, String err) {

    String[] lines() {
      return out.split("\n");
    }
  }

  private static Said say(String... words) {
    return say(socket, words);
  }

  private static Said say(Path path, String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int exitCode =
        CtlClient.run(
            List.of(words),
            Optional.of(path.toString()),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Said(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static String ctl(String... words) {
    Said said = say(words);
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    return said.out();
  }

  private static void fails(int exitCode, String text, String... words) {
    Said said = say(words);
    assertThat(said.exitCode()).isEqualTo(exitCode);
    assertThat(said.out()).isEmpty();
    assertThat(said.err().lines()).singleElement().asString().startsWith("Error: ").contains(text);
  }

  private Connection connect(String user, String password, String host, String name)
      throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setVirtualHost(host);
    factory.setAutomaticRecoveryEnabled(false);
    Connection connection = factory.newConnection(name);
    connections.add(connection);
    return connection;
  }

  private Channel guest() throws Exception {
    return connect("guest", "guest", "/", "test").createChannel();
  }

  @Test
  void aConnectionIsFoundByItsPortAndItsName_andClosedByItsPid() throws Exception {
    Connection connection = connect("guest", "guest", "/", "the-one");
    var closed = new CompletableFuture<ShutdownSignalException>();
    connection.addShutdownListener(closed::complete);
    // As RabbitMQ's Java client asks, in its test suite.
    String out =
        ctl("-n", "rabbit@here", "list_connections", "-q", "pid", "peer_port", "client_properties");
    String line =
        out.lines()
            .filter(l -> l.contains("\"connection_name\",\"the-one\""))
            .findFirst()
            .orElseThrow();
    String[] columns = line.split("\t");
    assertThat(Integer.parseInt(columns[1])).isPositive();

    ctl("-n", "rabbit@here", "close_connection", columns[0], "Closed via rabbitmqctl");
    assertThat(closed.get(20, TimeUnit.SECONDS))
        .hasMessageContaining("reply-code=320")
        .hasMessageContaining("CONNECTION_FORCED - Closed via rabbitmqctl");
    fails(1, "no connection " + columns[0], "close_connection", columns[0], "again");
  }

  @Test
  void allConnectionsAreClosed() throws Exception {
    Connection one = connect("guest", "guest", "/", "one");
    var closed = new CompletableFuture<ShutdownSignalException>();
    one.addShutdownListener(closed::complete);
    assertThat(ctl("close_all_connections", "Closed via rabbitmqctl")).startsWith("Closed ");
    assertThat(closed.get(20, TimeUnit.SECONDS)).hasMessageContaining("Closed via rabbitmqctl");
  }

  @Test
  @Tag("amqp091:policies")
  void aPolicyIsSetAndClearedInRabbitMqsWords() throws Exception {
    Channel channel = guest();
    channel.queueDeclare("has-max-length", false, false, true, null);
    ctl("set_policy", "--priority", "1", "MaxLength", "^has-max", "{\"max-length\":1}");
    for (int i = 0; i < 3; i++) {
      channel.basicPublish("", "has-max-length", null, new byte[1]);
    }
    assertThat(channel.queueDeclarePassive("has-max-length").getMessageCount()).isEqualTo(1);
    assertThat(say("list_policies").lines())
        .containsExactly(
            "vhost\tname\tpattern\tapply-to\tdefinition\tpriority",
            "/\tMaxLength\t^has-max\tall\t{\"max-length\":1}\t1");
    ctl("clear_policy", "MaxLength");
    channel.basicPublish("", "has-max-length", null, new byte[1]);
    assertThat(channel.queueDeclarePassive("has-max-length").getMessageCount()).isEqualTo(2);
    fails(1, "no policy 'MaxLength'", "clear_policy", "MaxLength");
    fails(1, "'max-lenght' is not recognised", "set_policy", "p", ".*", "{\"max-lenght\":1}");
    fails(1, "not a JSON object", "set_policy", "p", ".*", "{\"max-length\":[1]}");
    fails(2, "set_policy needs a definition", "set_policy", "p", ".*");
  }

  @Test
  @Tag("amqp091:users")
  void usersAndVirtualHostsComeAndGo() throws Exception {
    ctl("add_vhost", "v");
    ctl("add_user", "anna", "s3cret");
    fails(1, "user 'anna' already exists", "add_user", "anna", "other");
    assertThatThrownBy(() -> connect("anna", "s3cret", "v", "")).hasStackTraceContaining("refused");
    ctl("set_permissions", "-p", "v", "anna", "^a", ".*", ".*");
    ctl("set_topic_permissions", "-p", "v", "anna", "amq.topic", "^{username}", ".*");
    ctl("set_user_tags", "anna", "monitoring", "impersonator");
    connect("anna", "s3cret", "v", "").createChannel().queueDeclare("a", false, true, false, null);
    assertThat(say("list_permissions", "-p", "v").lines())
        .containsExactly("user\tconfigure\twrite\tread", "anna\t^a\t.*\t.*");
    assertThat(say("list_user_topic_permissions", "anna").lines())
        .containsExactly(
            "vhost\texchange\twrite\tread\tretain", "v\tamq.topic\t^{username}\t.*\t^{username}");
    ctl("set_topic_permissions", "-p", "v", "anna", "amq.topic", "^{username}", ".*", "");
    assertThat(say("list_topic_permissions", "-p", "v").lines())
        .contains("anna\tamq.topic\t^{username}\t.*\t");
    assertThat(ctl("list_users", "--json"))
        .contains("{\"user\":\"anna\",\"tags\":[\"impersonator\",\"monitoring\"]}");

    ctl("change_password", "anna", "other");
    assertThatThrownBy(() -> connect("anna", "s3cret", "v", ""))
        .isInstanceOf(AuthenticationFailureException.class);
    ctl("clear_permissions", "-p", "v", "anna");
    assertThatThrownBy(() -> connect("anna", "other", "v", "")).hasStackTraceContaining("refused");
    ctl("delete_user", "anna");
    fails(1, "no user 'anna'", "delete_user", "anna");
    ctl("delete_vhost", "v");
    assertThat(ctl("list_vhosts").lines()).containsExactly("name", "/");
    fails(1, "no virtual host 'v'", "set_permissions", "-p", "v", "guest", "", "", "");
  }

  @Test
  void theFirehoseIsTurnedOnAndOff() throws Exception {
    Channel channel = guest();
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, "amq.rabbitmq.trace", "publish.#");
    assertThat(ctl("trace_on")).contains("enabled");
    assertThat(ctl("list_vhosts", "name", "tracing").lines()).contains("/\ttrue");
    channel.basicPublish("amq.topic", "k", null, "1".getBytes(StandardCharsets.UTF_8));
    channel.queueDeclarePassive(queue);
    assertThat(ctl("trace_off", "-p", "/")).contains("disabled");
    channel.basicPublish("amq.topic", "k", null, "2".getBytes(StandardCharsets.UTF_8));
    assertThat(channel.basicGet(queue, true).getEnvelope().getRoutingKey())
        .isEqualTo("publish.amq.topic");
    assertThat(channel.basicGet(queue, true)).isNull();
    fails(1, "no virtual host 'w'", "trace_on", "-p", "w");
  }

  @Test
  void aFilterIsListedAsABindingKey_MAP3() throws Exception {
    try (var device =
        new MqttClient("tcp://127.0.0.1:" + mqttPort, "listed", new MemoryPersistence())) {
      device.connect();
      device.subscribe("a.b/+/#", 1);
      assertThat(ctl("list_bindings").lines())
          .contains("amq.topic\texchange\tmqtt.session.listed\tqueue\ta%2Eb.*.#\t[]");
      device.disconnect();
    }
  }

  @Test
  void aQueueIsListedAndDeleted() throws Exception {
    Channel channel = guest();
    channel.queueDeclare("listed", true, false, false, Map.of("x-max-length", 9));
    channel.queueBind("listed", "amq.direct", "k");
    assertThat(ctl("list_queues", "name", "durable", "arguments", "messages").lines())
        .contains("listed\ttrue\t[{\"x-max-length\",9}]\t0");
    assertThat(ctl("list_bindings").lines()).contains("amq.direct\texchange\tlisted\tqueue\tk\t[]");
    assertThat(ctl("list_exchanges").lines()).contains("amq.topic\ttopic");
    assertThat(ctl("delete_queue", "listed")).startsWith("Queue was successfully deleted");
    fails(1, "no queue 'listed' in vhost '/'", "delete_queue", "listed");
    fails(2, "no column 'nonsense'", "list_queues", "nonsense");
  }

  @Test
  @Tag("amqp091:connection.blocked")
  void anAlarmBlocksPublishersUntilItIsCleared() throws Exception {
    Connection connection = connect("guest", "guest", "/", "");
    BlockingQueue<String> heard = new ArrayBlockingQueue<>(10);
    connection.addBlockedListener(heard::add, () -> heard.add("unblocked"));
    ctl("eval", "rabbit_alarm:set_alarm({{resource_limit, disk, node()}, []}).");
    assertThat(ctl("status").lines()).contains("alarms\t[disk]");
    connection.createChannel().basicPublish("", "nowhere", null, new byte[1]);
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("low on disk");
    ctl("eval", "rabbit_alarm:clear_alarm({resource_limit, disk, node()}).");
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("unblocked");
    fails(1, "there is no Erlang here", "eval", "1 + 1.");
  }

  @Test
  void theWatermarkOfMemoryIsChanged() {
    ctl("set_vm_memory_high_watermark", "absolute", "1000000000");
    assertThat(ctl("status").lines()).contains("memory.watermark\t1000000000");
    ctl("set_vm_memory_high_watermark", "0.4");
    assertThat(ctl("status").lines()).noneMatch(line -> line.endsWith("\t1000000000"));
    fails(2, "not a number: much", "set_vm_memory_high_watermark", "much");
  }

  @Test
  void whatNobodyKnowsIsRefusedInOneLine() {
    fails(2, "no command 'nonsense'; there are add_user, ", "nonsense");
    fails(2, "unknown option --nonsense", "list_queues", "--nonsense");
    assertThat(say("-n", "null", "list_queues", "--help").exitCode()).isZero();
    assertThat(say().exitCode()).isEqualTo(2);
    Said nobody = say(folder.resolve("nobody.sock"), "status");
    assertThat(nobody.exitCode()).isEqualTo(1);
    assertThat(nobody.err()).startsWith("Error: no broker answers at ");
  }

  @Test
  void itIsACommandWithAnExitCodeOfItsOwn() throws Exception {
    try (Program ctl = Program.carrick("ctl", "--socket", socket.toString(), "ping")) {
      assertThat(ctl.output()).isEqualTo("Ping succeeded\n");
    }
    try (Program ctl = Program.carrick("ctl", "--socket", socket.toString(), "nonsense")) {
      assertThat(ctl.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void onlyItsUserMayOpenTheSocket_andItGoesWithItsProcess() throws Exception {
    Path own = folder.resolve("own.sock");
    try (Program other = serve("--ctl", own.toString())) {
      port(other);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
          .isEqualTo("rw-------");
      assertThat(say(own, "ping").out()).isEqualTo("Ping succeeded\n");
      other.terminate();
      assertThat(other.exitCode()).isZero();
    }
    assertThat(own).doesNotExist();
  }

  @Test
  void aSocketInUseAndAFileAreNotTakenAway_oneLeftBehindIs() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "precious");
    for (Path taken : List.of(file, socket)) {
      try (Program other = serve("--ctl", taken.toString())) {
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.errors()).contains("--ctl " + taken + " cannot be listened on");
      }
    }
    assertThat(file).content().isEqualTo("precious");
    assertThat(ctl("ping")).isEqualTo("Ping succeeded\n");

    Path stale = folder.resolve("stale.sock");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(stale))
        .close();
    assertThat(stale).exists();
    try (Program other = serve("--ctl", stale.toString())) {
      port(other);
      assertThat(say(stale, "ping").exitCode()).isZero();
    }
  }

  @Test
  void aBrokerIsStoppedAndStartedWithWhatItHasStored() throws Exception {
    Path own = folder.resolve("restarted.sock");
    Path data = folder.resolve("data");
    try (Program other = serve("--ctl", own.toString(), "--data", data.toString())) {
      port(other);
      assertThat(say(own, "add_user", "kept", "s3cret").exitCode()).isZero();
      assertThat(say(own, "stop_app").exitCode()).isZero();
      assertThat(say(own, "list_users").err()).contains("the broker is stopped");
      assertThat(say(own, "start_app").exitCode()).isZero();
      assertThat(say(own, "list_users").out().lines()).contains("kept\t[]");
    }
  }
}

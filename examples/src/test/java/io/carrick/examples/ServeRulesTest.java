package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Limit;
import io.carrick.Mapping;
import io.carrick.Policy;
import io.carrick.examples.ctl.CtlFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who {@code serve} lets in by its files, what each may do, and how much of it. */
@Timeout(60)
class ServeRulesTest {

  /** Written by {@code mosquitto_passwd} 2.0.11: the password is s3cret. */
  private static final String ANNE =
      "anne:$7$101$8R7QjvmHByMO9heJ$33ZZCJs40H6j2Cpj1GAXsJTC2b+atzz8vUeWM/I6LDiCgeoYRAIi2JctgKrcbl7q"
          + "q6xx4r/CRN8e15p/BnJQ6w==\n";

  private static final String CARL =
      "carl:$6$Huc6iI73dyX1wjhp$Ug87OAcvzo3Ez46bzVo/3YolenWbfGxzmVT0Wdie0DSelmKB2pq0MRzyNuTzV"
          + "axqtG7Gsvm+nMT0M1pND/NNwg==\n";

  private static final Map<String, Object> FULL =
      Map.of("x-max-length", 0, "x-overflow", "reject-publish");

  @TempDir Path folder;

  private final List<MqttClient> clients = new ArrayList<>();
  private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
  private Path users;
  private Path access;
  private Serving serving;

  @BeforeEach
  void write() throws Exception {
    users = Files.writeString(folder.resolve("users"), ANNE + CARL);
    access =
        Files.writeString(
            folder.resolve("access"), "topic read public/#\nuser anne\ntopic home/#\n");
  }

  @AfterEach
  void end() throws Exception {
    if (serving != null) {
      serving.end();
    }
    for (MqttClient client : clients) {
      client.disconnectForcibly(0, 0, false);
      client.close(true);
    }
  }

  private void serve(String... more) {
    List<String> line = new ArrayList<>(List.of("serve", "--mqtt", "0", "--amqp", "0"));
    line.addAll(Arrays.asList(more));
    serving = Serving.begin(ServeOptions.ofPlain(line.toArray(String[]::new)).orElseThrow());
  }

  private MqttClient connect(String user, String password) throws Exception {
    return connect(user, password, true);
  }

  private MqttClient connect(String user, String password, boolean clean) throws Exception {
    int port = serving.broker().address("mqtt").getPort();
    var client =
        new MqttClient("tcp://127.0.0.1:" + port, "c" + clients.size(), new MemoryPersistence());
    clients.add(client);
    var options = new MqttConnectOptions();
    options.setCleanSession(clean);
    if (!user.isEmpty()) {
      options.setUserName(user);
      options.setPassword(password.toCharArray());
    }
    client.connect(options);
    return client;
  }

  private void refused(String user, String password) {
    assertThatThrownBy(() -> connect(user, password)).isInstanceOf(MqttException.class);
  }

  private void amqp(String user, String password) throws Exception {
    factory(user, password).newConnection().close();
  }

  private ConnectionFactory factory(String user, String password) {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(serving.broker().address("amqp").getPort());
    factory.setUsername(user);
    factory.setPassword(password);
    return factory;
  }

  private void subscribe(MqttClient client, String filter) throws Exception {
    client.subscribe(filter, (topic, message) -> got.add(topic + " " + message));
  }

  private static void publish(MqttClient client, String topic) throws Exception {
    client.publish(topic, "x".getBytes(), 1, false);
  }

  private String next() throws InterruptedException {
    return String.valueOf(got.poll(10, TimeUnit.SECONDS));
  }

  // ---- users

  @Test
  void theUsersOfAPasswordFileLogInAndNobodyElse() throws Exception {
    serve("--users", users.toString());
    connect("anne", "s3cret");
    connect("carl", "old");
    amqp("anne", "s3cret");
    refused("anne", "old");
    refused("bob", "s3cret");
    refused("guest", "guest");
    refused("", "");
    assertThatThrownBy(() -> amqp("guest", "guest"))
        .isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  void withoutAFileWhoeverIsOnThisMachineComesInUnlessToldOther() throws Exception {
    serve();
    connect("", "");
    connect("anybody", "x");
    amqp("guest", "guest");
    serving.end();
    serve("--anonymous", "false");
    refused("", "");
    refused("anybody", "x");
    amqp("guest", "guest");
  }

  @Test
  void anonymousClientsComeInBesideUsersWhoseNamesTheyMayNotSay() throws Exception {
    serve("--users", users.toString(), "--anonymous", "true");
    connect("", "");
    connect("anne", "s3cret");
    refused("anne", "wrong");
    refused("bob", "x");
  }

  @Test
  void whatTheStoreHasOfUsersGivesWayToTheFile() throws Exception {
    String data = folder.resolve("data").toString();
    serve("--data", data);
    connect("", "");
    serving.end();
    serve("--data", data, "--users", users.toString());
    assertThatThrownBy(() -> amqp("guest", "guest"))
        .isInstanceOf(AuthenticationFailureException.class);
    amqp("anne", "s3cret");
    serving.end();
    Files.writeString(users, CARL);
    serve("--data", data, "--users", users.toString());
    refused("anne", "s3cret");
    connect("carl", "old");
    serving.end();
    serve("--data", data);
    amqp("carl", "old"); // as the file has left them
  }

  @Test
  void aChangeOfTheFileCountsWhenItIsLookedAt() throws Exception {
    serve("--users", users.toString());
    MqttClient anne = connect("anne", "s3cret");
    Files.writeString(users, CARL.replace("carl", "zoe"));
    serving.look();
    connect("zoe", "old");
    refused("carl", "old");
    refused("anne", "s3cret");
    assertThatThrownBy(() -> publish(anne, "t")).isInstanceOf(MqttException.class); // expelled
    Files.writeString(users, "zoe:nothing\n");
    serving.look();
    connect("zoe", "old");
  }

  @Test
  void ctlReloadSaysWhatIsWrongWithAFile() throws Exception {
    serve("--users", users.toString(), "--access", access.toString());
    Files.writeString(users, CARL);
    Files.writeString(access, "user\n");
    assertThatThrownBy(() -> serving.reload())
        .isInstanceOf(CtlFailure.class)
        .hasMessage(
            "access file %s, line 1: a user without a name; what it said before goes on", access);
    refused("anne", "s3cret"); // the other file counts
    Files.writeString(access, "user carl\n");
    serving.reload();
  }

  // ---- access

  @Test
  void theAccessFileSaysWhatEachMayDo() throws Exception {
    serve("--users", users.toString(), "--access", access.toString(), "--anonymous", "true");
    serving.broker().admin().createVirtualHost("factory").toCompletableFuture().join();
    subscribe(connect("", ""), "#");
    MqttClient anne = connect("anne", "s3cret");
    subscribe(anne, "#");
    publish(anne, "home/door");
    assertThat(next()).isEqualTo("home/door x");
    Files.writeString(access, "topic read public/#\nuser anne\ntopic write public/#\n");
    serving.look();
    publish(anne, "public/door");
    assertThat(next()).isEqualTo("public/door x");
    assertThat(got).isEmpty();
    refused("factory:anne", "s3cret"); // an access file gives nobody a virtual host
    assertThatThrownBy(() -> amqp("anne", "s3cret")).isNotNull();
    assertThatThrownBy(() -> publish(anne, "home/door")).isInstanceOf(MqttException.class);
  }

  // ---- how much

  @Test
  void limitsAndWhatClientsGetLessOfAreOptions() throws Exception {
    serve("--limit", "message-bytes=1k", "--limit", "CONNECTIONS=2", "--max-qos", "1");
    MqttClient client = connect("", "");
    client.publish("t", new byte[1_024], 1, false);
    subscribe(client, "u");
    connect("", "");
    refused("", "");
    assertThatThrownBy(() -> client.publish("t", new byte[1_025], 1, false))
        .isInstanceOf(MqttException.class);
  }

  @Test
  void whatSessionsGiveUpGoesToAQueueAndWhatAllQueuesRefuseIsAnswered() throws Exception {
    serve("--dead-letters", "/failed", "--refused-publishes", "ack");
    try (Connection connection = factory("guest", "guest").newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare("failed", true, false, false, Map.of());
      MqttClient session = connect("", "", false);
      session.subscribe("t", 1);
      session.disconnect();
      Policy none = Policy.of("/", "none", "^mqtt").set("max-length", 0);
      serving.broker().admin().policies().put(none).toCompletableFuture().join();
      MqttClient publisher = connect("", "");
      publish(publisher, "t");
      channel.basicConsume(
          "failed", true, (tag, dead) -> got.add(new String(dead.getBody())), tag -> {});
      assertThat(next()).isEqualTo("x");

      channel.queueDeclare("full", true, false, false, FULL);
      channel.queueBind("full", "amq.topic", "u");
      publish(publisher, "u");
    }
  }

  @Test
  void systemTopicsArePublishedIfThatIsAskedFor() throws Exception {
    serve("--sys-interval", "10s");
    var values = new LinkedBlockingQueue<String>();
    connect("", "")
        .subscribe("$SYS/broker/version", 0, (topic, message) -> values.add(message.toString()));
    assertThat(values.poll(10, TimeUnit.SECONDS)).startsWith("carrick");
  }

  @ParameterizedTest
  @CsvSource({
    "--limit,message-bytes=64k,MESSAGE_BYTES,65536",
    "--limit,SESSION_QUEUE_BYTES=2M,SESSION_QUEUE_BYTES,2097152",
    "--limit,inflight-messages=20,INFLIGHT_MESSAGES,20",
  })
  void aLimitIsNamedInAnyCaseAndHasUnits(String option, String value, Limit limit, long is) {
    ServeOptions options = ServeOptions.ofPlain("serve", option, value).orElseThrow();
    assertThat(options.rules().limits().value(limit)).isEqualTo(is);
  }

  @Test
  void whatCrossesIsChosenOptionByOption() {
    String[] line = {
      "serve",
      "--refuse-long-topics",
      "true",
      "--hide-dollar-topics",
      "true",
      "--transient-qos",
      "1",
      "--sparkplug",
      "true"
    };
    Mapping mapping = ServeOptions.ofPlain(line).orElseThrow().rules().mapping();
    assertThat(mapping.refusesLongTopics()).isTrue();
    assertThat(mapping.hidesDollarTopics()).isTrue();
    assertThat(mapping.transientQos()).isEqualTo(1);
    assertThat(mapping.exposesMetadata()).isFalse();
    assertThat(mapping.spelling().name()).isEqualTo("sparkplug");
  }

  @Test
  void whatCrossesIsToldInAnyOrder() {
    for (String[] line :
        List.of(
            new String[] {"serve", "--mapping", "rabbitmq", "--expose-metadata", "true"},
            new String[] {"serve", "--expose-metadata", "true", "--mapping", "rabbitmq"})) {
      Mapping mapping = ServeOptions.ofPlain(line).orElseThrow().rules().mapping();
      assertThat(mapping.profile()).isEqualTo(Mapping.Profile.RABBITMQ);
      assertThat(mapping.exposesMetadata()).isTrue();
    }
    assertThat(ServeOptions.ofPlain("serve", "--ctl", "x").orElseThrow().rules().mapping())
        .isSameAs(Mapping.lossless());
  }

  @ParameterizedTest
  @CsvSource({
    "--limit,message-bytes,not NAME=VALUE",
    "--limit,colour=3,no limit 'colour'; there are message-bytes",
    "--limit,message-bytes=0,must be positive",
    "--limit,message-bytes=1x,not a number such as",
    "--anonymous,maybe,neither true nor false",
    "--max-qos,3,a QoS is 0",
    "--max-qos,high,not a number",
    "--max-keep-alive,1d,from 1 to 65535 seconds",
    "--session-expiry,soon,not a time such as",
    "--refusal-reasons,maybe,neither true nor false",
    "--refused-publishes,maybe,neither close nor ack",
    "--sys-interval,soon,not a time such as",
    "--overlap,twice,neither once nor per-subscription: twice",
    "--mapping,rabbit,neither lossless nor rabbitmq: rabbit",
    "--sparkplug,maybe,neither true nor false",
    "--expose-metadata,maybe,neither true nor false",
    "--refuse-long-topics,maybe,neither true nor false",
    "--hide-dollar-topics,maybe,neither true nor false",
    "--transient-qos,2,the QoS of transient messages is 0 or 1: 2",
    "--transient-qos,high,not a number",
  })
  void aMistakeIsOneClearLine(String option, String value, String text) {
    ServeRules.Option known = ServeRules.Option.of(option);
    assertThatThrownBy(() -> ServeRules.DEFAULT.with(known, value))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith(option + ": ")
        .hasMessageContaining(text);
  }

  // ---- the whole way

  @Test
  void aFileThatPasswdHasMadeLetsMosquittosClientsIn() throws Exception {
    Path file = folder.resolve("made");
    Path secret = Files.writeString(folder.resolve("secret"), "g\u00e4heim\nmore\n");
    String from = secret.toString();
    assertThat(passwd("-c", file.toString(), "dora", "--password-file", from)).isZero();
    assertThat(passwd(file.toString(), "emil", "--password-file", from)).isZero();
    assertThat(passwd("-c", file.toString(), "dora")).isEqualTo(1); // it is there
    assertThat(passwd(file.toString(), "a:b")).isEqualTo(2);
    assertThat(passwd("-D", file.toString(), "emil")).isZero();
    assertThat(passwd("-D", file.toString(), "emil")).isEqualTo(1);
    try (Program asking = Program.carrick("passwd", file.toString(), "emil")) {
      assertThat(asking.exitCode()).isEqualTo(1);
      assertThat(asking.errors()).contains("a password is not empty"); // there is no terminal
    }
    try (Program serve =
        Program.carrick(
            "serve",
            "--mqtt",
            "0",
            "--amqp",
            "none",
            "--users",
            file.toString(),
            "--retain=true")) {
      String port = serve.awaitLine("carrick ready").replaceAll(".*:(\\d+) in.*", "$1");
      Program.assumeInstalled("mosquitto_pub", "which", "mosquitto_pub");
      String[] publish = {"mosquitto_pub", "-p", port, "-t", "t", "-m", "x", "-q", "1"};
      assertThat(Program.succeeds(publish)).isFalse();
      assertThat(Program.succeeds(with(publish, "-u", "dora", "-P", "g\u00e4heim"))).isTrue();
      assertThat(Program.succeeds(with(publish, "-u", "dora", "-P", "more"))).isFalse();
      assertThat(Program.succeeds(with(publish, "-u", "emil", "-P", "g\u00e4heim"))).isFalse();
    }
  }

  private static String[] with(String[] command, String... more) {
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return all;
  }

  private static int passwd(String... arguments) {
    return CommandTree.commandLine().execute(with(new String[] {"passwd"}, arguments));
  }
}

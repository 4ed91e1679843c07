package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.LastValueInfo;
import io.carrick.NotFoundException;
import io.carrick.Page;
import io.carrick.PasswordHash;
import io.carrick.Permissions;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.TopicPermissions;
import io.carrick.User;
import io.carrick.UserAdmin;
import io.carrick.Users;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The users that a broker keeps, seen by RabbitMQ's client and changed while it runs. */
@Timeout(60)
@Tag("amqp091:users")
class UsersTest {

  private static final PasswordHash S3CRET = PasswordHash.of("s3cret", 4_096);

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(2))
                  .adapter(Amqp.onAnyPort())
                  .virtualHost("v")
                  .users(Users.guest().with(shop()))
                  .store(disk))
          .realTime();

  private final List<Connection> connections = new ArrayList<>();

  private static User shop() {
    return User.of("shop")
        .withPassword(S3CRET)
        .permitted("/", new Permissions("^shop\\.", "^(shop\\.|amq\\.)", "^(shop|amq)\\."));
  }

  @AfterEach
  void disconnect() {
    connections.forEach(Connection::abort);
  }

  private UserAdmin users() {
    return broker.broker().admin().users();
  }

  private Channel channel(String user, String password) throws Exception {
    return channel(user, password, "/");
  }

  private Channel channel(String user, String password, String virtualHost) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setVirtualHost(virtualHost);
    factory.setAutomaticRecoveryEnabled(false);
    Connection connection = factory.newConnection("test");
    connections.add(connection);
    return connection.createChannel();
  }

  /** What is done on a channel. */
  @FunctionalInterface
  private interface Work {
    void on(Channel channel) throws IOException;
  }

  private static void refused(Channel channel, Work work, String text) {
    assertThatThrownBy(() -> work.on(channel))
        .satisfiesAnyOf(
            e -> assertThat(e).hasMessageContaining(text),
            e -> assertThat(e).hasStackTraceContaining(text));
  }

  private void publishes(Channel channel, String exchange, String key) throws Exception {
    channel.confirmSelect();
    channel.basicPublish(exchange, key, null, new byte[1]);
    channel.waitForConfirmsOrDie(10_000);
  }

  @Test
  void whoSaysTheRightPasswordIsLetInAndNobodyElse() throws Exception {
    channel("shop", "s3cret").queueDeclare("shop.orders", false, false, false, null);
    channel("shop", "s3cret").queueDeclarePassive("shop.orders"); // the quick way this time
    assertThatThrownBy(() -> channel("shop", "secret"))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThatThrownBy(() -> channel("shop", ""))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThatThrownBy(() -> channel("nobody", "s3cret"))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThat(broker.broker().metrics().value("logins.refused")).isEqualTo(3);
  }

  @Test
  void patternsSayWhatAUserMayConfigureWriteAndRead() throws Exception {
    Channel shop = channel("shop", "s3cret");
    shop.queueDeclare("shop.orders", false, false, false, null);
    publishes(shop, "amq.topic", "k");
    refused(
        shop,
        c -> c.queueDeclare("bank", false, false, false, null),
        "configure access to queue 'bank' in vhost '/' refused for user 'shop'");
    channel("guest", "guest").queueDeclare("bank", false, false, false, null);
    refused(
        channel("shop", "s3cret"),
        c -> c.basicGet("bank", true),
        "read access to queue 'bank' in vhost '/' refused for user 'shop'");
    assertThat(broker.broker().metrics().value("permissions.refused{action=configure}"))
        .isEqualTo(1);
    assertThat(broker.broker().metrics().value("permissions.refused{action=read}")).isEqualTo(1);
  }

  @Test
  void anEmptyPatternAllowsNothing() throws Exception {
    broker.await(users().put(shop().permitted("/", new Permissions("", "", ""))));
    refused(
        channel("shop", "s3cret"),
        c -> c.queueDeclare("shop.orders", false, false, false, null),
        "configure access to queue 'shop.orders'");
  }

  @Test
  void aUserAttachesWhereItHasPermissionsOnly() throws Exception {
    assertThatThrownBy(() -> channel("shop", "s3cret", "v"))
        .hasStackTraceContaining("access to vhost 'v' refused for user 'shop'");
    broker.await(users().change("shop", shop -> shop.permitted("v")));
    channel("shop", "s3cret", "v").queueDeclare("bank", false, false, false, null);
  }

  @Test
  void whatChangesCountsAtOnceForWhoIsConnected() throws Exception {
    Channel guest = channel("guest", "guest");
    publishes(guest, "amq.fanout", "k"); // may do everything, and nobody is asked again
    broker.await(
        users().change("guest", g -> g.permitted("/", new Permissions(".*", "^amq.top", ".*"))));
    publishes(guest, "amq.topic", "k");
    refused(
        guest,
        c -> {
          c.basicPublish("amq.fanout", "k", null, new byte[1]);
          c.basicQos(1);
        },
        "write access to exchange 'amq.fanout' in vhost '/' refused for user 'guest'");
    broker.await(users().change("guest", g -> g.permitted("/")));
    publishes(guest.getConnection().createChannel(), "amq.fanout", "k");
  }

  @Test
  @Tag("amqp091:topic-permissions")
  void aTopicPermissionSaysWhichKeysMayBeUsed() throws Exception {
    var own = new TopicPermissions("^{username}\\.", "^{vhost}");
    broker.await(users().change("guest", g -> g.permitted("/", "amq.topic", own)));
    Channel guest = channel("guest", "guest");
    publishes(guest, "amq.topic", "guest.temperature");
    publishes(guest, "amq.fanout", "other.temperature"); // no topic exchange
    String queue = guest.queueDeclare().getQueue();
    guest.queueBind(queue, "amq.topic", "/x");
    refused(
        guest,
        c -> {
          c.basicPublish("amq.topic", "guests.temperature", null, new byte[1]);
          c.basicQos(1);
        },
        "write access to topic 'guests.temperature' in exchange 'amq.topic' in vhost '/' refused"
            + " for user 'guest'");
    broker.await(users().change("guest", g -> g.anyTopic("/")));
    publishes(guest.getConnection().createChannel(), "amq.topic", "guests.temperature");
  }

  @Test
  void whoMayPublishMayRetainUnlessAPermissionSaysLess() throws Exception {
    var retain = new AMQP.BasicProperties.Builder().headers(Map.of("x-mqtt-retain", true)).build();
    Channel guest = channel("guest", "guest");
    guest.confirmSelect();
    guest.basicPublish("amq.topic", "x", retain, new byte[1]);
    guest.waitForConfirmsOrDie(10_000);
    var less = new TopicPermissions(".*", ".*", "^{username}\\.");
    broker.await(users().change("guest", g -> g.permitted("/", "amq.topic", less)));
    guest.basicPublish("amq.topic", "guest.x", retain, new byte[1]);
    publishes(guest, "amq.topic", "x");
    refused(
        guest,
        c -> {
          c.basicPublish("amq.topic", "x", retain, new byte[0]);
          c.basicQos(1);
        },
        "retain access to topic 'x' in exchange 'amq.topic' in vhost '/' refused for user 'guest'");
    Page<LastValueInfo> kept =
        broker.await(
            broker.broker().admin().lastValues(RoutingKey.ofKey("#"), Selection.everything()));
    assertThat(kept.items()).hasSize(2);
  }

  @Test
  void aPermissionWithoutAClientIdIsNotForWhoHasNone() throws Exception {
    var own = new TopicPermissions("^{client_id}.*", ".*");
    broker.await(users().change("guest", g -> g.permitted("/", "amq.topic", own)));
    refused(
        channel("guest", "guest"),
        c -> {
          c.basicPublish("amq.topic", "k", null, new byte[1]);
          c.basicQos(1);
        },
        "write access to topic 'k'");
  }

  @Test
  @Timeout(20)
  void aPatternThatTakesForEverAllowsNothingAndHoldsNobodyUp() throws Exception {
    broker.await(users().put(shop().permitted("/", new Permissions("^(a+)+$", ".*", ".*"))));
    refused(
        channel("shop", "s3cret"),
        c -> c.queueDeclare("a".repeat(60) + "b", false, false, false, null),
        "configure access to queue");
    channel("shop", "s3cret").queueDeclare("aaa", false, false, false, null);
  }

  @Test
  void aDeletedUserIsDisconnectedAndStaysOutside() throws Exception {
    Connection connection = channel("shop", "s3cret").getConnection();
    var gone = new CompletableFuture<ShutdownSignalException>();
    connection.addShutdownListener(gone::complete);
    broker.await(users().delete("shop"));
    assertThat(gone.get(20, TimeUnit.SECONDS)).hasMessageContaining("user 'shop' was deleted");
    assertThatThrownBy(() -> channel("shop", "s3cret"))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThatThrownBy(() -> broker.await(users().delete("shop")))
        .hasRootCauseInstanceOf(NotFoundException.class);
  }

  @Test
  void usersAreListedByName() {
    broker.await(users().put(User.of("zoe")));
    var first = broker.await(users().list(Selection.everything().limit(2)));
    assertThat(first.items()).extracting(User::name).containsExactly("guest", "shop");
    var rest = broker.await(users().list(Selection.everything().from(first.next().orElseThrow())));
    assertThat(rest.items()).containsExactly(User.of("zoe"));
  }

  @Test
  void whatIsStoredOutlivesTheBrokerAndCountsMoreThanTheBuildersUsers() throws Exception {
    broker.await(users().delete("shop"));
    broker.await(users().put(User.of("zoe").withPassword(S3CRET).permitted("v").tagged("a", "b")));
    disk.crash();
    broker.restart();
    channel("zoe", "s3cret", "v").queueDeclare("zoe's", false, false, false, null);
    channel("guest", "guest").queueDeclare("guest's", false, false, false, null);
    assertThatThrownBy(() -> channel("shop", "s3cret"))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThat(broker.await(users().list(Selection.everything().startingWith("z"))).items())
        .containsExactly(User.of("zoe").withPassword(S3CRET).permitted("v").tagged("a", "b"));
  }

  @Test
  void permissionsInAVirtualHostGoWithIt() throws Exception {
    broker.await(broker.broker().admin().createVirtualHost("w"));
    broker.await(users().change("shop", shop -> shop.permitted("w")));
    channel("shop", "s3cret", "w");
    broker.await(broker.broker().admin().deleteVirtualHost("w"));
    broker.await(broker.broker().admin().createVirtualHost("w"));
    assertThatThrownBy(() -> channel("shop", "s3cret", "w"))
        .hasStackTraceContaining("access to vhost 'w' refused");
  }

  @Test
  void onlyAnAdministratorAdministers() throws Exception {
    var as = broker.broker().admin(io.carrick.Identity.ofUser("shop")).users();
    assertThatThrownBy(() -> broker.await(as.put(User.of("eve"))))
        .hasRootCauseMessage("administrator access to the broker refused for user 'shop'");
    assertThatThrownBy(() -> broker.await(as.list(Selection.everything())))
        .hasRootCauseMessage("administrator access to the broker refused for user 'shop'");
    broker.await(users().change("shop", shop -> shop.tagged("administrator")));
    broker.await(as.put(User.of("eve")));
  }

  @Test
  void whatIsNoExpressionIsRefused() {
    assertThatThrownBy(() -> new Permissions("(", "", ""))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("invalid regular expression '('");
    assertThatThrownBy(() -> new TopicPermissions("", "x".repeat(1_025)))
        .isInstanceOf(PreconditionFailedException.class);
  }
}

package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Delivery;
import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Authorizer;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.Credentials;
import io.carrick.spi.Resource;
import io.carrick.spi.Settlement;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttSecurityException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a user plugs in sees and decides for both protocols alike (MAP-40). */
class ExtensionsTest {

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> passed = new CopyOnWriteArrayList<>();
  private final Inbox<String> events = new Inbox<>("the listener");

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(3))
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .authenticator(ExtensionsTest::authenticate)
                  .authorizer(this::allows)
                  .interceptor(this::note)
                  .interceptor(ExtensionsTest::change)
                  .listener(new Listener()))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  /** The password is the user's name backwards. */
  private static Optional<Identity> authenticate(Credentials shown) {
    var expected = new StringBuilder(shown.user()).reverse().toString();
    boolean known =
        !shown.user().isEmpty()
            && expected.equals(new String(shown.password(), StandardCharsets.UTF_8));
    return known ? Optional.of(Identity.ofUser(shown.user())) : Optional.empty();
  }

  /** Nobody publishes to, reads or declares what has "secret" in its name; eve may not connect. */
  private boolean allows(Identity who, Authorizer.Action action, Resource what) {
    asked.add(who.user() + " " + action + " " + what.kind() + " " + what.name());
    if (what.name().contains("mistake")) {
      throw new IllegalStateException("an authorizer with a mistake in it");
    }
    boolean eve = action == Authorizer.Action.CONNECT && who.user().equals("eve");
    return !eve && !what.name().contains("secret");
  }

  private Message note(Message message) {
    passed.add(message.publisher().user() + " " + message.routingKey().asTopic());
    return message;
  }

  /** Refuses, moves, or rewrites by what the text says. */
  private static Message change(Message message) {
    return switch (message.text()) {
      case "refuse" -> throw new PublishRejectedException(Refusal.INTERCEPTED, "as it asked");
      case "fail" -> throw new IllegalStateException("an interceptor with a mistake in it");
      case "move" ->
          message.addressed(
              "amq.topic",
              RoutingKey.ofTopic("moved/here"),
              message.publisher(),
              message.arrivedMs());
      case "rewrite" ->
          Message.published(
              message.exchange(),
              message.routingKey(),
              message.properties(),
              "rewritten".getBytes(StandardCharsets.UTF_8),
              message.publisher(),
              message.arrivedMs());
      default -> message;
    };
  }

  private final class Listener implements BrokerListener {

    @Override
    public void onConnected(ConnectionInfo connection) {
      note("connected", connection);
    }

    @Override
    public void onDisconnected(ConnectionInfo connection) {
      note("disconnected", connection);
    }

    private void note(String event, ConnectionInfo connection) {
      if (!connection.user().isEmpty()) {
        String host = connection.remote().replaceFirst(":\\d+$", "");
        events.add(event + " " + connection.user() + " " + connection.protocol() + " " + host);
      }
    }

    @Override
    public void onPublished(Message message, int queues) {
      events.add("published " + message.text() + " " + queues);
    }

    @Override
    public void onDelivered(Message message, String queue) {
      events.add("delivered " + message.text() + " " + queue.replaceAll("amq.gen-.*", "amq.gen"));
      if (message.text().equals("m")) {
        throw new IllegalStateException("what a listener throws is dropped");
      }
    }

    @Override
    public void onSettled(Message message, String queue, Settlement settlement) {
      events.add("settled " + message.text() + " " + settlement);
    }
  }

  private Device device(String user) throws MqttException {
    return clients.device("device-" + user, login(user, reversed(user)));
  }

  private Service service(String user) throws Exception {
    return clients.service(user, reversed(user));
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  private static MqttConnectOptions login(String user, String password) {
    MqttConnectOptions options = Device.options(true);
    options.setUserName(user);
    options.setPassword(password.toCharArray());
    return options;
  }

  // ---- Authenticator

  @Test
  @DisplayName("one authenticator lets both protocols in, and both are who it says")
  void authenticatorLetsIn() throws Exception {
    Inbox<Delivery> deliveries = service("anna").listen("#");
    device("otto").publish("a", "x", 1);

    assertThat(Service.text(deliveries.take())).isEqualTo("x");
    assertThat(passed).containsExactly("otto a");
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::user)
        .contains("anna", "otto");
  }

  @Test
  @DisplayName("a wrong password is refused in each protocol's words")
  void wrongPasswordIsRefused() throws Exception {
    assertThatThrownBy(() -> clients.device("d", login("otto", "wrong")))
        .isInstanceOf(MqttSecurityException.class)
        .extracting(e -> ((MqttException) e).getReasonCode())
        .isEqualTo((int) MqttException.REASON_CODE_FAILED_AUTHENTICATION);
    assertThatThrownBy(() -> clients.device("d", Device.options(true)))
        .extracting(e -> ((MqttException) e).getReasonCode())
        .isEqualTo((int) MqttException.REASON_CODE_NOT_AUTHORIZED);
    assertThatThrownBy(() -> clients.service("anna", "wrong"))
        .isInstanceOf(AuthenticationFailureException.class);
    assertThatThrownBy(() -> clients.service("guest", "guest"))
        .as("the built-in rule is replaced")
        .isInstanceOf(AuthenticationFailureException.class);
  }

  // ---- Authorizer

  @Test
  @DisplayName("who may not connect is refused by both protocols")
  void connectIsAuthorized() {
    assertThatThrownBy(() -> device("eve")).isInstanceOf(MqttException.class);
    assertThat(Service.replyCode(() -> service("eve"))).isIn(AMQP.NOT_ALLOWED, AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("a forbidden topic: MQTT 3 publisher closed, AMQP 403, for the same key")
  void publishIsAuthorized() throws Exception {
    Inbox<Delivery> deliveries = service("anna").listen("#");
    Device rude = device("otto");
    Service alsoRude = service("bob");

    assertThatThrownBy(() -> rude.publish("top/secret", "x", 1)).isInstanceOf(MqttException.class);
    rude.expectConnectionLost();
    alsoRude.channel.basicPublish("amq.topic", "top.secret", null, new byte[1]);
    assertThat(alsoRude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);

    device("polite").publish("fine", "fine", 1);
    assertThat(Service.text(deliveries.take())).isEqualTo("fine");
    assertThat(asked)
        .contains(
            "otto WRITE EXCHANGE amq.topic",
            "otto WRITE TOPIC top.secret",
            "bob WRITE EXCHANGE amq.topic",
            "bob WRITE TOPIC top.secret");
  }

  @Test
  @DisplayName("a forbidden filter: SUBACK 0x80 for MQTT, 403 for AMQP, others go on")
  void subscribeIsAuthorized() throws Exception {
    Device device = device("otto");
    Service service = service("anna");

    assertThatThrownBy(() -> device.subscribe("secret/#", 1)).isInstanceOf(MqttException.class);
    assertThat(Service.replyCode(() -> service.queue("secret.#"))).isEqualTo(AMQP.ACCESS_REFUSED);

    device.subscribe("open/#", 1);
    service("bob").publish("open.x", "seen");
    assertThat(device.take().text()).isEqualTo("seen");
    assertThat(asked)
        .contains("otto READ TOPIC secret.#", "anna READ TOPIC secret.#")
        .contains(
            "otto CONFIGURE QUEUE mqtt.session.device-otto",
            "otto READ QUEUE mqtt.session.device-otto");
  }

  @Test
  @DisplayName("an authorizer that fails allows nothing and harms nobody else")
  void failingAuthorizerRefuses() throws Exception {
    Device device = device("otto");
    Service service = service("anna");

    assertThatThrownBy(() -> device.subscribe("mistake", 1)).isInstanceOf(MqttException.class);
    assertThat(Service.replyCode(() -> service.queue("mistake"))).isEqualTo(AMQP.ACCESS_REFUSED);

    device.subscribe("open", 1);
    service("bob").publish("open", "seen");
    assertThat(device.take().text()).isEqualTo("seen");
  }

  // ---- PublishInterceptor

  @Test
  @DisplayName("one interceptor sees the messages of both protocols, in order [MAP-40]")
  void interceptorSeesBothProtocols() throws Exception {
    Device device = device("otto").subscribe("#", 1);

    device.publish("by/mqtt", "move", 1);
    service("anna").publish("by.amqp", "move");

    assertThat(device.inbox().take(2))
        .extracting(Device.Arrived::topic)
        .containsExactly("moved/here", "moved/here");
    assertThat(passed).containsExactly("otto by/mqtt", "anna by/amqp");
  }

  @Test
  @DisplayName("an interceptor may put another message in the place of one [MAP-40]")
  void interceptorRewrites() throws Exception {
    Inbox<Delivery> deliveries = service("anna").listen("#");

    device("otto").publish("t", "rewrite", 2);

    assertThat(Service.text(deliveries.take())).isEqualTo("rewritten");
  }

  @Test
  @DisplayName(
      "a refusal is a nack for AMQP and the end for an MQTT 3 connection [MAP-40] [MAP-14]")
  void interceptorRefuses() throws Exception {
    Service service = service("anna");
    service.channel.confirmSelect();
    service.channel.basicPublish("amq.topic", "t", null, "refuse".getBytes(StandardCharsets.UTF_8));
    assertThat(service.channel.waitForConfirms(20_000)).isFalse();
    assertThat(service.channel.isOpen()).isTrue();

    Device device = device("otto");
    assertThatThrownBy(() -> device.publish("t", "refuse", 1)).isInstanceOf(MqttException.class);
    assertThat(broker.broker().metrics().value("messages.refused")).isEqualTo(2);
  }

  @Test
  @DisplayName("an interceptor that fails refuses that message and disturbs nobody else [MAP-40]")
  void failingInterceptorRefuses() throws Exception {
    Inbox<Delivery> deliveries = service("anna").listen("#");
    Service service = service("bob");
    service.channel.confirmSelect();
    service.channel.basicPublish("amq.topic", "t", null, "fail".getBytes(StandardCharsets.UTF_8));
    assertThat(service.channel.waitForConfirms(20_000)).as("taken").isFalse();

    Device device = device("otto");
    assertThatThrownBy(() -> device.publish("t", "fail", 1)).isInstanceOf(MqttException.class);

    service.publish("t", "fine");
    assertThat(Service.text(deliveries.take())).isEqualTo("fine");
  }

  // ---- BrokerListener

  @Test
  @DisplayName("a listener watches both protocols, and what it throws harms nobody")
  void listenerWatches() throws Exception {
    Service service = service("anna");
    Inbox<Delivery> deliveries = service.consume(service.queue("t"));
    assertThat(events.take()).isEqualTo("connected anna AMQP 0-9-1 127.0.0.1");
    Device device = device("otto");
    assertThat(events.take()).isEqualTo("connected otto MQTT 3.1.1 127.0.0.1");

    device.publish("t", "m", 1);
    Delivery delivery = deliveries.take();
    assertThat(events.take(2)).containsExactlyInAnyOrder("published m 1", "delivered m amq.gen");
    service.channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
    assertThat(events.take()).isEqualTo("settled m ACCEPT");

    device.disconnect();
    assertThat(events.take()).isEqualTo("disconnected otto MQTT 3.1.1 127.0.0.1");
    service.connection.close();
    assertThat(events.take()).isEqualTo("disconnected anna AMQP 0-9-1 127.0.0.1");
  }
}

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.Credentials;
import io.carrick.spi.PublishInterceptor;
import io.carrick.spi.Resource;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/extending.md shows. */
class ExtendingTest {

  // snippet
  private final Map<String, byte[]> passwords =
      Map.of("t1", "s3cret".getBytes(StandardCharsets.UTF_8));

  private final Authenticator byPassword =
      credentials ->
          Optional.ofNullable(passwords.get(credentials.user()))
              .filter(password -> MessageDigest.isEqual(password, credentials.password()))
              .map(password -> Identity.ofUser(credentials.user()));

  private final Authorizer ownTopicsOnly =
      (who, action, what) ->
          action != Action.WRITE
              || what.kind() != Kind.TOPIC
              || what.name().startsWith("devices." + who.user() + ".");

  // end

  @Test
  void anAuthenticatorLetsPartiesIn() {
    assertThat(byPassword.authenticate(login("t1", "s3cret"))).contains(Identity.ofUser("t1"));
    assertThat(byPassword.authenticate(login("t1", "wrong"))).isEmpty();
    assertThat(byPassword.authenticate(login("t2", "s3cret"))).isEmpty();
  }

  private static Credentials login(String user, String password) {
    return new Credentials(user, password.getBytes(StandardCharsets.UTF_8), "", "mqtt", false);
  }

  @Test
  void anAuthorizerSaysWhatPartiesMayDo() {
    Identity t1 = Identity.ofUser("t1");
    Resource own = Resource.topic("/", "amq.topic", "devices.t1.temp");
    Resource other = Resource.topic("/", "amq.topic", "devices.t2.temp");
    assertThat(ownTopicsOnly.allows(t1, Action.WRITE, own)).isTrue();
    assertThat(ownTopicsOnly.allows(t1, Action.WRITE, other)).isFalse();
    assertThat(ownTopicsOnly.allows(t1, Action.READ, other)).isTrue();
  }

  // snippet
  private final PublishInterceptor noSecrets =
      message -> {
        if (message.text().contains("password=")) {
          throw new PublishRejectedException(Refusal.INTERCEPTED, "no passwords, please");
        }
        return message;
      };

  private final LongAdder bytesIn = new LongAdder();

  private final BrokerListener meter =
      new BrokerListener() {
        @Override
        public void onPublished(Message message, int queues) {
          bytesIn.add(message.payload().length);
        }
      };

  // end

  // snippet
  private final EmbeddedBroker.Builder description =
      EmbeddedBroker.builder()
          .adapter(Mqtt.onAnyPort())
          .adapter(Amqp.onAnyPort())
          .authenticator(byPassword)
          .authorizer(ownTopicsOnly)
          .interceptor(noSecrets)
          .listener(meter)
          .exchangeType(new PatternType());

  // end

  @RegisterExtension final BrokerExtension extended = BrokerExtension.of(description);

  @Test
  void anInterceptorRefusesAndAListenerWatches() {
    var topics = extended.client().publisher("amq.fanout");
    extended.await(topics.publish("", Message.of("hello")));
    var refused = topics.publish("", Message.of("password=1"));

    assertThatThrownBy(() -> extended.await(refused))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(PublishRejectedException.class);
    assertThat(bytesIn.sum()).isEqualTo("hello".length());
  }

  @Test
  void anExchangeOfOnesOwnTypeRoutes() {
    Broker broker = extended.broker();
    try (Client client = broker.connect()) {
      // snippet
      client.topology().exchange("regions", "x-pattern").declare();
      client.topology().queue("europe").declare();
      client.topology().bind(Binding.of("regions", "europe", "eu-[a-z]+"));
      // end
    }
    MessageProbe europe = extended.probe(Source.queue("europe"));

    extended.client().publisher("regions").send("us-east", Message.of("no"));
    extended.client().publisher("regions").send("eu-north", Message.of("yes"));

    assertThat(europe.take().message().text()).isEqualTo("yes");
  }
}

package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.CredentialsProvider;
import com.rabbitmq.client.impl.CredentialsRefreshService;
import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Credentials;
import io.carrick.transport.NettyLoops;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * RabbitMQ's own client, whose secret runs out: it shows the next one, which is checked like the
 * first.
 */
@Timeout(30)
@Tag("amqp091:connection.update-secret")
@Tag("amqp091:connection.update-secret-ok")
class SecretUpdateTest {

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch known = new CountDownLatch(1);

  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(NettyLoops.factory(1))
          .adapter(Amqp.onAnyPort())
          .authenticator(this::authenticate)
          .start();

  private final BlockingQueue<ShutdownSignalException> closed = new LinkedBlockingQueue<>();
  private String secret = "first";
  private Callable<Boolean> refresh = () -> false;
  private Connection connection;

  /** A user has another name than that of the login, and one secret after the other. */
  private Optional<Identity> authenticate(Credentials shown) {
    return switch (shown.user() + ":" + new String(shown.password(), StandardCharsets.UTF_8)) {
      case "login:first", "login:second" -> Optional.of(Identity.ofUser("anna"));
      case "login:of another" -> Optional.of(Identity.ofUser("bob"));
      case "guest:guest" -> Optional.of(Identity.ofUser("guest"));
      case "guest:slow" -> {
        asked.countDown();
        awaitUninterrupted(known);
        yield Optional.of(Identity.ofUser("guest"));
      }
      default -> Optional.empty();
    };
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Secrets implements CredentialsProvider, CredentialsRefreshService {

    @Override
    public String getUsername() {
      return "login";
    }

    @Override
    public String getPassword() {
      return secret;
    }

    @Override
    public Duration getTimeBeforeExpiration() {
      return Duration.ofHours(1);
    }

    @Override
    public String register(CredentialsProvider of, Callable<Boolean> action) {
      refresh = action;
      return "";
    }

    @Override
    public void unregister(CredentialsProvider of, String registration) {}

    @Override
    public boolean isApproachingExpiration(Duration left) {
      return false;
    }
  }

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setCredentialsProvider(new Secrets());
    factory.setCredentialsRefreshService(new Secrets());
    connection = factory.newConnection();
    connection.addShutdownListener(closed::add);
  }

  @AfterEach
  void close() {
    connection.abort();
    broker.close();
  }

  @Test
  void aSecretThatIsRightIsTakenAndTheConnectionGoesOn() throws Exception {
    secret = "second";
    assertThat(refresh.call()).isTrue();
    assertThat(refresh.call()).isTrue();
    connection.createChannel().queueDeclare();
    assertThat(broker.metrics().value("logins.refused")).isZero();
  }

  @Test
  void aSecretThatIsWrongEndsTheConnectionAsRabbitMqDoes() throws Exception {
    assertRefused("wrong");
    assertThat(broker.metrics().value("logins.refused")).isEqualTo(1);
  }

  @Test
  void aSecretOfAnotherUserIsWrong() throws Exception {
    assertRefused("of another");
  }

  @Test
  void whatFollowsInTheSameReadWaitsForTheAnswer() throws Exception {
    try (var raw = new RawSocket(broker.address("amqp")).open(0)) {
      byte[] secret = "slow".getBytes(StandardCharsets.UTF_8);
      var both = new ByteArrayOutputStream();
      both.write(RawClient.frames(0, new ConnectionMethod.UpdateSecret(secret, "it runs out")));
      both.write(RawClient.frames(1, new ChannelMethod.Open()));
      raw.send(both.toByteArray());
      awaitUninterrupted(asked);
      connection.createChannel().queueDeclare(); // the loop has gone on with others since
      known.countDown();

      assertThat(raw.next(Method.class)).isInstanceOf(ConnectionMethod.UpdateSecretOk.class);
      assertThat(raw.next(Method.class)).isInstanceOf(ChannelMethod.OpenOk.class);
    }
  }

  /** RabbitMQ's own users have passwords, which do not run out. */
  @Test
  void whereSecretsDoNotRunOutAnyIsTaken() throws Exception {
    try (Broker plain = EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).start();
        var raw = new RawSocket(plain.address("amqp")).open(0)) {
      byte[] other = "other".getBytes(StandardCharsets.UTF_8);
      raw.send(RawClient.frames(0, new ConnectionMethod.UpdateSecret(other, "no reason")));
      assertThat(raw.next(Method.class)).isInstanceOf(ConnectionMethod.UpdateSecretOk.class);
    }
  }

  private void assertRefused(String wrong) throws Exception {
    secret = wrong;
    assertThat(refresh.call()).isFalse();
    var close = (AMQP.Connection.Close) closed.poll(10, TimeUnit.SECONDS).getReason();
    assertThat(close.getReplyCode()).isEqualTo(530);
    assertThat(close.getReplyText())
        .isEqualTo("NOT_ALLOWED - New secret was refused by one of the backends");
    assertThat(close.getClassId()).isEqualTo(10);
    assertThat(close.getMethodId()).isEqualTo(70);
  }
}

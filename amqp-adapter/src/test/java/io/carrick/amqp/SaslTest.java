package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.SaslConfig;
import com.rabbitmq.client.SaslMechanism;
import com.rabbitmq.client.impl.LongStringHelper;
import io.carrick.Identity;
import io.carrick.PasswordHash;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins of several steps and of none, by RabbitMQ's client with mechanisms of the test's. */
@Timeout(60)
class SaslTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Amqp.onAnyPort())
                  .users(
                      Users.none()
                          .with(
                              User.of("user=,")
                                  .withPassword(PasswordHash.of("pencil", 4_096))
                                  .permitted("/"))
                          .with(User.of("everybody").permitted("/")))
                  .mechanism(io.carrick.spi.SaslMechanism.anonymous(Identity.ofUser("everybody"))))
          .realTime();

  private final List<Connection> connections = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private final List<String> offered = new ArrayList<>();

  @AfterEach
  void disconnect() {
    connections.forEach(Connection::abort);
  }

  private Connection connect(SaslMechanism mechanism, String user, String password)
      throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setAutomaticRecoveryEnabled(false);
    SaslConfig config =
        mechanisms -> {
          offered.addAll(Arrays.asList(mechanisms));
          return mechanism;
        };
    factory.setSaslConfig(config);
    Connection connection = factory.newConnection("test");
    connections.add(connection);
    return connection;
  }

  private String userOf(Connection connection) {
    assertThat(connection.isOpen()).isTrue();
    return broker.broker().connections().get(0).user();
  }

  @Test
  @Tag("amqp091:SCRAM-SHA-256")
  @Tag("amqp091:connection.secure")
  void whoProvesToKnowThePasswordIsLetInAndHearsThatWeKnowItToo() throws Exception {
    Connection connection = connect(new Scram(text -> text), "user=,", "pencil");
    assertThat(userOf(connection)).isEqualTo("user=,");
    assertThat(offered).containsExactly("PLAIN", "AMQPLAIN", "SCRAM-SHA-256", "ANONYMOUS");
    assertThat(heard).hasSize(2);
    assertThat(heard.get(0)).matches("r=abc.{24},s=.{24},i=4096");
    assertThat(heard.get(1)).as("the proof that the server knows it").startsWith("v=");
    connection.createChannel().queueDeclare("q", false, false, false, null);
  }

  @Test
  @Tag("amqp091:SCRAM-SHA-256")
  void whoDoesNotKnowItIsRefusedAsIsWhoIsNotThere() {
    for (String user : List.of("user=,", "nobody")) {
      assertThatThrownBy(() -> connect(new Scram(text -> text), user, "pen"))
          .isInstanceOf(AuthenticationFailureException.class)
          .hasMessageContaining("refused using authentication mechanism SCRAM-SHA-256");
    }
    assertThat(heard).as("both were asked").hasSize(2);
    assertThat(broker.broker().metrics().value("logins.refused")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "c=biws,r=x,p=x"})
  @Tag("amqp091:connection.secure-ok")
  void whatIsNoAnswerIsRefused(String answer) {
    assertThatThrownBy(() -> connect(new Scram(text -> answer), "user=,", "pencil"))
        .isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  @Tag("amqp091:ANONYMOUS")
  void whoSaysNothingIsLetInAsTheBuilderSays() throws Exception {
    Connection connection = connect(new Fixed("ANONYMOUS", c -> ""), "", "");
    assertThat(userOf(connection)).isEqualTo("everybody");
    connection.createChannel().queueDeclare("q", false, false, false, null);
  }

  @Test
  @Tag("amqp091:PLAIN")
  void thePasswordServesPlainAsWell() throws Exception {
    Connection connection =
        connect(new Fixed("PLAIN", c -> "\0user=,\0pencil"), "user=,", "pencil");
    assertThat(userOf(connection)).isEqualTo("user=,");
  }

  /** Says what a function says. */
  private static class Fixed implements SaslMechanism {

    private final String name;
    private final Function<String, String> answers;

    Fixed(String name, Function<String, String> answers) {
      this.name = name;
      this.answers = answers;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public LongString handleChallenge(LongString challenge, String user, String password) {
      String asked = challenge == null ? "" : challenge.toString();
      return LongStringHelper.asLongString(answers.apply(asked));
    }
  }

  /** The client's side of SCRAM-SHA-256. */
  private final class Scram implements SaslMechanism {

    private final UnaryOperator<String> change;
    private String bare = "";

    Scram(UnaryOperator<String> change) {
      this.change = change;
    }

    @Override
    public String getName() {
      return "SCRAM-SHA-256";
    }

    @Override
    public LongString handleChallenge(LongString challenge, String user, String password) {
      if (challenge == null) {
        bare = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=abc";
        return LongStringHelper.asLongString("n,," + bare);
      }
      String asked = new String(challenge.getBytes(), StandardCharsets.UTF_8);
      heard.add(asked);
      if (asked.startsWith("v=")) {
        return LongStringHelper.asLongString("");
      }
      return LongStringHelper.asLongString(change.apply(proof(asked, password)));
    }

    private String proof(String asked, String password) {
      String[] parts = asked.split(",", 3);
      byte[] salt = Base64.getDecoder().decode(parts[1].substring(2));
      int iterations = Integer.parseInt(parts[2].substring(2));
      String withoutProof = "c=biws," + parts[0];
      try {
        var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 256);
        byte[] salted =
            SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        byte[] key = hmac(salted, "Client Key".getBytes(StandardCharsets.UTF_8));
        byte[] stored = java.security.MessageDigest.getInstance("SHA-256").digest(key);
        String signed = bare + "," + asked + "," + withoutProof;
        byte[] signature = hmac(stored, signed.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < key.length; i++) {
          key[i] ^= signature[i];
        }
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(key);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private static byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text);
    }
  }
}

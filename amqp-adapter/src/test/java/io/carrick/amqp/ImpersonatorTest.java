package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.engine.EmbeddedBroker;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In whose name a user may publish. */
@Timeout(30)
@Tag("amqp091:user-id")
class ImpersonatorTest {

  private final Broker broker =
      EmbeddedBroker.builder()
          .adapter(Amqp.onAnyPort())
          .authenticator(
              shown -> {
                Identity who = Identity.ofUser(shown.user());
                boolean actor = shown.user().equals("actor");
                return Optional.of(actor ? who.withTags(Set.of("impersonator")) : who);
              })
          .start();

  @AfterEach
  void close() {
    broker.close();
  }

  private Connection connect(String user) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setUsername(user);
    return factory.newConnection();
  }

  private static AMQP.BasicProperties by(String user) {
    return new AMQP.BasicProperties.Builder().userId(user).build();
  }

  @Test
  void onlyAnImpersonatorMayPublishInTheNameOfAnother() throws Exception {
    try (Connection plain = connect("plain");
        Connection actor = connect("actor")) {
      Channel channel = actor.createChannel();
      channel.queueDeclare("q", false, false, false, null);
      channel.basicPublish("", "q", by("anna"), new byte[0]);
      assertThat(channel.basicGet("q", true).getProps().getUserId()).isEqualTo("anna");

      var closed = new LinkedBlockingQueue<ShutdownSignalException>();
      Channel refused = plain.createChannel();
      refused.addShutdownListener(closed::add);
      refused.basicPublish("", "q", by("plain"), new byte[0]);
      refused.basicPublish("", "q", by("anna"), new byte[0]);
      var close = (AMQP.Channel.Close) closed.poll(10, TimeUnit.SECONDS).getReason();
      assertThat(close.getReplyText())
          .isEqualTo(
              "PRECONDITION_FAILED - user_id property set to 'anna' but authenticated user was"
                  + " 'plain'");
      assertThat(channel.basicGet("q", true).getProps().getUserId()).isEqualTo("plain");
      assertThat(channel.basicGet("q", true)).isNull();
    }
  }
}

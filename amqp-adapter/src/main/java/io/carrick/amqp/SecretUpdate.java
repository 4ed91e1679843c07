package io.carrick.amqp;

import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.transport.Connection;
import java.util.function.Consumer;

/**
 * A client shows another secret while it is connected: RabbitMQ's {@code connection.update-secret},
 * with which it goes on beyond the time of the first. Confined to the event loop of its connection.
 */
final class SecretUpdate {

  private final Connection connection;
  private final AdapterContext context;
  private final FrameOutput output;
  private final Consumer<AmqpException> refused;

  SecretUpdate(
      Connection connection,
      AdapterContext context,
      FrameOutput output,
      Consumer<AmqpException> refused) {
    this.connection = connection;
    this.context = context;
    this.output = output;
    this.refused = refused;
  }

  /**
   * Checks the secret with whoever checked the first; until there is an answer nothing more is
   * read.
   *
   * @param login by which the client has logged in
   * @param who has logged in
   */
  void show(ConnectionMethod.UpdateSecret method, String login, Identity who) {
    var credentials =
        new Credentials(
            login.isEmpty() ? who.user() : login, // a certificate has no name to log in by
            method.secret(),
            "",
            "amqp",
            connection.remoteLoopback(),
            connection.peerCertificates());
    connection.pauseReading();
    context.authenticateAgain(connection.loop(), credentials, who, new Answer(method, who));
  }

  private final class Answer implements Completion<Identity> {

    private final ConnectionMethod.UpdateSecret method;
    private final Identity before;

    Answer(ConnectionMethod.UpdateSecret method, Identity before) {
      this.method = method;
      this.before = before;
    }

    @Override
    public void completed(Identity now) {
      if (connection.closed()) {
        return;
      }
      if (now.user().equals(before.user())) {
        output.method(0, new ConnectionMethod.UpdateSecretOk());
      } else {
        refuse();
      }
      connection.resumeReading();
    }

    @Override
    public void failed(BrokerException reason) {
      if (!connection.closed()) {
        refuse();
        connection.resumeReading();
      }
    }

    private void refuse() {
      refused.accept(
          new AmqpException(
              ReplyCode.NOT_ALLOWED,
              "New secret was refused by one of the backends",
              method.classId(),
              method.methodId()));
    }
  }
}

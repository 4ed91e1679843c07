package io.carrick.amqp;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.DrainingException;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.NotFoundException;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslLogin;
import io.carrick.spi.SaslMechanism;
import io.carrick.transport.Connection;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From the protocol header to connection.open-ok: login, limits, virtual host. AMQP 0-9-1 §2.2.4.
 * Confined to the event loop of its connection.
 */
final class Handshake {

  private static final int HEARTBEAT_SECONDS = 60;

  /** What a client names that was not told otherwise. */
  private static final String DEFAULT_VIRTUAL_HOST = "/";

  /** Before a client has shown anything, and when it need not any more. */
  private static final Credentials NOBODY = new Credentials("", new byte[0], "", "amqp", false);

  private final Connection connection;
  private final AdapterContext context;

  /** The only one that this leads to, if it is so. */
  private final Optional<String> virtualHost;

  private final FrameOutput output;
  private final Host host;
  private Step step = Step.START_OK;
  private ClientProperties client = ClientProperties.UNKNOWN;
  private Credentials credentials = NOBODY;
  private Identity identity = Identity.ANONYMOUS;
  private String mechanism = "";

  /** Null, if the client shows all that it has at once. */
  private @Nullable SaslLogin conversation;

  /** Who is let in when it has heard the last word; null before. */
  private @Nullable Identity accepted;

  /** What is awaited. */
  private enum Step {
    START_OK("starting"),
    LOGIN("securing"),
    SECURE_OK("securing"),
    TUNE_OK("tuning"),
    OPEN("opening"),
    ATTACHED("opening");

    /** RabbitMQ's name of that state. */
    private final String text;

    Step(String text) {
      this.text = text;
    }
  }

  /** What the peer has chosen. Immutable; 0 stands for no limit or no heartbeat. */
  record Terms(int channelMax, int frameBytes, int heartbeatSeconds) {}

  /** The connection whose handshake this is. */
  interface Host extends AttachmentListener {

    /** The limits are agreed upon. */
    void tuned(Terms terms);

    /** The handshake is complete. */
    void opened(Attachment attachment, ClientProperties client);

    /** The peer did wrong, or was refused, and is told. */
    void fail(AmqpException reason);

    /** The peer was refused and would not understand why. */
    void drop(AmqpException reason);
  }

  Handshake(
      Connection connection,
      AdapterContext context,
      Optional<String> virtualHost,
      FrameOutput output,
      Host host) {
    this.connection = connection;
    this.context = context;
    this.virtualHost = virtualHost;
    this.output = output;
    this.host = host;
  }

  /** The protocol header has come. */
  void start() {
    String mechanisms =
        Login.mechanisms(!connection.peerCertificates().isEmpty(), context.mechanisms());
    output.method(
        0, new ConnectionMethod.Start(0, 9, ClientProperties.ourProperties(), mechanisms, "en_US"));
  }

  void method(ConnectionMethod method) {
    if (step == Step.START_OK && method instanceof ConnectionMethod.StartOk startOk) {
      startOk(startOk);
    } else if (step == Step.SECURE_OK && method instanceof ConnectionMethod.SecureOk secureOk) {
      secureOk(secureOk);
    } else if (step == Step.TUNE_OK && method instanceof ConnectionMethod.TuneOk tuneOk) {
      tuneOk(tuneOk);
    } else if (step == Step.OPEN && method instanceof ConnectionMethod.Open open) {
      open(open);
    } else {
      throw unexpected(method, step.text);
    }
  }

  /** What to answer to a method out of order, in RabbitMQ's words. */
  static AmqpException unexpected(Method method, String state) {
    return new AmqpException(
            ReplyCode.CHANNEL_ERROR, "unexpected method in connection state " + state)
        .blaming(method.classId(), method.methodId());
  }

  private void startOk(ConnectionMethod.StartOk startOk) {
    int depth = context.limits().count(Limit.TABLE_DEPTH);
    var shown = new Login(connection, depth);
    mechanism = startOk.mechanism();
    if (context.mechanisms().contains(mechanism)) {
      credentials = shown.peer();
      client = ClientProperties.of("", startOk.clientProperties());
      conversation = context.login(connection.loop(), mechanism, credentials);
      converse(startOk.response());
      return;
    }
    credentials = shown.credentials(startOk);
    client = ClientProperties.of(credentials.user(), startOk.clientProperties());
    step = Step.LOGIN;
    connection.pauseReading();
    context.authenticate(
        connection.loop(), credentials, new Answer<>(this::loggedIn, e -> refused()));
  }

  // ---- a login of several steps

  private void secureOk(ConnectionMethod.SecureOk secureOk) {
    if (accepted != null) {
      loggedIn(accepted); // it has heard the last word
    } else {
      converse(secureOk.response());
    }
  }

  private void converse(byte[] response) {
    SaslLogin login = conversation;
    if (login == null) {
      throw new IllegalStateException("no conversation");
    }
    step = Step.LOGIN;
    connection.pauseReading();
    login.respond(response, new Answer<>(this::goOn, e -> refused()));
  }

  /** AMQP 0-9-1 §1.4.2.3 connection.secure; a last word of the broker is one challenge more. */
  private void goOn(SaslMechanism.Step next) {
    accepted = next.identity().orElse(null);
    if (accepted != null && next.bytes().length == 0) {
      loggedIn(accepted);
    } else {
      step = Step.SECURE_OK;
      output.method(0, new ConnectionMethod.Secure(next.bytes()));
    }
  }

  private void refused() {
    var reason =
        new AmqpException(
            ReplyCode.ACCESS_REFUSED,
            "login was refused using authentication mechanism " + mechanism);
    if (client.authenticationFailureClose()) {
      host.fail(reason);
    } else {
      host.drop(reason); // AMQP 0-9-1 §2.2.4: a failed login has no words of its own
    }
  }

  private void loggedIn(Identity who) {
    identity = who;
    step = Step.TUNE_OK;
    output.method(
        0, new ConnectionMethod.Tune(offeredChannels(), offeredFrame(), HEARTBEAT_SECONDS));
  }

  private int offeredChannels() {
    return Math.min(0xFFFF, context.limits().count(Limit.CHANNELS));
  }

  private int offeredFrame() {
    return Math.max(FrameReader.MIN_FRAME_BYTES, context.limits().count(Limit.FRAME_BYTES));
  }

  private void tuneOk(ConnectionMethod.TuneOk tuneOk) {
    if (tuneOk.frameMax() != 0 && tuneOk.frameMax() < FrameReader.MIN_FRAME_BYTES) {
      throw new AmqpException(
          ReplyCode.NOT_ALLOWED,
          "frame_max=" + tuneOk.frameMax() + " < " + FrameReader.MIN_FRAME_BYTES + " min size");
    }
    negotiated("frame_max", tuneOk.frameMax(), offeredFrame());
    negotiated("channel_max", tuneOk.channelMax(), offeredChannels());
    step = Step.OPEN;
    host.tuned(new Terms(tuneOk.channelMax(), (int) tuneOk.frameMax(), tuneOk.heartbeat()));
  }

  private static void negotiated(String what, long chosen, long offered) {
    if (chosen == 0 || chosen > offered) {
      throw new AmqpException(
          ReplyCode.NOT_ALLOWED,
          "negotiated "
              + what
              + " = "
              + chosen
              + " is higher than the maximum allowed value ("
              + offered
              + ")");
    }
  }

  private void open(ConnectionMethod.Open open) {
    step = Step.ATTACHED;
    String there = virtualHost.orElse(open.virtualHost());
    if (!there.equals(open.virtualHost()) && !open.virtualHost().equals(DEFAULT_VIRTUAL_HOST)) {
      notAttached(new NotFoundException(open.virtualHost()), open);
      return;
    }
    connection.pauseReading();
    var request = new AttachRequest(there, credentials, "AMQP 0-9-1", client.connectionName());
    credentials = NOBODY;
    context.attach(
        connection.loop(),
        identity,
        request,
        host,
        new Answer<>(this::attached, e -> notAttached(e, open)));
  }

  private void attached(Attachment attachment) {
    connection.loggedIn();
    output.method(0, new ConnectionMethod.OpenOk());
    host.opened(attachment, client);
  }

  private void notAttached(BrokerException reason, ConnectionMethod.Open open) {
    if (reason instanceof DrainingException elsewhere) {
      host.drained(elsewhere.referral());
      return;
    }
    String text =
        reason instanceof AccessRefusedException
            ? "access to vhost '"
                + open.virtualHost()
                + "' refused for user '"
                + identity.user()
                + "'"
            : "vhost " + open.virtualHost() + " not found";
    host.fail(new AmqpException(ReplyCode.NOT_ALLOWED, text, open.classId(), open.methodId()));
  }

  /** An answer of the broker, before which nothing more is read. */
  private final class Answer<T> implements Completion<T> {

    private final Consumer<T> then;
    private final Consumer<BrokerException> otherwise;

    Answer(Consumer<T> then, Consumer<BrokerException> otherwise) {
      this.then = then;
      this.otherwise = otherwise;
    }

    @Override
    public void completed(T value) {
      if (!connection.closed()) {
        then.accept(value);
        connection.resumeReading();
      } else if (value instanceof Attachment attachment) {
        attachment.close();
      }
    }

    @Override
    public void failed(BrokerException reason) {
      if (!connection.closed()) {
        otherwise.accept(reason);
        connection.resumeReading();
      }
    }
  }
}

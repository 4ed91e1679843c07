package io.carrick.amqp;

import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Credentials;
import io.carrick.transport.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** How a client shows who it is. Confined to its connection's loop. */
final class Login {

  private static final String MECHANISMS = "PLAIN AMQPLAIN";

  private final Connection connection;
  private final int tableDepth;

  Login(Connection connection, int tableDepth) {
    this.connection = connection;
    this.tableDepth = tableDepth;
  }

  /**
   * Returns what a client may choose from; EXTERNAL is for who has shown a certificate.
   *
   * @param more those that are the broker's
   */
  static String mechanisms(boolean certificate, List<String> more) {
    var all = new StringJoiner(" ").add(MECHANISMS);
    if (certificate) {
      all.add("EXTERNAL");
    }
    more.forEach(all::add);
    return all.toString();
  }

  /** Returns what is known of a client before it has said who it is. */
  Credentials peer() {
    return of("", new byte[0]);
  }

  Credentials credentials(ConnectionMethod.StartOk startOk) {
    return switch (startOk.mechanism()) {
      case "PLAIN" -> plain(startOk.response());
      case "AMQPLAIN" -> amqplain(startOk.response());
      case "EXTERNAL" -> external(startOk);
      default -> throw unknown(startOk);
    };
  }

  private static AmqpException unknown(ConnectionMethod.StartOk startOk) {
    return new AmqpException(
        ReplyCode.COMMAND_INVALID,
        "unknown authentication mechanism '" + startOk.mechanism() + "'");
  }

  private Credentials of(String user, byte[] password) {
    return new Credentials(
        user, password, "", "amqp", connection.remoteLoopback(), connection.peerCertificates());
  }

  /** RFC 4422 Appendix A: whom the certificate names; an identity to act as is not used. */
  private Credentials external(ConnectionMethod.StartOk startOk) {
    Credentials shown = peer();
    if (shown.certificates().isEmpty()) {
      throw unknown(startOk);
    }
    return shown;
  }

  /** RFC 4616: identity to act as (not used), NUL, user, NUL, password. */
  private Credentials plain(byte[] response) {
    int user = indexOfNul(response, 0) + 1;
    int password = user == 0 ? 0 : indexOfNul(response, user) + 1;
    if (password == 0) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "the response is not one of PLAIN");
    }
    return of(
        new String(response, user, password - 1 - user, StandardCharsets.UTF_8),
        Arrays.copyOfRange(response, password, response.length));
  }

  private static int indexOfNul(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  /** A field table without its length. */
  private Credentials amqplain(byte[] response) {
    ByteBuf table = Unpooled.buffer(4 + response.length);
    table.writeInt(response.length).writeBytes(response);
    Map<String, Object> fields =
        new FieldReader(tableDepth).over(table, 0, table.readableBytes()).table();
    if (!(fields.get("LOGIN") instanceof String user)) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "the response has no LOGIN");
    }
    return of(user, secret(fields.get("PASSWORD")));
  }

  private static byte[] secret(@org.jspecify.annotations.Nullable Object password) {
    if (password instanceof String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    } else if (password instanceof byte[] bytes) {
      return bytes;
    }
    throw new AmqpException(ReplyCode.SYNTAX_ERROR, "the response has no PASSWORD");
  }
}

package io.carrick.amqp;

import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Credentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** How clients show who they are. Stateless. */
final class Login {

  static final String MECHANISMS = "PLAIN AMQPLAIN";

  private Login() {}

  static Credentials credentials(
      ConnectionMethod.StartOk startOk, boolean loopback, int tableDepth) {
    return switch (startOk.mechanism()) {
      case "PLAIN" -> plain(startOk.response(), loopback);
      case "AMQPLAIN" -> amqplain(startOk.response(), loopback, tableDepth);
      default ->
          throw new AmqpException(
              ReplyCode.COMMAND_INVALID,
              "unknown authentication mechanism '" + startOk.mechanism() + "'");
    };
  }

  /** RFC 4616: identity to act as (not used), NUL, user, NUL, password. */
  private static Credentials plain(byte[] response, boolean loopback) {
    int user = indexOfNul(response, 0) + 1;
    int password = user == 0 ? 0 : indexOfNul(response, user) + 1;
    if (password == 0) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "the response is not one of PLAIN");
    }
    return new Credentials(
        new String(response, user, password - 1 - user, StandardCharsets.UTF_8),
        Arrays.copyOfRange(response, password, response.length),
        "",
        "amqp",
        loopback);
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
  private static Credentials amqplain(byte[] response, boolean loopback, int tableDepth) {
    ByteBuf table = Unpooled.buffer(4 + response.length);
    table.writeInt(response.length).writeBytes(response);
    Map<String, Object> fields =
        new FieldReader(tableDepth).over(table, 0, table.readableBytes()).table();
    if (!(fields.get("LOGIN") instanceof String user)) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "the response has no LOGIN");
    }
    return new Credentials(user, secret(fields.get("PASSWORD")), "", "amqp", loopback);
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

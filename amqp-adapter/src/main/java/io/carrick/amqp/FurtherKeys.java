package io.carrick.amqp;

import io.carrick.Annotations;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ReplyCode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The routing keys that a publisher names in the headers {@code CC} and {@code BCC}: RabbitMQ's
 * sender-selected distribution. Stateless.
 */
final class FurtherKeys {

  /** Keys that everybody may know of. */
  private static final String CC = "CC";

  /** Keys that nobody is told of. */
  static final String BCC = "BCC";

  private FurtherKeys() {}

  /**
   * Returns what is to be noted on a message with those headers.
   *
   * @throws AmqpException 406 if one is no array
   */
  static Annotations of(AmqpProperties properties, BasicMethod.Publish method) {
    Map<String, Object> headers = properties.headers();
    Set<String> open = new TreeSet<>(texts(CC, headers.get(CC), method));
    Set<String> hidden = new TreeSet<>(texts(BCC, headers.get(BCC), method));
    hidden.removeAll(open);
    if (open.isEmpty() && hidden.isEmpty()) {
      return Annotations.NONE;
    }
    var keys = new ArrayList<RoutingKey>(open.size() + hidden.size());
    open.forEach(key -> keys.add(RoutingKey.ofKey(key)));
    hidden.forEach(key -> keys.add(RoutingKey.ofKey(key)));
    return Annotations.NONE.withFurtherKeys(keys, hidden.size());
  }

  /** What is no text is passed over, as in RabbitMQ. */
  private static List<String> texts(
      String header, @Nullable Object value, BasicMethod.Publish method) {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw new AmqpException(
          ReplyCode.PRECONDITION_FAILED,
          "invalid message: {unacceptable_type_in_header,\"" + header + "\"," + type(value) + "}",
          method.classId(),
          method.methodId());
    }
    return list.stream().filter(String.class::isInstance).map(String.class::cast).toList();
  }

  /** RabbitMQ's name of a field's type. */
  private static String type(Object value) {
    if (value instanceof String) {
      return "longstr";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Byte) {
      return "byte";
    } else if (value instanceof Short) {
      return "short";
    } else if (value instanceof Integer) {
      return "signedint";
    } else if (value instanceof Long) {
      return "long";
    } else if (value instanceof Float) {
      return "float";
    } else if (value instanceof Double) {
      return "double";
    } else if (value instanceof BigDecimal) {
      return "decimal";
    } else if (value instanceof Instant) {
      return "timestamp";
    } else if (value instanceof Map) {
      return "table";
    }
    return value == MessageProperties.VOID ? "void" : "binary";
  }
}

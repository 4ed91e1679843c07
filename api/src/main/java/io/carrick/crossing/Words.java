package io.carrick.crossing;

import io.carrick.HeaderNames;
import java.util.Set;

/** Which names are the bridge's own. Stateless. */
final class Words {

  /** User properties that stand for something else than a header of their name. */
  private static final Set<String> OF_AMQP =
      Set.of(
          HeaderNames.AMQP_ROUTING_KEY,
          HeaderNames.AMQP_CONTENT_ENCODING,
          HeaderNames.AMQP_PRIORITY,
          HeaderNames.AMQP_REPLY_TO,
          HeaderNames.AMQP_MESSAGE_ID,
          HeaderNames.AMQP_TIMESTAMP,
          HeaderNames.AMQP_TYPE,
          HeaderNames.AMQP_USER_ID,
          HeaderNames.AMQP_APP_ID,
          HeaderNames.AMQP_JSON,
          HeaderNames.AMQP_BASE64,
          HeaderNames.AMQP_TYPES);

  /** Headers that stand for something else than a user property of their name. */
  private static final Set<String> OF_MQTT =
      Set.of(
          HeaderNames.REPLY_TO_TOPIC,
          HeaderNames.CORRELATION_ID,
          HeaderNames.MQTT_TOPIC,
          HeaderNames.MQTT_QOS,
          HeaderNames.MQTT_RETAIN,
          HeaderNames.MQTT_RETAINED,
          HeaderNames.MQTT_USER_PROPERTIES,
          HeaderNames.MQTT_RESPONSE_TOPIC,
          HeaderNames.MQTT_PAYLOAD_FORMAT,
          HeaderNames.MQTT_CONTENT_TYPE,
          HeaderNames.MQTT_MESSAGE_EXPIRY,
          HeaderNames.MQTT_CLIENT_ID,
          HeaderNames.MQTT_USERNAME);

  private Words() {}

  /** Returns whether a user property of that name is no header of that name. */
  static boolean noHeader(String name) {
    return name.startsWith("x-")
        && (name.startsWith(HeaderNames.MQTT_PREFIX)
            || name.equals(HeaderNames.REPLY_TO_TOPIC)
            || name.equals(HeaderNames.CORRELATION_ID)
            || OF_AMQP.contains(name));
  }

  static boolean isOfAmqp(String name) {
    return name.startsWith(HeaderNames.AMQP_PREFIX) && OF_AMQP.contains(name);
  }

  /** Returns whether a header of that name is no user property of that name. */
  static boolean noUserProperty(String name) {
    return name.startsWith("x-") && (OF_MQTT.contains(name) || OF_AMQP.contains(name));
  }

  /** Returns whether nobody is believed who says it himself (MAP-26, MAP-28). */
  static boolean brokersOnly(String name) {
    return name.startsWith("x-")
        && (name.equals(HeaderNames.MQTT_CLIENT_ID)
            || name.equals(HeaderNames.MQTT_USERNAME)
            || name.equals(HeaderNames.AMQP_USER_ID));
  }

  /** Compares as their bytes in UTF-8 do. */
  static int compare(String a, String b) {
    int both = Math.min(a.length(), b.length());
    for (int i = 0; i < both; i++) {
      char one = a.charAt(i);
      char other = b.charAt(i);
      if (one != other) {
        // Half a character beyond the basic plane comes behind all that are whole.
        boolean surrogate = Character.isSurrogate(one);
        return surrogate == Character.isSurrogate(other) ? one - other : surrogate ? 1 : -1;
      }
    }
    return a.length() - b.length();
  }
}

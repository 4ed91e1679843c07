package io.carrick;

/**
 * The names of the headers in which the broker tells what a protocol has no field for: what it has
 * noted on a message, and what of one protocol another one cannot say. They are RabbitMQ's where
 * RabbitMQ has one. Stateless.
 */
public final class HeaderNames {

  /** The deaths of a message: a list of tables, the latest first. */
  public static final String DEATH = "x-death";

  /** The queue that gave the message up first. */
  public static final String FIRST_DEATH_QUEUE = "x-first-death-queue";

  /** Why it was given up first. */
  public static final String FIRST_DEATH_REASON = "x-first-death-reason";

  /** Where it had been published to when it was given up first. */
  public static final String FIRST_DEATH_EXCHANGE = "x-first-death-exchange";

  /** The queue that gave the message up last. */
  public static final String LAST_DEATH_QUEUE = "x-last-death-queue";

  /** Why it was given up last. */
  public static final String LAST_DEATH_REASON = "x-last-death-reason";

  /** Where it had been published to when it was given up last. */
  public static final String LAST_DEATH_EXCHANGE = "x-last-death-exchange";

  /** How often the message was delivered from its queue before and came back. */
  public static final String DELIVERY_COUNT = "x-delivery-count";

  /**
   * For how many milliseconds a message is to wait, from a publisher; negative from a broker, when
   * it has.
   */
  public static final String DELAY = "x-delay";

  /** Where in its stream a message is. */
  public static final String STREAM_OFFSET = "x-stream-offset";

  /** What consumers of a stream may choose a message by; its publisher says it. */
  public static final String STREAM_FILTER_VALUE = "x-stream-filter-value";

  /** By what exchanges without duplicates tell messages apart, from their publisher (MAP-17). */
  public static final String DEDUPLICATION = "x-deduplication-header";

  /** For how many milliseconds such an exchange takes no other message with that id. */
  public static final String CACHE_TTL = "x-cache-ttl";

  /** What the names of headers begin with that tell of MQTT. */
  public static final String MQTT_PREFIX = "x-mqtt-";

  /** The topic, where the routing key does not show it (MAP-5). */
  public static final String MQTT_TOPIC = "x-mqtt-topic";

  /** The QoS, 0 to 2 (MAP-10, MAP-11). */
  public static final String MQTT_QOS = "x-mqtt-qos";

  /** Whether the message becomes the last value of its topic (MAP-31). */
  public static final String MQTT_RETAIN = "x-mqtt-retain";

  /** The reason code with which a client of MQTT 5 rejected the message last (MAP-15). */
  public static final String MQTT_REASON = "x-mqtt-reason";

  /** The text that was beside that code, if there was one. */
  public static final String MQTT_REASON_STRING = "x-mqtt-reason-string";

  /**
   * On a message, that it is the last value of its topic and was there before the binding by which
   * it came; as the argument of a binding, that such are wanted (MAP-31).
   */
  public static final String MQTT_RETAINED = "x-mqtt-retained";

  /**
   * The user properties, as a list of lists of name and value, where the headers of their names do
   * not show them all (MAP-24).
   */
  public static final String MQTT_USER_PROPERTIES = "x-mqtt-user-properties";

  /** The first level of the topics that stand for queues, to which replies go (MAP-19). */
  public static final String REPLY_TOPICS = "$reply";

  /** The topic that an answer goes to, as MQTT writes it (MAP-19). */
  public static final String MQTT_RESPONSE_TOPIC = "x-mqtt-response-topic";

  /** The topic that an answer goes to, as the routing key that stands for it (MAP-19). */
  public static final String REPLY_TO_TOPIC = "x-reply-to-topic";

  /** What the payload is: 1 for text in UTF-8, 0 for bytes (MAP-22). */
  public static final String MQTT_PAYLOAD_FORMAT = "x-mqtt-payload-format";

  /** The MIME type of the payload, where it is too long for the property (MAP-21). */
  public static final String MQTT_CONTENT_TYPE = "x-mqtt-content-type";

  /** The time to live in seconds, where it is too long for the property (MAP-23). */
  public static final String MQTT_MESSAGE_EXPIRY = "x-mqtt-message-expiry";

  /** What the device that has published calls itself; only the broker says it (MAP-28). */
  public static final String MQTT_CLIENT_ID = "x-mqtt-client-id";

  /** As whom the device that has published has logged in; only the broker says it (MAP-28). */
  public static final String MQTT_USERNAME = "x-mqtt-username";

  /** What joins an answer to its request, where it is no text or too long for one (MAP-20). */
  public static final String CORRELATION_ID = "x-correlation-id";

  /** The routing key, where the topic does not show it (MAP-5). */
  public static final String AMQP_ROUTING_KEY = "x-amqp-routing-key";

  /** What the names of user properties begin with that stand for properties of AMQP (MAP-26). */
  public static final String AMQP_PREFIX = "x-amqp-";

  /** The MIME encoding of the payload, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_CONTENT_ENCODING = "x-amqp-content-encoding";

  /** The priority, to MQTT 5 and back (MAP-26, MAP-30). */
  public static final String AMQP_PRIORITY = "x-amqp-priority";

  /** The queue that an answer goes to, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_REPLY_TO = "x-amqp-reply-to";

  /** The application's message id, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_MESSAGE_ID = "x-amqp-message-id";

  /** When the message was made, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_TIMESTAMP = "x-amqp-timestamp";

  /** The application's message type, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_TYPE = "x-amqp-type";

  /** The publishing user, to MQTT 5; nobody is believed to be one by it (MAP-26). */
  public static final String AMQP_USER_ID = "x-amqp-user-id";

  /** The publishing application, to MQTT 5 and back (MAP-26). */
  public static final String AMQP_APP_ID = "x-amqp-app-id";

  /** The names of user properties that are JSON, separated by commas (MAP-25). */
  public static final String AMQP_JSON = "x-amqp-json";

  /** The names of user properties that are bytes in base64, separated by commas (MAP-25). */
  public static final String AMQP_BASE64 = "x-amqp-b64";

  /** The types of headers that are no texts, each behind its name and a colon (MAP-25). */
  public static final String AMQP_TYPES = "x-amqp-types";

  /** What the publisher wants to be told of those who receive the message (MAP-18). */
  public static final String RECEIPT = "x-receipt";

  /** On the answer to a receipt: whether what was asked for came true. */
  public static final String RECEIPT_RESULT = "x-receipt-result";

  /** On the answer to a receipt: how many queues the message was routed to. */
  public static final String RECEIPT_TARGETS = "x-receipt-targets";

  /** On the answer to a receipt: of how many the copy was acknowledged. */
  public static final String RECEIPT_ACKNOWLEDGED = "x-receipt-acknowledged";

  /** On the answer to a receipt: of how many a consumer has given it up. */
  public static final String RECEIPT_REJECTED = "x-receipt-rejected";

  /** On the answer to a receipt: in how many it was too old. */
  public static final String RECEIPT_EXPIRED = "x-receipt-expired";

  /** On the answer to a receipt: how many have given it up for other reasons. */
  public static final String RECEIPT_DROPPED = "x-receipt-dropped";

  /** On the answer to a receipt: of how many nothing had become of it in time. */
  public static final String RECEIPT_TIMED_OUT = "x-receipt-timed-out";

  private HeaderNames() {}
}

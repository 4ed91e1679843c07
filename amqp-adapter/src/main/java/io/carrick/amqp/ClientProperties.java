package io.carrick.amqp;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What both sides say about themselves. Immutable.
 *
 * @param login as whom it has logged in
 * @param connectionName what the client calls the connection, empty for nothing
 * @param authenticationFailureClose whether it understands a refused login
 * @param consumerCancelNotify whether it understands that a consumer was ended
 * @param connectionBlocked whether it understands why it is not read from
 */
record ClientProperties(
    String login,
    String connectionName,
    boolean authenticationFailureClose,
    boolean consumerCancelNotify,
    boolean connectionBlocked) {

  /** Before it has said anything. */
  static final ClientProperties UNKNOWN = new ClientProperties("", "", false, false, false);

  /**
   * Reads what a client says of itself.
   *
   * @param login as whom it logs in
   */
  static ClientProperties of(String login, Map<String, Object> properties) {
    boolean named = properties.get("connection_name") instanceof String;
    String name = named ? String.valueOf(properties.get("connection_name")) : "";
    if (properties.get("capabilities") instanceof Map<?, ?> capabilities) {
      return new ClientProperties(
          login,
          name,
          Boolean.TRUE.equals(capabilities.get("authentication_failure_close")),
          Boolean.TRUE.equals(capabilities.get("consumer_cancel_notify")),
          Boolean.TRUE.equals(capabilities.get("connection.blocked")));
    }
    return new ClientProperties(login, name, false, false, false);
  }

  static Map<String, Object> ourProperties() {
    var capabilities = new LinkedHashMap<String, Object>();
    capabilities.put("publisher_confirms", true);
    capabilities.put("exchange_exchange_bindings", true);
    capabilities.put("basic.nack", true);
    capabilities.put("consumer_cancel_notify", true);
    capabilities.put("connection.blocked", true);
    capabilities.put("consumer_priorities", true);
    capabilities.put("authentication_failure_close", true);
    capabilities.put("per_consumer_qos", true);
    var properties = new LinkedHashMap<String, Object>();
    properties.put("capabilities", capabilities);
    // Clients read product and version as the dialect that is spoken: kombu, and with it Celery,
    // sets its prefetch by them, libraries tell from them what they may use. Who we are is beside.
    properties.put("product", "RabbitMQ");
    properties.put("version", "3.13.0");
    properties.put("platform", "Carrick 0.1.0 (Java)");
    properties.put("information", "Licensed under the Apache License 2.0");
    return properties;
  }
}

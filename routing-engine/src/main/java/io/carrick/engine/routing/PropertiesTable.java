package io.carrick.engine.routing;

import io.carrick.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a message says about itself as a table, in the names and types that AMQP 0-9-1 and
 * RabbitMQ's firehose have for it. Stateless.
 */
final class PropertiesTable {

  private static final int TRANSIENT = 1;
  private static final int PERSISTENT = 2;

  private PropertiesTable() {}

  static Map<String, Object> of(MessageProperties properties) {
    var table = new LinkedHashMap<String, Object>();
    properties.contentType().ifPresent(type -> table.put("content_type", type));
    properties.contentEncoding().ifPresent(encoding -> table.put("content_encoding", encoding));
    if (!properties.headers().isEmpty()) {
      table.put("headers", properties.headers());
    }
    table.put("delivery_mode", properties.persistent() ? PERSISTENT : TRANSIENT);
    properties.priority().ifPresent(priority -> table.put("priority", priority));
    properties
        .correlationId()
        .ifPresent(id -> table.put("correlation_id", new String(id, StandardCharsets.UTF_8)));
    properties.replyTo().ifPresent(queue -> table.put("reply_to", queue));
    properties.expirationMs().ifPresent(ms -> table.put("expiration", Long.toString(ms)));
    properties.messageId().ifPresent(id -> table.put("message_id", id));
    properties.timestamp().ifPresent(time -> table.put("timestamp", number(time.getEpochSecond())));
    properties.type().ifPresent(type -> table.put("type", type));
    properties.userId().ifPresent(user -> table.put("user_id", user));
    properties.appId().ifPresent(application -> table.put("app_id", application));
    return table;
  }

  /** RabbitMQ has numbers of 32 bits here. */
  private static Object number(long seconds) {
    return seconds == (int) seconds ? (Object) (int) seconds : (Object) seconds;
  }
}

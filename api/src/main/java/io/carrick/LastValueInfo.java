package io.carrick;

/**
 * The last value of a topic (MQTT: a retained message). Immutable.
 *
 * @param virtualHost where it is
 * @param message the message; its routing key is the topic
 */
public record LastValueInfo(String virtualHost, Message message) {}

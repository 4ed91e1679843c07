package io.carrick;

/**
 * A session as it was at one moment. Immutable.
 *
 * @param name the MQTT client id
 * @param virtualHost where it is
 * @param queue the queue that holds what waits for it
 * @param connected whether its client is connected
 * @param subscriptions how many bindings it has
 * @param messages how many messages wait or are unsettled
 * @param unsettled how many of them are delivered and not settled
 */
public record SessionInfo(
    String name,
    String virtualHost,
    String queue,
    boolean connected,
    int subscriptions,
    long messages,
    long unsettled) {}

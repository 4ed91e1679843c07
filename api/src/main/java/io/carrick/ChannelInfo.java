package io.carrick;

/**
 * What a connected client has opened to act through, as it was at one moment: an AMQP channel, the
 * one attachment of an MQTT client. Immutable.
 *
 * @param connectionId {@link ConnectionInfo#id()} of its connection
 * @param virtualHost where it acts
 * @param user the authenticated name, empty if anonymous
 * @param number its place among those that the connection has open now, the oldest is 0; AMQP's
 *     connections have opened their first one for themselves
 * @param consumers how many consumers it has, and queues that it has taken single messages from
 * @param confirming whether publishes of it wait for their confirms
 */
public record ChannelInfo(
    String connectionId,
    String virtualHost,
    String user,
    int number,
    int consumers,
    boolean confirming) {}

package io.carrick;

import java.time.Instant;

/**
 * A connected client. Immutable.
 *
 * @param id unique in this broker
 * @param protocol for people, such as {@code MQTT 3.1.1}
 * @param virtualHost where it is attached
 * @param user the authenticated name, empty if anonymous
 * @param name what the client calls itself: the MQTT client id or the AMQP connection name
 * @param remote the peer's address, {@code in-jvm} for a client of this JVM, {@code unix:} and the
 *     path for one of a Unix socket, {@code unknown} if a proxy did not say
 * @param since when it attached
 */
public record ConnectionInfo(
    String id,
    String protocol,
    String virtualHost,
    String user,
    String name,
    String remote,
    Instant since) {}

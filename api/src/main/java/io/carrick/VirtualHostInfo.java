package io.carrick;

/**
 * A virtual host as it was at one moment. Immutable.
 *
 * @param name its name
 * @param exchanges how many exchanges it has, predeclared ones included
 * @param queues how many queues it has, those of sessions included
 * @param firehose whether what passes through it is copied ({@link Admin#firehose})
 */
public record VirtualHostInfo(String name, int exchanges, int queues, boolean firehose) {}

package io.carrick;

/**
 * A queue as it was at one moment. Immutable.
 *
 * @param virtualHost where it is
 * @param name its name
 * @param durable whether it outlives the broker
 * @param ready messages waiting
 * @param unsettled messages delivered and not settled
 * @param consumers how many consume it
 * @param bytes payload bytes of ready and unsettled messages
 */
public record QueueInfo(
    String virtualHost,
    String name,
    boolean durable,
    long ready,
    long unsettled,
    int consumers,
    long bytes) {}

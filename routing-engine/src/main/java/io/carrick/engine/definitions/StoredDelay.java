package io.carrick.engine.definitions;

/**
 * A queue of messages that wait, of an exchange's own, as the store has it. Immutable.
 *
 * @param virtualHost where
 * @param exchange whose messages they are
 * @param stretch when they are due
 */
public record StoredDelay(String virtualHost, String exchange, long stretch) {}

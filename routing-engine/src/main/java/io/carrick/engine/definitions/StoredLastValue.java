package io.carrick.engine.definitions;

import io.carrick.Message;

/**
 * The last value of a topic as the store has it. Immutable.
 *
 * @param virtualHost where it is
 * @param message the value
 */
public record StoredLastValue(String virtualHost, Message message) {}

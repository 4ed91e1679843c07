package io.carrick.engine.definitions;

import io.carrick.spi.ExchangeDeclaration;

/**
 * A durable exchange as the store has it. Immutable.
 *
 * @param virtualHost where it is
 * @param declaration what it was declared as
 */
public record StoredExchange(String virtualHost, ExchangeDeclaration declaration) {}

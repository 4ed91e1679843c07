package io.carrick.storage;

import io.carrick.Limits;

/**
 * What a broker lends to its store. Immutable.
 *
 * @param codec how messages become bytes
 * @param limits the broker's bounds
 */
public record StoreContext(MessageCodec codec, Limits limits) {}

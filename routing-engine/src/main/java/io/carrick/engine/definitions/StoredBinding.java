package io.carrick.engine.definitions;

import io.carrick.Binding;

/**
 * A durable binding as the store has it, under an id. Immutable.
 *
 * @param virtualHost where it is
 * @param binding the binding with its adapter's attachment
 */
public record StoredBinding(String virtualHost, Binding binding) {}

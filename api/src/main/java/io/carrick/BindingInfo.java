package io.carrick;

/**
 * A binding and where it is. Immutable.
 *
 * @param virtualHost where it is
 * @param binding the binding, without what its adapter has attached to it
 */
public record BindingInfo(String virtualHost, Binding binding) {}

/**
 * Exchanges, queues, deliveries and the embedded broker; no socket, no protocol, no file.
 *
 * <p>{@link io.carrick.engine.EmbeddedBroker} is the only public type that is exported: it starts
 * what the rooms below own, and ends it. Each room knows those behind it in this list, none before:
 *
 * <ul>
 *   <li>{@code administration}: looking into all rooms and changing what is there, page by page
 *   <li>{@code client}: who is connected, and the port that they act through
 *   <li>{@code routing}: the way of a message from its publisher to queues
 *   <li>{@code tracing}: who follows messages to see what becomes of them
 *   <li>{@code topology}: exchanges, queues by name, bindings, virtual hosts
 *   <li>{@code definitions}: what the store keeps of all that, as bytes
 *   <li>{@code queue}: messages in order, their consumers, what is unsettled
 *   <li>{@code extension}: what users and adapters plug in
 *   <li>{@code delivery}: between loops: commands, confirms, memory and alarms
 *   <li>{@code matching}: exchange types and the structures they match with
 *   <li>{@code loop}: loops that are plain threads
 * </ul>
 */
@NullMarked
package io.carrick.engine;

import org.jspecify.annotations.NullMarked;

package io.carrick.engine.client;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;

/**
 * A virtual host as the clients of one loop use it: what each of them needs is here once for all.
 * Immutable; what it refers to says who owns it.
 *
 * @param core what the broker shares
 * @param host the virtual host
 * @param keeper makes and ends the host's queues
 * @param context the engine's side of the loop
 */
record Place(Core core, VirtualHost host, QueueKeeper keeper, LoopContext context) {}

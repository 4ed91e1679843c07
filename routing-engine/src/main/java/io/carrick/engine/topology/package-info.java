/**
 * Exchanges, queues by name, the bindings between them, and what else a virtual host keeps by name.
 * A package of its own because it says where things are and moves no message.
 */
@NullMarked
package io.carrick.engine.topology;

import org.jspecify.annotations.NullMarked;

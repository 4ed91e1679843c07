/** Exchanges and the structures that match a routing key against their bindings. */
@NullMarked
package io.carrick.engine.routing;

import org.jspecify.annotations.NullMarked;

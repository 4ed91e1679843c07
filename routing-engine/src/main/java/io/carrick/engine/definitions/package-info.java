/**
 * What a durable store keeps of the engine, as bytes. A package of its own because it knows the
 * form of records and nothing of those who write them.
 */
@NullMarked
package io.carrick.engine.definitions;

import org.jspecify.annotations.NullMarked;

/**
 * The exchange types that every broker has, and the structures they match with. A package of its
 * own because nothing here knows a queue: extensions could have written it.
 */
@NullMarked
package io.carrick.engine.matching;

import org.jspecify.annotations.NullMarked;

/**
 * What users and adapters plug in: who may do what, what becomes of a message on arrival, who
 * watches, what is counted. A package of its own because everything above asks it.
 */
@NullMarked
package io.carrick.engine.extension;

import org.jspecify.annotations.NullMarked;

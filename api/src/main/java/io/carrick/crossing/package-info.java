/**
 * How what a message says of itself becomes what another protocol can say: for protocol adapters.
 *
 * <p>A protocol that has names and texts only reads them from {@link
 * io.carrick.crossing.PropertyTexts}; one that has types and fields of its own finds what such
 * names and texts stand for in {@link io.carrick.crossing.SaidInTexts}. Each is the other's inverse
 * (MAP-24 to MAP-26).
 */
@NullMarked
package io.carrick.crossing;

import org.jspecify.annotations.NullMarked;

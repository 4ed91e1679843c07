/**
 * Looking into the broker and changing it as an administrator. A package of its own because it
 * looks into all rooms and none of them knows of it.
 */
@NullMarked
package io.carrick.engine.administration;

import org.jspecify.annotations.NullMarked;

/**
 * Who is connected, by whatever protocol or from this JVM, and the port that they act through. A
 * package of its own because nothing below knows who is connected.
 */
@NullMarked
package io.carrick.engine.client;

import org.jspecify.annotations.NullMarked;

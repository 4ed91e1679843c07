/** What a test of a program with a broker in it needs. */
@NullMarked
package io.carrick.testing;

import org.jspecify.annotations.NullMarked;

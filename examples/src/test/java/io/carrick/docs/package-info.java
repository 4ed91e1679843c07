/**
 * The Java of the documents, compiled and mostly run, and the tests that hold the documents against
 * the code. What stands between {@code // snippet} and {@code // end} is quoted in a document, word
 * for word.
 */
@NullMarked
package io.carrick.docs;

import org.jspecify.annotations.NullMarked;

/**
 * The users that the broker keeps: who they are and what each may do. A package of its own because
 * a broker with an authenticator and an authorizer of its user's has none of it.
 */
@NullMarked
package io.carrick.engine.access;

import org.jspecify.annotations.NullMarked;

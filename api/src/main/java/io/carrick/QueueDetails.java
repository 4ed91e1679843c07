package io.carrick;

import java.util.Optional;

/**
 * A queue with its settings, as it was at one moment. Immutable.
 *
 * @param definition what it was declared as, with the name it really has
 * @param info what is in it
 * @param owner {@link ConnectionInfo#id()} of the connection that it belongs to exclusively; empty
 *     if to none
 * @param session the name of the session that it belongs to; empty if to none
 */
public record QueueDetails(
    QueueDefinition definition, QueueInfo info, Optional<String> owner, Optional<String> session) {}

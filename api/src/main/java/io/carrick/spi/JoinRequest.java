package io.carrick.spi;

import io.carrick.Binding;
import org.jspecify.annotations.Nullable;

/**
 * What a session joins. Immutable.
 *
 * @param queue the queue that several sessions share, its admission a {@link Sharing}; made if it
 *     is not there. Its session's name says what is shared and is compared with that of the queue
 *     that is there
 * @param binding what leads to it, added if it is not there
 * @param member the name of the session's own queue
 * @param attachment what {@link Sharing} and {@link Attachment#memberships} get of it; kept with
 *     the session if the adapter's {@link ObjectCodec} knows it
 */
public record JoinRequest(
    QueueDeclaration queue, Binding binding, String member, @Nullable Object attachment) {}

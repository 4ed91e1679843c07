package io.carrick.spi;

import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.Optional;

/** A session of which nothing is known but what its queue needs. Immutable. */
record PlainSessionQueue(String name, Admission admission, Optional<String> user)
    implements SessionQueue {}

package io.carrick.transport;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one loop, linked through themselves. Confined to its loop. */
final class ConnectionList {

  private @Nullable Connection first;

  void add(Connection connection) {
    Connection head = first;
    connection.next = head;
    if (head != null) {
      head.previous = connection;
    }
    first = connection;
  }

  void remove(Connection connection) {
    Connection before = connection.previous;
    Connection after = connection.next;
    if (before != null) {
      before.next = after;
    } else if (first == connection) {
      first = after;
    }
    if (after != null) {
      after.previous = before;
    }
    connection.previous = null;
    connection.next = null;
  }

  /** Visits each; the visitor may remove the one that it is given. */
  void forEach(Consumer<Connection> visitor) {
    Connection at = first;
    while (at != null) {
      Connection following = at.next;
      visitor.accept(at);
      at = following;
    }
  }
}

package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.queue.LengthLimit;
import io.carrick.engine.queue.QueueSettings;
import io.carrick.spi.QueueDeclaration;

/**
 * What declarations ask for, as values. Thread-safe. Sessions are many and ask for the same, so
 * they share a value.
 */
public final class DeclaredSettings {

  private final LengthLimit ofSessions;

  /** The last that was made for a session; which one it is when several threads race is all one. */
  private volatile QueueSettings lastOfSession = QueueSettings.NONE;

  /** Makes what reads declarations. */
  public DeclaredSettings(Limits limits) {
    this.ofSessions =
        LengthLimit.ofSession(
            limits.value(Limit.SESSION_QUEUE_MESSAGES), limits.value(Limit.SESSION_QUEUE_BYTES));
  }

  /** Returns what a declaration asks for, whose arguments have been found right. */
  QueueSettings of(QueueDeclaration declaration) {
    if (StreamArguments.areOfStream(declaration.arguments())) {
      return QueueSettings.NONE; // its bounds are of another kind
    }
    if (declaration.session() == null) {
      return QueueSettings.of(declaration.arguments(), null);
    }
    QueueSettings last = lastOfSession;
    QueueSettings made = QueueSettings.of(declaration.arguments(), ofSessions);
    if (made.equals(last)) {
      return last;
    }
    lastOfSession = made;
    return made;
  }
}

package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.queue.LengthLimit;
import io.carrick.engine.queue.QueueSettings;
import io.carrick.spi.QueueDeclaration;
import java.util.Map;

/**
 * What declarations and policies ask for, as values. Thread-safe. Sessions are many and ask for the
 * same, so they share a value.
 */
public final class DeclaredSettings {

  private final HostPolicies policies;
  private final LengthLimit ofSessions;
  private final long consumerMs;

  /** The last that was made for a session; which one it is when several threads race is all one. */
  private volatile QueueSettings lastOfSession = QueueSettings.NONE;

  /** Makes what reads declarations. */
  public DeclaredSettings(Limits limits, HostPolicies policies) {
    this.policies = policies;
    this.ofSessions =
        LengthLimit.ofSession(
            limits.value(Limit.SESSION_QUEUE_MESSAGES), limits.value(Limit.SESSION_QUEUE_BYTES));
    this.consumerMs = limits.value(Limit.CONSUMER_TIMEOUT_MS);
  }

  /** Returns the arguments that a stream goes by: its own, and what its policies say. */
  Map<String, Object> ofStream(QueueDeclaration declaration) {
    return policies.argumentsOf(declaration);
  }

  /** Returns what a queue goes by, the arguments of whose declaration have been found right. */
  QueueSettings of(QueueDeclaration declaration) {
    if (StreamArguments.areOfStream(declaration.arguments())) {
      return QueueSettings.NONE; // its bounds are of another kind
    }
    Map<String, Object> arguments = policies.argumentsOf(declaration);
    if (declaration.session() == null) {
      return QueueSettings.of(arguments, null).orConsumerMs(consumerMs);
    }
    QueueSettings last = lastOfSession;
    QueueSettings made = QueueSettings.of(arguments, ofSessions);
    if (made.equals(last)) {
      return last;
    }
    lastOfSession = made;
    return made;
  }
}

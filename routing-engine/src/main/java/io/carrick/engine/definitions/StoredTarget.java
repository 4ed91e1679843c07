package io.carrick.engine.definitions;

import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Recipient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the store has of one queue's copy of a message with a receipt: that it was routed there
 * later than the receipt was stored, or what became of it. Immutable.
 *
 * @param outcome null as long as nothing became of it
 * @param reason why it was dropped, else empty
 * @param by who acknowledged or rejected it
 * @param deadlineMs when the time is over, wall time, if it was routed; else 0
 */
public record StoredTarget(
    @Nullable Outcome outcome, String reason, Optional<Recipient> by, long deadlineMs) {

  /** A copy that was routed when the message had waited in an exchange. */
  public static StoredTarget routed(long deadlineMs) {
    return new StoredTarget(null, "", Optional.empty(), deadlineMs);
  }
}

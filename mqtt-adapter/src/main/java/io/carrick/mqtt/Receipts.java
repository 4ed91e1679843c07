package io.carrick.mqtt;

import io.carrick.Annotations;
import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.Receipt;
import io.carrick.UserProperty;

/** The receipts that clients of MQTT 5 ask for by a user property (MAP-18). Stateless. */
final class Receipts {

  private Receipts() {}

  /**
   * Returns a message with a note of the receipt that it asks for; of several, the first.
   *
   * @throws PreconditionFailedException if what it asks for is none
   */
  static Message asked(Message message) {
    for (UserProperty property : message.origin().userProperties()) {
      if (property.name().equals(HeaderNames.RECEIPT)) {
        return message.annotated(Annotations.NONE.withReceipt(read(property.value())));
      }
    }
    return message;
  }

  private static Receipt read(String text) {
    try {
      return Receipt.of(text);
    } catch (IllegalArgumentException malformed) {
      throw new PreconditionFailedException(String.valueOf(malformed.getMessage()));
    }
  }
}

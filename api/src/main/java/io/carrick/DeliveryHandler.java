package io.carrick;

/** What a program does with a delivery. */
@FunctionalInterface
public interface DeliveryHandler {

  /**
   * Handles a delivery. Called by one thread at a time for a subscription, never by a broker loop,
   * so it may block.
   *
   * @throws Exception any failure: the delivery is requeued once and rejected if it was a
   *     redelivery
   */
  void handle(Delivery delivery) throws Exception;
}

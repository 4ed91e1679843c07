package io.carrick;

/** The description of an exchange, ending in {@link #declare()}. Confined to the calling thread. */
public interface ExchangeSpec {

  /** Keeps the exchange over a restart of the broker. */
  ExchangeSpec durable();

  /** Deletes the exchange when its last binding as a source is removed. */
  ExchangeSpec autoDelete();

  /** Refuses publishes by clients: only other exchanges may route to it. */
  ExchangeSpec internal();

  /** Sends what this exchange cannot route to another one. */
  ExchangeSpec alternate(String exchange);

  /** Sets an argument of the exchange's type. */
  ExchangeSpec argument(String key, Object value);

  /**
   * Declares the exchange; declaring an equal one again changes nothing.
   *
   * @throws NotFoundException when there is no such type
   * @throws PreconditionFailedException when one of that name differs, or the type refuses the
   *     arguments
   * @throws AccessRefusedException for a reserved name ({@code amq.*})
   */
  void declare();
}

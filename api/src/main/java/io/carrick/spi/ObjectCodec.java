package io.carrick.spi;

/**
 * Writes and reads the objects that an adapter hands to the engine without telling what they are:
 * message properties in the form in which they arrived, attachments of bindings, admissions and
 * their tags. A durable store keeps them under the adapter's name. Thread-safe; called in loops and
 * at the start of a broker, only by brokers with a durable store.
 */
public interface ObjectCodec {

  /** Returns whether an object is one of the adapter's that this codec can write. */
  boolean knows(Object object);

  /**
   * Writes an object that this codec {@linkplain #knows}.
   *
   * @return all that is needed to read it in another run, its kind included; not modified later
   */
  byte[] encode(Object object);

  /**
   * Reads what {@link #encode} of this or an earlier version has written.
   *
   * @throws IllegalArgumentException when it cannot be read
   */
  Object decode(byte[] bytes);
}

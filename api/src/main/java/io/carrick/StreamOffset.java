package io.carrick;

import java.time.Instant;

/**
 * Where a consumer begins to read a stream: the {@code x-stream-offset} of RabbitMQ's clients.
 * Immutable.
 */
public sealed interface StreamOffset {

  /** Begins with the first message that is still there. */
  static StreamOffset first() {
    return new First();
  }

  /** Begins with the last message that is there. */
  static StreamOffset last() {
    return new Last();
  }

  /** Begins with the first message that comes from now on: what is read unless it is said. */
  static StreamOffset next() {
    return new Next();
  }

  /**
   * Begins with an offset; with the first message if that is gone, and as soon as it comes if it is
   * not there yet.
   *
   * @throws IllegalArgumentException if it is negative
   */
  static StreamOffset at(long offset) {
    return new At(offset);
  }

  /** Begins with the first message that arrived at a time or after it. */
  static StreamOffset since(Instant time) {
    return new Since(time);
  }

  /** The first message that is still there. */
  record First() implements StreamOffset {}

  /** The last message that is there. */
  record Last() implements StreamOffset {}

  /** The first message from now on. */
  record Next() implements StreamOffset {}

  /**
   * An offset.
   *
   * @param offset 0 or more
   */
  record At(long offset) implements StreamOffset {

    /** Checks the offset. */
    public At {
      if (offset < 0) {
        throw new IllegalArgumentException("an offset is negative: " + offset);
      }
    }
  }

  /**
   * A time.
   *
   * @param time to the millisecond
   */
  record Since(Instant time) implements StreamOffset {}
}

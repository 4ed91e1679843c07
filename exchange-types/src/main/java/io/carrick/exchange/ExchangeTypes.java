package io.carrick.exchange;

import io.carrick.spi.ExchangeType;
import java.util.List;

/**
 * The types of exchange that RabbitMQ has beyond direct, fanout, topic and headers, for the
 * builder's {@code exchangeTypes}. Stateless.
 */
public final class ExchangeTypes {

  private ExchangeTypes() {}

  /** Returns all of them. */
  public static List<ExchangeType> all() {
    return List.of(
        consistentHash(),
        modulusHash(),
        random(),
        localRandom(),
        recentHistory(),
        delayedMessage());
  }

  /**
   * Returns {@code x-consistent-hash}: equal keys go to the same of the bound queues, in proportion
   * to the weights that the binding keys are, and few of them move when a queue comes or goes.
   */
  public static ExchangeType consistentHash() {
    return new ConsistentHashType();
  }

  /** Returns {@code x-modulus-hash}: equal keys go to the same one of the bindings. */
  public static ExchangeType modulusHash() {
    return new ModulusHashType();
  }

  /** Returns {@code x-random}: each message goes to one of the bindings, whichever. */
  public static ExchangeType random() {
    return new RandomType();
  }

  /**
   * Returns {@code x-local-random}: as {@link #random}, for queues that are bound without a key. In
   * a broker of one node every queue is a local one.
   */
  public static ExchangeType localRandom() {
    return new LocalRandomType();
  }

  /**
   * Returns {@code x-recent-history}: each message goes to all bindings, and who is bound later
   * gets the last ones.
   */
  public static ExchangeType recentHistory() {
    return new RecentHistoryType();
  }

  /**
   * Returns {@code x-delayed-message}: a message waits for as many milliseconds as its header
   * {@code x-delay} says.
   */
  public static ExchangeType delayedMessage() {
    return new DelayedMessageType();
  }
}

package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.spi.Completion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nobody waits for the answer. Immutable.
 *
 * @param what was asked for, for the log
 */
record Unheard<T>(String what) implements Completion<T> {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  @Override
  public void completed(T value) {
    log.trace("done: {}", what);
  }

  @Override
  public void failed(BrokerException reason) {
    log.debug("not done: {}: {}", what, reason.getMessage());
  }
}

package io.carrick.engine.client;

import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.spi.Settlement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A delivery to an in-JVM consumer. Thread-safe: the first settling counts. */
final class LocalDelivery implements Delivery {

  private final Message message;
  private final boolean redelivered;
  private final Consumer<Settlement> settle;
  private final AtomicBoolean settled = new AtomicBoolean();

  /**
   * Makes a delivery.
   *
   * @param settle passes the settlement on; called once, in any thread
   */
  LocalDelivery(Message message, boolean redelivered, Consumer<Settlement> settle) {
    this.message = message;
    this.redelivered = redelivered;
    this.settle = settle;
  }

  @Override
  public Message message() {
    return message;
  }

  @Override
  public boolean redelivered() {
    return redelivered;
  }

  @Override
  public void accept() {
    settle(Settlement.ACCEPT);
  }

  @Override
  public void requeue() {
    settle(Settlement.REQUEUE);
  }

  @Override
  public void reject() {
    settle(Settlement.REJECT);
  }

  private void settle(Settlement how) {
    if (settled.compareAndSet(false, true)) {
      settle.accept(how);
    }
  }
}

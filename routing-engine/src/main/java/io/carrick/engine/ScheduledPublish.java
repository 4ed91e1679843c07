package io.carrick.engine;

import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;

/**
 * Publishes a message whose publisher may have gone. Run in its loop.
 *
 * @param here the loop
 */
record ScheduledPublish(Core core, VirtualHost host, Message message, LoopContext here)
    implements Runnable {

  @Override
  public void run() {
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (exchange == null) {
      return;
    }
    Message passed;
    try {
      passed = core.policies().intercept(arrivingNow());
    } catch (PublishRejectedException refused) {
      here.counts().add(Count.REFUSED);
      return;
    }
    core.router(here).publish(host, exchange, passed, new UnpausedPublishing(here), null);
  }

  /** Its time to live counts from now. */
  private Message arrivingNow() {
    return message.addressed(
        message.exchange(), message.routingKey(), message.publisher(), here.loop().wallTimeMs());
  }
}

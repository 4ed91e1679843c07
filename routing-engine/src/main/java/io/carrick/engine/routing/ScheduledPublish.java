package io.carrick.engine.routing;

import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;

/** Publishes a message whose publisher may have gone. Run in the router's loop. */
public record ScheduledPublish(Router router, VirtualHost host, Message message)
    implements Runnable {

  @Override
  public void run() {
    LoopContext here = router.context();
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (exchange == null) {
      return;
    }
    Message passed;
    try {
      passed = router.policies().intercept(arrivingNow(here));
    } catch (PublishRejectedException refused) {
      here.counts().add(Count.REFUSED);
      return;
    }
    router.publish(host, exchange, passed, new UnpausedPublishing(here), null);
  }

  /** Its time to live counts from now. */
  private Message arrivingNow(LoopContext here) {
    return message.addressed(
        message.exchange(), message.routingKey(), message.publisher(), here.loop().wallTimeMs());
  }
}

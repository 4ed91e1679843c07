package io.carrick.engine.routing;

import io.carrick.AccessRefusedException;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.tracing.Source;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;

/** Publishes a message whose publisher may have gone. Run in the router's loop. */
public record ScheduledPublish(Router router, VirtualHost host, Message message)
    implements Runnable {

  @Override
  public void run() {
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (exchange == null) {
      return;
    }
    try {
      checkAllowed(exchange);
      Message passed = passed();
      publish(exchange, router.tracers().arrived(passed, Source.left(host.name())));
    } catch (AccessRefusedException | PublishRejectedException refused) {
      router.context().counts().add(Count.REFUSED);
    }
  }

  /** Publishes what the broker says itself, for which it asks nobody. */
  public void runForBroker() {
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (exchange == null) {
      return;
    }
    try {
      publish(exchange, passed());
    } catch (PublishRejectedException refused) {
      router.context().counts().add(Count.REFUSED);
    }
  }

  private Message passed() {
    return router.policies().intercept(arrivingNow(router.context()));
  }

  private void publish(Exchange exchange, Message passed) {
    router.publish(host, exchange, passed, new UnpausedPublishing(router.context()), null);
  }

  /** What its publisher was allowed when it said so may not be allowed any more. */
  private void checkAllowed(Exchange exchange) {
    Policies policies = router.policies();
    Identity who = message.publisher();
    if (policies.authorizes() && !policies.allowsEverything(who, host.name())) {
      policies.check(who, Action.WRITE, exchange.resource(host.name()));
      if (exchange.isTopic()) {
        String key = message.routingKey().asKey();
        policies.check(who, Action.WRITE, Resource.topic(host.name(), exchange.name(), key));
      }
      if (host.lastValues().takes(message, exchange)) {
        String key = message.routingKey().asKey();
        policies.check(who, Action.RETAIN, Resource.topic(host.name(), exchange.name(), key));
      }
    }
  }

  /** Its time to live counts from now. */
  private Message arrivingNow(LoopContext here) {
    return message.addressed(
        message.exchange(), message.routingKey(), message.publisher(), here.loop().wallTimeMs());
  }
}

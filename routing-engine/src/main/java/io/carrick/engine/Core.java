package io.carrick.engine;

import io.carrick.Limits;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.storage.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What every part of one broker shares. Immutable; what it refers to says who owns it.
 *
 * @param limits the bounds
 * @param group the loops
 * @param contexts the engine's side of each loop, by index
 * @param routers the router of each loop, by index
 * @param store where messages are kept
 * @param policies what the user has plugged in
 * @param ids gives out ids of queues and parties
 */
record Core(
    Limits limits,
    LoopGroup group,
    List<LoopContext> contexts,
    List<Router> routers,
    MessageStore store,
    Policies policies,
    AtomicLong ids) {

  static Core over(LoopGroup group, MessageStore store, Limits limits, Policies policies) {
    var contexts = new ArrayList<LoopContext>();
    var routers = new ArrayList<Router>();
    for (Loop loop : group.loops()) {
      var context = new LoopContext(loop, contexts.size(), store);
      contexts.add(context);
      routers.add(new Router(context));
    }
    return new Core(
        limits,
        group,
        List.copyOf(contexts),
        List.copyOf(routers),
        store,
        policies,
        new AtomicLong());
  }

  LoopContext context(Loop loop) {
    for (LoopContext context : contexts) {
      if (context.loop() == loop) {
        return context;
      }
    }
    throw new IllegalStateException("the loop is not one of this broker's");
  }

  Router router(LoopContext context) {
    return routers.get(context.index());
  }

  long nextId() {
    return ids.incrementAndGet();
  }
}

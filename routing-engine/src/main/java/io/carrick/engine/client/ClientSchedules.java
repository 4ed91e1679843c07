package io.carrick.engine.client;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.routing.ScheduledPublish;
import io.carrick.engine.topology.Schedules;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;

/**
 * What one client has published later: checks whether it may, and adds it to the virtual host's.
 * Called in the client's loop; holds no state.
 *
 * @param client who asks
 * @param answers how it hears of it
 */
record ClientSchedules(ConnectedClient client, Answers answers) {

  private LoopContext context() {
    return client.context();
  }

  private Schedules schedules() {
    return client.place.host().schedules();
  }

  void publish(String name, Message message, long delayMs, Completion<Done> done) {
    answers.stored(
        done,
        () -> {
          client.mayPublishAsItIs(message);
          var router = client.place.core().router(context());
          var publish = new ScheduledPublish(router, client.place.host(), message);
          if (delayMs > 0) {
            return schedules().add(name, message, delayMs, context(), publish);
          }
          schedules().cancel(name, context());
          publish.run();
          return 0L;
        });
  }

  void publishAfterStart(String name, Message message, long delayMs, Completion<Done> done) {
    answers.stored(
        done,
        () -> {
          client.mayPublishAsItIs(message);
          return schedules().addAfterStart(name, message, delayMs, context());
        });
  }

  void cancel(String name, Completion<Boolean> done) {
    done.completed(schedules().cancel(name, context()));
  }
}

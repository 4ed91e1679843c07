package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Feed;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Consumption;

/**
 * One request to consume, on its way to the queue and back: sent and answered in the client's loop,
 * completed in the queue's. Immutable.
 */
final class ConsumeCall implements Completion<Feed> {

  private final ClientAttachment attachment;
  private final Queue queue;
  private final AttachedConsumption consumption;
  private final Completion<Consumption> done;

  ConsumeCall(
      ClientAttachment attachment,
      Queue queue,
      AttachedConsumption consumption,
      Completion<Consumption> done) {
    this.attachment = attachment;
    this.queue = queue;
    this.consumption = consumption;
    this.done = done;
  }

  private LoopContext here() {
    return consumption.home();
  }

  void send(ConsumeRequest request) {
    here().tell(queue.home(), () -> queue.consume(request, consumption, this));
  }

  @Override
  public void completed(Feed consumer) {
    queue.home().tell(here(), () -> attachment.started(consumption, consumer, done));
  }

  @Override
  public void failed(BrokerException reason) {
    queue.home().tell(here(), () -> attachment.fail(done, reason));
  }
}

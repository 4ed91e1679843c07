package io.carrick.engine.queue;

import io.carrick.ConsumerInfo;
import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a queue leaves everything to that keeps messages when they are consumed: it has no messages,
 * consumers and settings of its own then. Confined to the queue's loop.
 */
public interface Stream {

  /**
   * Takes a message.
   *
   * @param sequence the store's
   */
  void arrived(Message message, long sequence);

  /**
   * Adds a consumer; deliveries start behind the completion.
   *
   * @param done gets the consumer, or why not
   */
  void consume(ConsumeRequest request, Outlet outlet, Completion<Feed> done);

  /** Changes how much it keeps and for how long, by arguments that have been found right. */
  void bounds(Map<String, Object> arguments);

  /** Shows its consumers as they are now. */
  void show(Consumer<ConsumerInfo> each);

  /** Returns the queue as it is now. */
  QueueInfo info();

  /**
   * Ends it: messages go, consumers are told.
   *
   * @param told runs when they know it
   * @return how many messages there were
   */
  long end(Runnable told);
}

package io.carrick.engine.queue;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.QueueLog;
import org.jspecify.annotations.Nullable;

/** Keeps one queue that is in no virtual host, and is told of it what nobody wants to know. */
class LoneQueueOwner implements QueueOwner {

  private final MessageStore store;
  private final Limits limits;

  LoneQueueOwner(MessageStore store, Limits limits) {
    this.store = store;
    this.limits = limits;
  }

  @Override
  public String virtualHost() {
    return "/";
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public boolean logInMemory() {
    return true;
  }

  @Override
  public QueueLog openLog(Queue queue, long storeId) {
    return store.queueLog(storeId, queue.home().loop()::execute);
  }

  @Override
  public void unused(Queue queue) {}

  @Override
  public void refused(Message message) {}

  @Override
  public void attended(Queue queue) {}

  @Override
  public void unattended(Queue queue) {}

  @Override
  public void cameBack(Queue queue, long sequence, int times) {}

  @Override
  public void forgetReturns(Queue queue, long sequence) {}

  @Override
  public void deadLetter(DeadLetter letter) {}

  @Override
  public void settled(Queue queue, Message message, Settlement settlement) {}

  @Override
  public long consumed(Queue queue) {
    return 0;
  }

  @Override
  public @Nullable Object tagOf(Queue queue, Message message) {
    return null;
  }
}

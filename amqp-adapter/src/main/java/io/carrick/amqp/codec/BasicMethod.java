package io.carrick.amqp.codec;

import io.carrick.RoutingKey;
import java.util.Map;

/** The methods about messages. AMQP 0-9-1 §1.8 (basic), with negative acknowledgements. */
public sealed interface BasicMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 60;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static BasicMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> new Qos(in.longInt(), in.shortInt(), in.bit());
      case 11 -> new QosOk();
      case 20 -> {
        in.skip(2);
        yield new Consume(
            in.shortString(), in.shortString(), in.bit(), in.bit(), in.bit(), in.bit(), in.table());
      }
      case 21 -> new ConsumeOk(in.shortString());
      case 30 -> new Cancel(in.shortString(), in.bit());
      case 31 -> new CancelOk(in.shortString());
      case 40 -> {
        in.skip(2);
        yield new Publish(in.shortString(), in.key(), in.bit(), in.bit());
      }
      case 50 -> new Return(in.shortInt(), in.shortString(), in.shortString(), in.key());
      case 60 -> new Deliver(in.shortString(), in.longLong(), in.bit(), in.shortString(), in.key());
      case 70 -> {
        in.skip(2);
        yield new Get(in.shortString(), in.bit());
      }
      case 71 -> new GetOk(in.longLong(), in.bit(), in.shortString(), in.key(), in.longInt());
      case 72 -> {
        in.shortBytes();
        yield new GetEmpty();
      }
      case 80 -> new Ack(in.longLong(), in.bit());
      case 90 -> new Reject(in.longLong(), in.bit());
      case 100 -> new RecoverAsync(in.bit());
      case 110 -> new Recover(in.bit());
      case 111 -> new RecoverOk();
      case 120 -> new Nack(in.longLong(), in.bit(), in.bit());
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * Bounds what is delivered and not acknowledged.
   *
   * @param prefetchBytes 0 for no bound
   * @param prefetch deliveries, 0 for no bound
   * @param global whether for the channel together
   */
  record Qos(long prefetchBytes, int prefetch, boolean global) implements BasicMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longInt(prefetchBytes).shortInt(prefetch).bit(global);
    }
  }

  /** The bounds are in force. */
  record QosOk() implements BasicMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Starts a consumer.
   *
   * @param queue its name, empty for the last declared
   * @param consumerTag its tag, empty for one that the broker makes
   * @param noLocal no messages of this connection
   * @param noAck whether deliveries need no acknowledgement
   * @param exclusive whether nobody else may consume
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Consume(
      String queue,
      String consumerTag,
      boolean noLocal,
      boolean noAck,
      boolean exclusive,
      boolean noWait,
      Map<String, Object> arguments)
      implements BasicMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(queue)
          .shortString(consumerTag)
          .bit(noLocal)
          .bit(noAck)
          .bit(exclusive)
          .bit(noWait)
          .table(arguments);
    }
  }

  /**
   * The consumer is there.
   *
   * @param consumerTag its tag
   */
  record ConsumeOk(String consumerTag) implements BasicMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(consumerTag);
    }
  }

  /**
   * Ends a consumer; also sent by the broker.
   *
   * @param consumerTag its tag
   * @param noWait whether no answer is wanted
   */
  record Cancel(String consumerTag, boolean noWait) implements BasicMethod {
    @Override
    public int methodId() {
      return 30;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(consumerTag).bit(noWait);
    }
  }

  /**
   * The consumer has ended.
   *
   * @param consumerTag its tag
   */
  record CancelOk(String consumerTag) implements BasicMethod {
    @Override
    public int methodId() {
      return 31;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(consumerTag);
    }
  }

  /**
   * Publishes the content that follows.
   *
   * @param exchange where it was published to
   * @param key its routing key
   * @param mandatory whether it comes back if no queue matches
   * @param immediate whether it comes back if no consumer can take it
   */
  record Publish(String exchange, RoutingKey key, boolean mandatory, boolean immediate)
      implements BasicMethod {
    @Override
    public int methodId() {
      return 40;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(exchange)
          .shortBytes(key.keyBytes())
          .bit(mandatory)
          .bit(immediate);
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /**
   * Gives a message back to its publisher.
   *
   * @param code why
   * @param text for people
   * @param exchange where it was published to
   * @param key its routing key
   */
  record Return(int code, String text, String exchange, RoutingKey key) implements BasicMethod {
    @Override
    public int methodId() {
      return 50;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(code).shortString(text).shortString(exchange).shortBytes(key.keyBytes());
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /**
   * Hands the content that follows to a consumer.
   *
   * @param consumerTag which
   * @param deliveryTag names the delivery on its channel
   * @param redelivered whether it may have been delivered before
   * @param exchange where it was published to
   * @param key its routing key
   */
  record Deliver(
      String consumerTag, long deliveryTag, boolean redelivered, String exchange, RoutingKey key)
      implements BasicMethod {
    @Override
    public int methodId() {
      return 60;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(consumerTag)
          .longLong(deliveryTag)
          .bit(redelivered)
          .shortString(exchange)
          .shortBytes(key.keyBytes());
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /**
   * Asks for one message.
   *
   * @param queue its name, empty for the last declared
   * @param noAck whether it needs no acknowledgement
   */
  record Get(String queue, boolean noAck) implements BasicMethod {
    @Override
    public int methodId() {
      return 70;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0).shortString(queue).bit(noAck);
    }
  }

  /**
   * Hands over the content that follows.
   *
   * @param deliveryTag names the delivery on its channel
   * @param redelivered whether it may have been delivered before
   * @param exchange where it was published to
   * @param key its routing key
   * @param messages how many are left
   */
  record GetOk(
      long deliveryTag, boolean redelivered, String exchange, RoutingKey key, long messages)
      implements BasicMethod {
    @Override
    public int methodId() {
      return 71;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longLong(deliveryTag)
          .bit(redelivered)
          .shortString(exchange)
          .shortBytes(key.keyBytes())
          .longInt(messages);
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /** There is none. */
  record GetEmpty() implements BasicMethod {
    @Override
    public int methodId() {
      return 72;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString("");
    }
  }

  /**
   * Takes responsibility; sent by the broker for publishes.
   *
   * @param deliveryTag names the delivery on its channel
   * @param multiple whether also for all before it
   */
  record Ack(long deliveryTag, boolean multiple) implements BasicMethod {
    @Override
    public int methodId() {
      return 80;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longLong(deliveryTag).bit(multiple);
    }
  }

  /**
   * Refuses a delivery.
   *
   * @param deliveryTag names the delivery on its channel
   * @param requeue whether it goes back to the queue
   */
  record Reject(long deliveryTag, boolean requeue) implements BasicMethod {
    @Override
    public int methodId() {
      return 90;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longLong(deliveryTag).bit(requeue);
    }
  }

  /**
   * Puts back what is not acknowledged, without an answer.
   *
   * @param requeue whether perhaps to others
   */
  record RecoverAsync(boolean requeue) implements BasicMethod {
    @Override
    public int methodId() {
      return 100;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.bit(requeue);
    }
  }

  /**
   * Puts back what is not acknowledged.
   *
   * @param requeue whether perhaps to others
   */
  record Recover(boolean requeue) implements BasicMethod {
    @Override
    public int methodId() {
      return 110;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.bit(requeue);
    }
  }

  /** It is back. */
  record RecoverOk() implements BasicMethod {
    @Override
    public int methodId() {
      return 111;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Refuses deliveries; sent by the broker for publishes.
   *
   * @param deliveryTag names the delivery on its channel
   * @param multiple whether also all before it
   * @param requeue whether they go back to the queue
   */
  record Nack(long deliveryTag, boolean multiple, boolean requeue) implements BasicMethod {
    @Override
    public int methodId() {
      return 120;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longLong(deliveryTag).bit(multiple).bit(requeue);
    }
  }
}

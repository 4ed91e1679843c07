package io.carrick.amqp.codec;

import io.carrick.RoutingKey;
import java.util.Map;

/** The methods about queues. AMQP 0-9-1 §1.7 (queue). */
public sealed interface QueueMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 50;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static QueueMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> {
        in.skip(2);
        yield new Declare(
            in.shortString(), in.bit(), in.bit(), in.bit(), in.bit(), in.bit(), in.table());
      }
      case 11 -> new DeclareOk(in.shortString(), in.longInt(), in.longInt());
      case 20 -> {
        in.skip(2);
        yield new Bind(in.shortString(), in.shortString(), in.key(), in.bit(), in.table());
      }
      case 21 -> new BindOk();
      case 30 -> {
        in.skip(2);
        yield new Purge(in.shortString(), in.bit());
      }
      case 31 -> new PurgeOk(in.longInt());
      case 40 -> {
        in.skip(2);
        yield new Delete(in.shortString(), in.bit(), in.bit(), in.bit());
      }
      case 41 -> new DeleteOk(in.longInt());
      case 50 -> {
        in.skip(2);
        yield new Unbind(in.shortString(), in.shortString(), in.key(), in.table());
      }
      case 51 -> new UnbindOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * Makes sure that a queue exists.
   *
   * @param queue its name, empty for one that the broker makes
   * @param passive whether only to look
   * @param durable whether it outlives the broker
   * @param exclusive whether it belongs to this connection alone
   * @param autoDelete whether it goes with its last consumer
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Declare(
      String queue,
      boolean passive,
      boolean durable,
      boolean exclusive,
      boolean autoDelete,
      boolean noWait,
      Map<String, Object> arguments)
      implements QueueMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(queue)
          .bit(passive)
          .bit(durable)
          .bit(exclusive)
          .bit(autoDelete)
          .bit(noWait)
          .table(arguments);
    }
  }

  /**
   * The queue is there.
   *
   * @param queue its name
   * @param messages how many are ready
   * @param consumers how many it has
   */
  record DeclareOk(String queue, long messages, long consumers) implements QueueMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(queue).longInt(messages).longInt(consumers);
    }
  }

  /**
   * Binds a queue to an exchange.
   *
   * @param queue its name, empty for the last declared
   * @param exchange where messages come from
   * @param key the binding key
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Bind(
      String queue, String exchange, RoutingKey key, boolean noWait, Map<String, Object> arguments)
      implements QueueMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(queue)
          .shortString(exchange)
          .shortBytes(key.keyBytes())
          .bit(noWait)
          .table(arguments);
    }
  }

  /** The binding is there. */
  record BindOk() implements QueueMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Removes the ready messages.
   *
   * @param queue its name, empty for the last declared
   * @param noWait whether no answer is wanted
   */
  record Purge(String queue, boolean noWait) implements QueueMethod {
    @Override
    public int methodId() {
      return 30;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0).shortString(queue).bit(noWait);
    }
  }

  /**
   * They are gone.
   *
   * @param messages how many they were
   */
  record PurgeOk(long messages) implements QueueMethod {
    @Override
    public int methodId() {
      return 31;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longInt(messages);
    }
  }

  /**
   * Deletes a queue.
   *
   * @param queue its name, empty for the last declared
   * @param ifUnused whether only without consumers
   * @param ifEmpty whether only without ready messages
   * @param noWait whether no answer is wanted
   */
  record Delete(String queue, boolean ifUnused, boolean ifEmpty, boolean noWait)
      implements QueueMethod {
    @Override
    public int methodId() {
      return 40;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0).shortString(queue).bit(ifUnused).bit(ifEmpty).bit(noWait);
    }
  }

  /**
   * The queue is gone.
   *
   * @param messages how many went with it
   */
  record DeleteOk(long messages) implements QueueMethod {
    @Override
    public int methodId() {
      return 41;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longInt(messages);
    }
  }

  /**
   * Removes a binding.
   *
   * @param queue its name, empty for the last declared
   * @param exchange where messages come from
   * @param key the binding key
   * @param arguments extensions
   */
  record Unbind(String queue, String exchange, RoutingKey key, Map<String, Object> arguments)
      implements QueueMethod {
    @Override
    public int methodId() {
      return 50;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(queue)
          .shortString(exchange)
          .shortBytes(key.keyBytes())
          .table(arguments);
    }
  }

  /** The binding is gone. */
  record UnbindOk() implements QueueMethod {
    @Override
    public int methodId() {
      return 51;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}

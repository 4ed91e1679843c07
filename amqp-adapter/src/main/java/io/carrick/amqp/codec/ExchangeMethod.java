package io.carrick.amqp.codec;

import io.carrick.RoutingKey;
import java.util.Map;

/** The methods about exchanges. AMQP 0-9-1 §1.6 (exchange), with bindings between exchanges. */
public sealed interface ExchangeMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 40;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static ExchangeMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> {
        in.skip(2);
        yield new Declare(
            in.shortString(),
            in.shortString(),
            in.bit(),
            in.bit(),
            in.bit(),
            in.bit(),
            in.bit(),
            in.table());
      }
      case 11 -> new DeclareOk();
      case 20 -> {
        in.skip(2);
        yield new Delete(in.shortString(), in.bit(), in.bit());
      }
      case 21 -> new DeleteOk();
      case 30 -> {
        in.skip(2);
        yield new Bind(in.shortString(), in.shortString(), in.key(), in.bit(), in.table());
      }
      case 31 -> new BindOk();
      case 40 -> {
        in.skip(2);
        yield new Unbind(in.shortString(), in.shortString(), in.key(), in.bit(), in.table());
      }
      case 51 -> new UnbindOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * Makes sure that an exchange exists.
   *
   * @param exchange its name
   * @param type its type
   * @param passive whether only to look
   * @param durable whether it outlives the broker
   * @param autoDelete whether it goes with its last binding
   * @param internal whether clients may not publish to it
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Declare(
      String exchange,
      String type,
      boolean passive,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      boolean noWait,
      Map<String, Object> arguments)
      implements ExchangeMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(exchange)
          .shortString(type)
          .bit(passive)
          .bit(durable)
          .bit(autoDelete)
          .bit(internal)
          .bit(noWait)
          .table(arguments);
    }
  }

  /** The exchange is there. */
  record DeclareOk() implements ExchangeMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Deletes an exchange.
   *
   * @param exchange its name
   * @param ifUnused whether only without bindings
   * @param noWait whether no answer is wanted
   */
  record Delete(String exchange, boolean ifUnused, boolean noWait) implements ExchangeMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0).shortString(exchange).bit(ifUnused).bit(noWait);
    }
  }

  /** The exchange is gone. */
  record DeleteOk() implements ExchangeMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Binds an exchange to another.
   *
   * @param destination where messages go
   * @param source where they come from
   * @param key the binding key
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Bind(
      String destination,
      String source,
      RoutingKey key,
      boolean noWait,
      Map<String, Object> arguments)
      implements ExchangeMethod {
    @Override
    public int methodId() {
      return 30;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(destination)
          .shortString(source)
          .shortBytes(key.keyBytes())
          .bit(noWait)
          .table(arguments);
    }
  }

  /** The binding is there. */
  record BindOk() implements ExchangeMethod {
    @Override
    public int methodId() {
      return 31;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * Removes a binding between exchanges.
   *
   * @param destination where messages go
   * @param source where they come from
   * @param key the binding key
   * @param noWait whether no answer is wanted
   * @param arguments extensions
   */
  record Unbind(
      String destination,
      String source,
      RoutingKey key,
      boolean noWait,
      Map<String, Object> arguments)
      implements ExchangeMethod {
    @Override
    public int methodId() {
      return 40;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(0)
          .shortString(destination)
          .shortString(source)
          .shortBytes(key.keyBytes())
          .bit(noWait)
          .table(arguments);
    }
  }

  /** The binding is gone. */
  record UnbindOk() implements ExchangeMethod {
    @Override
    public int methodId() {
      return 51;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}

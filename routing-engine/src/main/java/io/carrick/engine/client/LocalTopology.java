package io.carrick.engine.client;

import io.carrick.Binding;
import io.carrick.ExchangeSpec;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.QueueSpec;
import io.carrick.Topology;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Topology for an in-JVM client. Thread-safe: each method asks the client's attachment. */
final class LocalTopology implements Topology {

  private final LocalClient client;

  LocalTopology(LocalClient client) {
    this.client = client;
  }

  @Override
  public ExchangeSpec exchange(String name, String type) {
    return new LocalExchangeSpec(name, type);
  }

  @Override
  public QueueSpec queue(String name) {
    return new LocalQueueSpec(name);
  }

  @Override
  public void bind(Binding binding) {
    client.ask((Attachment a, Completion<Integer> done) -> a.bind(List.of(binding), done));
  }

  @Override
  public void unbind(Binding binding) {
    client.ask((Attachment a, Completion<Integer> done) -> a.unbind(List.of(binding), done));
  }

  @Override
  public Optional<QueueInfo> find(String queue) {
    try {
      return Optional.of(
          client.ask((Attachment a, Completion<QueueInfo> done) -> a.findQueue(queue, done)));
    } catch (NotFoundException none) {
      return Optional.empty();
    }
  }

  @Override
  public long purge(String queue) {
    return client.ask((Attachment a, Completion<Long> done) -> a.purgeQueue(queue, done));
  }

  @Override
  public void deleteExchange(String name) {
    client.ask((Attachment a, Completion<Done> done) -> a.deleteExchange(name, false, done));
  }

  @Override
  public void deleteQueue(String name) {
    client.ask((Attachment a, Completion<Long> done) -> a.deleteQueue(name, false, false, done));
  }

  /** Describes an exchange. Confined to the calling thread. */
  private final class LocalExchangeSpec implements ExchangeSpec {

    private final String name;
    private final String type;
    private final Map<String, Object> arguments = new HashMap<>();
    private boolean durable;
    private boolean autoDelete;
    private boolean internal;

    LocalExchangeSpec(String name, String type) {
      this.name = name;
      this.type = type;
    }

    @Override
    public ExchangeSpec durable() {
      durable = true;
      return this;
    }

    @Override
    public ExchangeSpec autoDelete() {
      autoDelete = true;
      return this;
    }

    @Override
    public ExchangeSpec internal() {
      internal = true;
      return this;
    }

    @Override
    public ExchangeSpec alternate(String exchange) {
      return argument("alternate-exchange", exchange);
    }

    @Override
    public ExchangeSpec argument(String key, Object value) {
      arguments.put(key, value);
      return this;
    }

    @Override
    public void declare() {
      var declaration =
          new ExchangeDeclaration(name, type, durable, autoDelete, internal, arguments);
      client.ask((Attachment a, Completion<Done> done) -> a.declareExchange(declaration, done));
    }
  }

  /** Describes a queue. Confined to the calling thread. */
  private final class LocalQueueSpec implements QueueSpec {

    private final String name;
    private final Map<String, Object> arguments = new HashMap<>();
    private boolean durable;
    private boolean exclusive;
    private boolean autoDelete;

    LocalQueueSpec(String name) {
      this.name = name;
    }

    @Override
    public QueueSpec durable() {
      durable = true;
      return this;
    }

    @Override
    public QueueSpec exclusive() {
      exclusive = true;
      return this;
    }

    @Override
    public QueueSpec autoDelete() {
      autoDelete = true;
      return this;
    }

    @Override
    public QueueSpec argument(String key, Object value) {
      arguments.put(key, value);
      return this;
    }

    @Override
    public String declare() {
      var declaration = new QueueDeclaration(name, durable, exclusive, autoDelete, arguments, null);
      return client
          .ask((Attachment a, Completion<QueueInfo> done) -> a.declareQueue(declaration, done))
          .name();
    }
  }
}

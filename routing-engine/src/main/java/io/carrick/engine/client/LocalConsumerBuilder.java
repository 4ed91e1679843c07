package io.carrick.engine.client;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.ConsumerBuilder;
import io.carrick.DeliveryHandler;
import io.carrick.QueueInfo;
import io.carrick.Source;
import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import io.carrick.Subscription;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.StreamRead;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Describes an in-JVM consumer and starts it. Confined to the calling thread. */
final class LocalConsumerBuilder implements ConsumerBuilder {

  private static final int DEFAULT_PREFETCH = 256;

  private final LocalClient client;
  private final Source source;
  private Executor executor;
  private int prefetch = DEFAULT_PREFETCH;
  private boolean autoAccept;
  private boolean manual;
  private boolean exclusive;
  private @Nullable StreamOffset from;
  private @Nullable StreamFilter filter;

  LocalConsumerBuilder(LocalClient client, Source source, Executor executor) {
    this.client = client;
    this.source = source;
    this.executor = executor;
  }

  @Override
  public ConsumerBuilder prefetch(int deliveries) {
    if (deliveries < 1 || deliveries > 65_535) {
      throw new IllegalArgumentException("prefetch is 1 to 65535: " + deliveries);
    }
    prefetch = deliveries;
    return this;
  }

  @Override
  public ConsumerBuilder autoAccept() {
    autoAccept = true;
    return this;
  }

  @Override
  public ConsumerBuilder manual() {
    manual = true;
    return this;
  }

  @Override
  public ConsumerBuilder exclusive() {
    exclusive = true;
    return this;
  }

  @Override
  public ConsumerBuilder fromOffset(StreamOffset offset) {
    from = offset;
    return this;
  }

  @Override
  public ConsumerBuilder filter(StreamFilter wanted) {
    filter = wanted;
    return this;
  }

  @Override
  public ConsumerBuilder executor(Executor runsHandlers) {
    executor = runsHandlers;
    return this;
  }

  @Override
  public Subscription start(DeliveryHandler handler) {
    String queue = queue();
    var consumer = new LocalConsumer(client, queue, handler, executor, manual || autoAccept);
    var request =
        new ConsumeRequest(
            queue, autoAccept, exclusive ? Mode.EXCLUSIVE : Mode.SHARED, prefetch, 0);
    ConsumeRequest reading = reading(request);
    client.ask(
        (Attachment a, Completion<Consumption> done) ->
            a.consume(reading, consumer, consumer.started(done)));
    return consumer;
  }

  private ConsumeRequest reading(ConsumeRequest request) {
    StreamOffset offset = from;
    if (offset == null && filter == null) {
      return request;
    }
    return request.reading(new StreamRead(offset == null ? StreamOffset.next() : offset, filter));
  }

  private String queue() {
    if (source instanceof Source.Queue named) {
      return named.name();
    }
    Source.Bound bound = (Source.Bound) source;
    var declaration = new QueueDeclaration("", false, true, true, Map.of(), null);
    QueueInfo queue =
        client.ask((Attachment a, Completion<QueueInfo> done) -> a.declareQueue(declaration, done));
    Binding binding = Binding.of(bound.exchange(), queue.name(), bound.bindingKey());
    try {
      client.ask((Attachment a, Completion<Integer> done) -> a.bind(List.of(binding), done));
    } catch (BrokerException refused) {
      client.topology().deleteQueue(queue.name());
      throw refused;
    }
    return queue.name();
  }
}

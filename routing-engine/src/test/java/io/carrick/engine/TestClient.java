package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.engine.loop.ManualLoop;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Consumption;
import io.carrick.spi.Credentials;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client on one of two manual loops, that notes what it is told. */
final class TestClient implements AttachmentListener {

  final List<String> told = new ArrayList<>();
  final Attachment port;
  private final ManualLoops loops;
  private final ManualLoop loop;

  TestClient(AdapterContext adapters, ManualLoops loops, ManualLoop loop, String name) {
    this(adapters, loops, loop, name, "/");
  }

  TestClient(
      AdapterContext adapters, ManualLoops loops, ManualLoop loop, String name, String host) {
    this.loops = loops;
    this.loop = loop;
    var credentials = new Credentials("", new byte[0], name, "test", true);
    var request = new AttachRequest(host, credentials, "test", name);
    var attached = new Answer<Attachment>();
    adapters.attach(loop, new Identity("", name), request, this, attached);
    this.port = attached.get();
  }

  /** Does something in the client's loop and lets everything follow. */
  void act(Consumer<Attachment> action) {
    loop.turn(() -> action.accept(port));
    loops.run();
  }

  /** Opens the client's transaction. */
  Transaction openTransaction(Consumer<Message> returned) {
    var opened = new ArrayList<Transaction>();
    act(p -> opened.add(p.openTransaction(returned)));
    return opened.get(0);
  }

  <T> T ask(java.util.function.BiConsumer<Attachment, Completion<T>> question) {
    var answer = new Answer<T>();
    act(p -> question.accept(p, answer));
    return answer.get();
  }

  QueueInfo declare(String queue) {
    return ask((p, done) -> p.declareQueue(plain(queue), done));
  }

  QueueInfo declareExclusive(String queue) {
    var declaration = new QueueDeclaration(queue, false, true, false, java.util.Map.of(), null);
    return ask((p, done) -> p.declareQueue(declaration, done));
  }

  static QueueDeclaration plain(String name) {
    return new QueueDeclaration(name, false, false, false, java.util.Map.of(), null);
  }

  void bind(Binding binding) {
    ask((Attachment p, Completion<Integer> done) -> p.bind(List.of(binding), done));
  }

  void publish(String exchange, String key, String text) {
    act(p -> p.publishConfirmed(message(exchange, key, MessageProperties.NONE, text)));
  }

  Message message(String exchange, String key, MessageProperties properties, String text) {
    return Message.published(
        exchange,
        RoutingKey.ofKey(key),
        properties,
        text.getBytes(StandardCharsets.UTF_8),
        port.identity(),
        0);
  }

  Consuming consume(ConsumeRequest request) {
    var consuming = new Consuming();
    consuming.consumption = ask((p, done) -> p.consume(request, consuming, done));
    return consuming;
  }

  @Override
  public void accepted(long first, long last) {
    told.add("accepted " + first + "-" + last);
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    told.add("refused " + first + "-" + last);
  }

  @Override
  public void pauseReading(Pause why) {
    told.add("pause " + why);
  }

  @Override
  public void resumeReading(Pause why) {
    told.add("resume " + why);
  }

  @Override
  public void overdue(String queue, long timeoutMs) {
    told.add("overdue " + queue + " " + timeoutMs);
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    told.add("close " + reason);
  }

  /** An answer that must have come. */
  static final class Answer<T> implements Completion<T> {
    private @Nullable T value;
    private @Nullable BrokerException failure;

    @Override
    public void completed(T answer) {
      assertThat(value).isNull();
      value = answer;
    }

    @Override
    public void failed(BrokerException reason) {
      failure = reason;
    }

    T get() {
      if (failure != null) {
        throw failure;
      }
      assertThat(value).as("an answer").isNotNull();
      return value;
    }
  }

  /** A consumer that notes what it gets. */
  final class Consuming implements DeliverySink {
    final List<String> got = new ArrayList<>();
    final List<Long> ids = new ArrayList<>();
    Consumption consumption;

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      ids.add(deliveryId);
      got.add(message.text() + (tag == null ? "" : "/" + tag) + (redelivered ? "*" : ""));
    }

    @Override
    public void ended(End why) {
      got.add(why.toString());
    }

    TestClient client() {
      return TestClient.this;
    }

    void settle(int index, Settlement how) {
      act(p -> consumption.settle(ids.get(index), how));
    }
  }
}

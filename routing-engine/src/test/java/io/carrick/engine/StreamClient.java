package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static io.carrick.spi.Settlement.ACCEPT;

import io.carrick.Message;
import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import io.carrick.StreamOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.spi.StreamRead;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of streams in tests, which notes offsets with what it gets. */
final class StreamClient {

  final TestClient client;

  StreamClient(TestClient client) {
    this.client = client;
  }

  static QueueDeclaration stream(String name, StreamOptions options) {
    var arguments = new HashMap<>(options.arguments());
    arguments.put("x-queue-type", "stream");
    return new QueueDeclaration(name, true, false, false, Map.copyOf(arguments), null);
  }

  void publish(String stream, String... texts) {
    client.act(a -> publish(a, stream, texts));
  }

  /** Publishes in the client's loop. */
  void publish(Attachment a, String stream, String... texts) {
    for (String text : texts) {
      Message message = client.message("", stream, PERSISTENT, text);
      a.publishConfirmed(
          message.addressed("", message.routingKey(), a.identity(), a.loop().wallTimeMs()));
    }
  }

  ConsumeRequest request(String stream, int prefetch, StreamOffset from) {
    return request(stream, prefetch, from, null);
  }

  ConsumeRequest request(
      String stream, int prefetch, StreamOffset from, @Nullable StreamFilter filter) {
    return new ConsumeRequest(stream, false, Mode.SHARED, prefetch, 0)
        .reading(new StreamRead(from, filter));
  }

  Reading read(String stream, int prefetch, StreamOffset from) {
    return read(request(stream, prefetch, from));
  }

  Reading read(ConsumeRequest request) {
    var reading = new Reading();
    reading.consumption = client.ask((p, done) -> p.consume(request, reading, done));
    return reading;
  }

  /** A consumer that notes what it gets. */
  final class Reading implements DeliverySink {

    /** Offsets and texts. */
    final List<String> got = new ArrayList<>();

    private final List<Long> unsettled = new ArrayList<>();
    private Consumption consumption;

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      unsettled.add(deliveryId);
      String offset = Long.toString(message.annotations().streamOffset().orElseThrow());
      got.add(offset + ":" + message.text() + (redelivered ? "*" : ""));
    }

    @Override
    public void ended(End why) {
      got.add(why.toString());
    }

    Consumption consumption() {
      return consumption;
    }

    /** Settles the oldest. */
    void settle(int count, Settlement how) {
      client.act(
          p -> {
            for (int i = 0; i < count && !unsettled.isEmpty(); i++) {
              consumption.settle(unsettled.remove(0), how);
            }
          });
    }

    /** Accepts all that it has with the commit of a transaction. */
    void accept(Transaction transaction) {
      client.act(p -> unsettled.forEach(id -> transaction.settle(consumption, id, ACCEPT)));
      unsettled.clear();
    }

    /** Takes and settles until nothing more comes, and returns all that it got. */
    List<String> all() {
      while (!unsettled.isEmpty()) {
        settle(unsettled.size(), ACCEPT);
      }
      return got;
    }

    void cancel() {
      client.ask((Attachment p, Completion<Done> done) -> consumption.cancel(done));
    }
  }
}

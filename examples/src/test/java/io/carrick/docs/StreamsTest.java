package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import io.carrick.StreamOptions;
import io.carrick.Subscription;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/streams.md shows, with a journal. */
class StreamsTest {

  @TempDir Path data;

  private static final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();

  private static void handle(long offset, Message reading) {
    seen.add(offset + ":" + reading.text());
  }

  private static String next() throws InterruptedException {
    return String.valueOf(seen.poll(10, TimeUnit.SECONDS));
  }

  private static void handle(Delivery delivery) {
    handle(delivery.message().annotations().streamOffset().orElseThrow(), delivery.message());
  }

  private Broker start() {
    return EmbeddedBroker.builder().store(Journal.in(data)).start();
  }

  @Test
  void aStreamIsReadFromAnOffsetAlsoAfterARestart() throws Exception {
    try (Broker broker = start();
        Client client = broker.connect()) {
      // snippet
      client.topology().queue("readings").stream(
              StreamOptions.none().maxAge(Duration.ofDays(7)).maxLengthBytes(10_000_000_000L))
          .declare();
      client.publisher("").publish("readings", Message.of("21.5"));

      Subscription all =
          client
              .consumer(Source.queue("readings"))
              .fromOffset(StreamOffset.first())
              .prefetch(1_000)
              .start(
                  delivery -> {
                    long offset = delivery.message().annotations().streamOffset().orElseThrow();
                    handle(offset, delivery.message());
                  });
      // end
      assertThat(next()).isEqualTo("0:21.5");
      client.publisher("").publish("readings", Message.of("21.7")).toCompletableFuture().get();
      assertThat(next()).isEqualTo("1:21.7");
      all.close();
    }
    try (Broker broker = start();
        Client client = broker.connect()) {
      Message kitchen =
          Message.builder("22.0").header("x-stream-filter-value", "kitchen").persistent().build();
      client.publisher("").publish("readings", kitchen).toCompletableFuture().get();

      client
          .consumer(Source.queue("readings"))
          .fromOffset(StreamOffset.at(1))
          .start(StreamsTest::handle);
      assertThat(next()).isEqualTo("1:21.7");
      assertThat(next()).isEqualTo("2:22.0");
      client
          .consumer(Source.queue("readings"))
          .fromOffset(StreamOffset.first())
          .filter(StreamFilter.of("kitchen"))
          .start(StreamsTest::handle);
      assertThat(next()).isEqualTo("2:22.0");
      assertThat(broker.queues().get(0).ready()).isEqualTo(3);
    }
  }
}

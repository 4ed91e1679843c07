package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Trace;
import io.carrick.TraceEvent;
import io.carrick.TraceEvent.Stage;
import io.carrick.TraceFilter;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener of a trace hears, and that nobody waits for it. */
@Timeout(30)
class TraceListenerTest {

  private static final int MOST = 8;

  private final Broker broker =
      EmbeddedBroker.builder().limits(Limits.defaults().with(Limit.TRACE_EVENTS, MOST)).start();
  private final Client client = broker.connect();
  private final BlockingQueue<TraceEvent> heard = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    client.close();
    broker.close();
  }

  private void publish(String key) {
    client.publisher("").publish(key, Message.of("m")).toCompletableFuture().join();
  }

  private TraceEvent next() throws InterruptedException {
    TraceEvent next = heard.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("an event").isNotNull();
    return next;
  }

  @Test
  void aListenerHearsTheEventsInTheirOrderInAThreadThatIsNoLoop() throws Exception {
    client.topology().queue("q").declare();
    var threads = new LinkedBlockingQueue<String>();
    broker.trace(
        TraceFilter.everything(),
        event -> {
          threads.add(Thread.currentThread().getName());
          heard.add(event);
        });
    publish("q");
    assertThat(next().stage()).isEqualTo(Stage.ARRIVED);
    assertThat(next().stage()).isEqualTo(Stage.ROUTED);
    assertThat(next().stage()).isEqualTo(Stage.MATCHED);
    TraceEvent queued = next();
    assertThat(queued.stage()).isEqualTo(Stage.QUEUED);
    assertThat(queued.queue()).isEqualTo("q");
    assertThat(queued.message()).isEqualTo(1);
    assertThat(threads).allSatisfy(name -> assertThat(name).contains("worker"));
  }

  @Test
  void aListenerThatThrowsHearsTheNextEventAndPublishersHearNothingOfIt() throws Exception {
    broker.trace(
        TraceFilter.everything(),
        event -> {
          heard.add(event);
          throw new IllegalStateException("on purpose");
        });
    publish("nobody");
    assertThat(next().stage()).isEqualTo(Stage.ARRIVED);
    assertThat(next().stage()).isEqualTo(Stage.ROUTED);
    assertThat(next().stage()).isEqualTo(Stage.UNROUTABLE);
  }

  @Test
  void aListenerThatIsSlowHoldsNobodyUpAndWhatItMissesIsCounted() throws Exception {
    var goOn = new CountDownLatch(1);
    Trace trace =
        broker.trace(
            TraceFilter.everything(),
            event -> {
              heard.add(event);
              await(goOn);
            });
    for (int i = 0; i < 10; i++) {
      publish("nobody"); // three events each
    }
    assertThat(trace.followed()).isEqualTo(10);
    assertThat(trace.missed()).isBetween(30L - MOST - 1, 30L - MOST);
    long before = trace.missed();
    goOn.countDown();
    for (long i = before; i < 30; i++) {
      next();
    }
    publish("last");
    assertThat(next().key()).isEqualTo("last");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aListenerHearsNothingOnceItsTraceIsClosed() throws Exception {
    var first = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    Trace trace =
        broker.trace(
            TraceFilter.everything(),
            event -> {
              first.countDown();
              await(goOn);
              heard.add(event);
            });
    publish("nobody");
    first.await();
    trace.close();
    goOn.countDown();
    assertThat(next().stage()).isEqualTo(Stage.ARRIVED); // it was in that one
    var behind = new LinkedBlockingQueue<TraceEvent>();
    broker.trace(TraceFilter.everything(), behind::add);
    publish("nobody");
    assertThat(behind.poll(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(heard).isEmpty();
  }
}

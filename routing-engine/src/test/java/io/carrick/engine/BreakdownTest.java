package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.engine.loop.ThreadLoops;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.PublishInterceptor;
import io.carrick.storage.Disk;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that runs out of memory ends, and says so; it is never half alive. */
@Timeout(30)
class BreakdownTest {

  private final BlockingQueue<Throwable> heard = new ArrayBlockingQueue<>(10);

  private final class Listening implements BrokerListener {
    @Override
    public void onFailed(Throwable cause) {
      heard.add(cause);
    }
  }

  private Broker brokerThat(PublishInterceptor interceptor) {
    return EmbeddedBroker.builder()
        .loops(prefix -> ThreadLoops.start(2, prefix))
        .interceptor(interceptor)
        .listener(new Listening())
        .start();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("carrick-"))
        .toList();
  }

  @Test
  void whereverMemoryRunsOutInALoopTheBrokerClosesAndItsListenerHearsWhy() throws Exception {
    var outOfMemory = new OutOfMemoryError("of the test");
    Broker broker =
        brokerThat(
            message -> {
              throw outOfMemory;
            });
    Client client = broker.connect();

    client.publisher("").send("q", Message.of("one"));

    assertThat(heard.poll(10, TimeUnit.SECONDS)).isSameAs(outOfMemory);
    broker.close(); // waits for the end
    assertThat(threads()).isEmpty();
    assertThat(heard).as("once").isEmpty();
    assertThatThrownBy(broker::connect).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whoWaitsForTheBrokerIsToldInsteadOfWaitingForEver() throws Exception {
    Broker broker =
        brokerThat(
            message -> {
              throw new OutOfMemoryError("of the test");
            });
    Client client = broker.connect();
    client.publisher("").send("q", Message.of("one"));
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isNotNull();

    assertThatThrownBy(() -> client.topology().queue("q").declare())
        .isInstanceOf(IllegalStateException.class);
    broker.close();
  }

  @Test
  void aStoreThatRanOutOfMemoryEndsTheBrokerAsWell() throws Exception {
    var disk = new Disk();
    Broker broker = brokerOn(disk);
    var outOfMemory = new OutOfMemoryError("of the test");

    disk.fail(outOfMemory);

    assertThat(heard.poll(10, TimeUnit.SECONDS)).isSameAs(outOfMemory);
    broker.close();
    assertThat(threads()).isEmpty();
  }

  @Test
  void aStoreThatFailedOtherwiseLeavesTheBrokerToWhoNeedsNoStore() {
    var disk = new Disk();
    try (Broker broker = brokerOn(disk);
        Client client = broker.connect()) {
      disk.fail(new java.io.IOException("of the test"));

      client.topology().queue("q").declare();
      assertThat(heard).isEmpty();
    }
  }

  private Broker brokerOn(Disk disk) {
    return EmbeddedBroker.builder()
        .loops(prefix -> ThreadLoops.start(2, prefix))
        .store(disk)
        .listener(new Listening())
        .start();
  }

  @Test
  void anErrorThatIsNotOfMemoryEndsWhatItWasInAndNothingElse() {
    Broker broker =
        brokerThat(
            message -> {
              throw new NoClassDefFoundError("of the test");
            });
    try (broker;
        Client client = broker.connect()) {
      client.publisher("").send("q", Message.of("one"));
      client.topology().queue("q").declare();
      assertThat(broker.queues()).hasSize(1);
      assertThat(heard).isEmpty();
    }
  }
}

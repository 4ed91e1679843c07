package io.carrick.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.carrick.Broker;
import io.carrick.Trace;
import io.carrick.TraceFilter;
import io.carrick.amqp.Amqp;
import io.carrick.benchmarks.load.Scenario.Crowd;
import io.carrick.benchmarks.load.Scenario.Pace;
import io.carrick.benchmarks.load.Scenario.Promise;
import io.carrick.benchmarks.load.Scenario.Route;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.transport.LocalPeer;
import io.carrick.transport.VirtualTime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a message costs, in counts that do not depend on the machine: flushes, and bytes allocated
 * in the loops. One thread runs everything, so the counts are the same in every run. A count that
 * rises is a regression; where one falls, lower its bound here.
 */
class CostPerMessageTest {

  private static final int BATCH = 50;
  private static final int WARM_UP = 400;
  private static final int BATCHES = 100;

  private static final Cost MQTT_AT_MOST_ONCE = new Cost(20, 520);
  private static final Cost AMQP_AT_LEAST_ONCE = new Cost(40, 920);

  private final VirtualTime time = VirtualTime.inThisThread(1);
  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(time.loops())
          .adapter(Mqtt.onAnyPort())
          .adapter(Amqp.onAnyPort())
          .start();
  private final List<Client> clients = new ArrayList<>();
  private long received;

  @AfterEach
  void close() {
    clients.forEach(c -> c.connection.close());
    broker.close();
  }

  /** A load client over a connection inside this JVM. */
  private final class Client {

    private final Peer peer;
    private final LocalPeer connection;
    private final ByteBuffer out = ByteBuffer.allocate(1 << 20);

    Client(Peer peer, boolean mqtt) {
      this.peer = peer;
      this.connection = time.connect(broker.address(mqtt ? "mqtt" : "amqp"));
      clients.add(this);
      peer.start(bytes -> out);
    }

    /** Sends and receives until there is nothing more to say; returns whether there was. */
    boolean exchange() throws IOException {
      boolean any = out.position() > 0;
      if (any) {
        connection.send(Arrays.copyOf(out.array(), out.position()));
        out.clear();
      }
      byte[] in = connection.received();
      peer.read(ByteBuffer.wrap(in));
      return any || in.length > 0;
    }
  }

  private void exchangeAll() throws IOException {
    boolean any = true;
    while (any) {
      any = false;
      for (Client client : clients) {
        any |= client.exchange();
      }
    }
  }

  /** What a thousand messages cost. */
  private record Cost(long flushes, long allocatedBytesEach) {}

  private Cost measure(Route route, int guarantee) throws IOException {
    var scenario =
        new Scenario(
            "cost", "", route, new Promise(guarantee, false), Crowd.PAIR, Pace.window(BATCH));
    var cast =
        new Cast(scenario, new Cast.Logins(new Login("", ""), new Login("guest", "guest")), "1");
    new Client(cast.receiver(0, (in, at, length) -> received++), route.receivesMqtt());
    exchangeAll();
    var publisher = new Client(cast.publisher(0), route.publishesMqtt());
    exchangeAll();
    assertThat(clients).allMatch(c -> c.peer.ready());

    publish(publisher, WARM_UP, scenario);
    long flushesBefore = broker.metrics().value("flushes");
    long bytesBefore = allocated();
    publish(publisher, BATCHES, scenario);
    long bytes = allocated() - bytesBefore;
    long flushes = broker.metrics().value("flushes") - flushesBefore;

    assertThat(received).isEqualTo((long) (WARM_UP + BATCHES) * BATCH);
    return new Cost(flushes * 1_000 / (BATCHES * BATCH), bytes / (BATCHES * BATCH));
  }

  private void publish(Client publisher, int batches, Scenario scenario) throws IOException {
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 0; i < BATCH; i++) {
        publisher.peer.publish(new Stamp(1, 0, 1, 0), scenario.pace().size());
      }
      exchangeAll();
    }
  }

  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private void holds(Route route, int guarantee, Cost most) throws IOException {
    Cost cost = measure(route, guarantee);
    assertThat(cost.flushes).as("flushes for 1,000 messages").isLessThanOrEqualTo(most.flushes);
    assertThat(cost.allocatedBytesEach)
        .as("bytes allocated for a message, this test's own included")
        .isLessThanOrEqualTo(most.allocatedBytesEach);
  }

  @Test
  void mqttAtMostOnce() throws IOException {
    holds(Route.MQTT, 0, MQTT_AT_MOST_ONCE);
  }

  @Test
  void mqttAtLeastOnce() throws IOException {
    holds(Route.MQTT, 1, new Cost(40, 640));
  }

  @Test
  void mqttExactlyOnce() throws IOException {
    holds(Route.MQTT, 2, new Cost(80, 790));
  }

  @Test
  void amqpWithoutAcks() throws IOException {
    holds(Route.AMQP_QUEUE, 0, new Cost(20, 850));
  }

  @Test
  void amqpWithConfirmsAndAcks() throws IOException {
    holds(Route.AMQP_QUEUE, 1, AMQP_AT_LEAST_ONCE);
  }

  @Test
  void bridgeFromMqttToAmqp() throws IOException {
    holds(Route.MQTT_TO_AMQP, 1, new Cost(40, 1_030));
  }

  @Test
  void bridgeFromAmqpToMqtt() throws IOException {
    holds(Route.AMQP_TO_MQTT, 0, new Cost(20, 640));
  }

  /** What somebody has looked at before costs nothing, nor does what nobody looks at. */
  @Test
  void atMostOnceBesideATraceThatIsOver() throws IOException {
    broker.trace(TraceFilter.everything()).close();
    broker.trace(TraceFilter.everything().topic("$never")).close();
    holds(Route.MQTT, 0, MQTT_AT_MOST_ONCE);
  }

  @Test
  void amqpBesideAFirehoseThatIsOff() throws IOException {
    broker.admin().firehose("/", true);
    broker.admin().firehose("/", false);
    exchangeAll();
    holds(Route.AMQP_QUEUE, 1, AMQP_AT_LEAST_ONCE);
  }

  /** A message that a trace does not choose stays as it is. */
  @Test
  void atMostOnceBesideATraceOfOthers() throws IOException {
    try (Trace others = broker.trace(TraceFilter.everything().topic("another/+"))) {
      holds(Route.MQTT, 0, MQTT_AT_MOST_ONCE);
      assertThat(others.followed()).isZero();
    }
  }
}

package io.carrick.mqtt;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One message to an MQTT client whose window is full: an earlier one is acknowledged to its end,
 * and its place is taken by the next, which gets an identifier.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class InflightWindowBenchmark {

  /** Which message the client acknowledges next. */
  public enum Order {
    /** The oldest, as MQTT asks of clients. */
    OLDEST,
    /** Any of those that it has. */
    ANY
  }

  @Param({"1", "2"})
  int qos = 1;

  /** How many messages are on their way; 1,024 is the limit's default, 49,152 its most. */
  @Param({"10", "100", "1024", "49152"})
  int receiveMaximum = 10;

  @Param Order order = Order.OLDEST;

  private final InflightWindow window = new InflightWindow();
  private final SplittableRandom random = new SplittableRandom(1);
  private int[] packetIds = {};
  private long[] deliveries = {};
  private long lastDelivery;
  private int next;

  /** Fills the window. */
  @Setup
  public void fill() {
    packetIds = new int[receiveMaximum];
    deliveries = new long[receiveMaximum];
    for (int i = 0; i < receiveMaximum; i++) {
      send(i);
    }
  }

  private void send(int place) {
    deliveries[place] = ++lastDelivery;
    packetIds[place] = window.assign(lastDelivery, qos);
  }

  private int acknowledged() {
    if (order == Order.ANY) {
      return random.nextInt(receiveMaximum);
    }
    next = next + 1 < receiveMaximum ? next + 1 : 0;
    return next;
  }

  /** One acknowledged, one sent. */
  @Benchmark
  public int acknowledgeAndSend() {
    int place = acknowledged();
    int packetId = packetIds[place];
    long delivery = qos == 1 ? window.acknowledge(packetId) : window.release(packetId);
    boolean freed = qos == 1 || window.complete(packetId);
    if (delivery != deliveries[place] || !freed || window.size() != receiveMaximum - 1) {
      throw new IllegalStateException(packetId + " was that of " + delivery);
    }
    send(place);
    return packetIds[place];
  }
}

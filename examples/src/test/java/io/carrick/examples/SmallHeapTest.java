package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.MessageProperties;
import io.carrick.bridge.RawMqtt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * More than fits a small heap: a broker stays alive, lets people in, loses nothing that it has
 * acknowledged, and ends when it is told to. Publishers may be held back. Each load lasts {@code
 * -Dcarrick.smallheap.seconds}.
 */
@Tag("smallheap")
@Timeout(600)
class SmallHeapTest {

  private static final Duration LOAD =
      Duration.ofSeconds(Integer.getInteger("carrick.smallheap.seconds", 8));

  /** As behind {@code -Xmx}: less finds faults sooner. */
  private static final String HEAP = System.getProperty("carrick.smallheap.heap", "256m");

  private static final String SESSION = "away";

  /** What a session keeps at most, of which it drops the oldest: {@code SESSION_QUEUE_…}. */
  private static final int KEPT_MESSAGES = 100_000;

  private static final int KEPT_BYTES = 268_435_456;

  /** What a consumer gets in a second at least, far below what it would on an idle machine. */
  private static final int SPEED = 2_000;

  private static final int PREFETCH = 500;

  @Test
  void whatIsLargerThanTheHeapEndsItAndWhatWasConfirmedIsThereWhenItStartsAgain(@TempDir Path data)
      throws Exception {
    try (SmallHeap broker = SmallHeap.serve("40m", "--data", data.toString())) {
      try (Connection connection = broker.factory().newConnection()) {
        Channel channel = connection.createChannel();
        channel.queueDeclare("kept", true, false, false, null);
        channel.confirmSelect();
        channel.basicPublish("", "kept", MessageProperties.PERSISTENT_BASIC, new byte[] {1});
        channel.waitForConfirmsOrDie(20_000);
        channel.basicPublish("", "kept", null, new byte[60_000_000]);
        broker.endsOutOfMemory();
        connection.abort();
      } catch (IOException | com.rabbitmq.client.AlreadyClosedException gone) {
        broker.endsOutOfMemory();
      }
      broker.startsAgain();
      try (Connection connection = broker.factory().newConnection()) {
        Channel channel = connection.createChannel();
        assertThat(channel.basicGet("kept", true).getBody()).containsExactly(1);
        assertThat(channel.basicGet("kept", true)).isNull();
      }
      broker.stops();
    }
  }

  @Test
  void aQueueThatNobodyConsumesIsFloodedAndDrainedAfterwards() throws Exception {
    try (SmallHeap broker = SmallHeap.serve(HEAP)) {
      try (Connection connection = broker.factory().newConnection()) {
        connection.createChannel().queueDeclare("flooded", true, false, false, null);
      }
      try (var first = new EagerService(broker.factory(), "flooded", 0, 1_000);
          var second = new EagerService(broker.factory(), "flooded", 1, 1_000)) {
        broker.staysOpenFor(LOAD);

        int[] sent = {first.finish(), second.finish()};
        int[] received = drain(broker, "flooded");
        for (int publisher = 0; publisher < sent.length; publisher++) {
          assertThat(received[publisher]).isPositive().isLessThanOrEqualTo(sent[publisher]);
        }
      }
      broker.letsNewClientsIn();
      broker.stops();
      broker.startsAgain();
      broker.stops();
    }
  }

  /** Consumes a queue until it is empty; returns how many there were of each publisher. */
  private static int[] drain(SmallHeap broker, String queue) throws Exception {
    int[] next = new int[2];
    try (Connection connection = broker.factory().newConnection("drain")) {
      Channel channel = connection.createChannel();
      channel.basicQos(PREFETCH);
      var inbox = new LinkedBlockingQueue<Delivery>();
      long start = System.nanoTime();
      long last = start;
      channel.basicConsume(queue, false, (tag, delivery) -> inbox.add(delivery), tag -> {});
      // What the publishers had under way may still be coming.
      for (Delivery d = inbox.poll(5, TimeUnit.SECONDS);
          d != null;
          d = inbox.poll(2, TimeUnit.SECONDS)) {
        last = System.nanoTime();
        ByteBuffer body = ByteBuffer.wrap(d.getBody());
        assertThat(body.getInt(4)).as("the next number").isEqualTo(next[body.getInt(0)]++);
        if (inbox.isEmpty() || d.getEnvelope().getDeliveryTag() % (PREFETCH / 5) == 0) {
          channel.basicAck(d.getEnvelope().getDeliveryTag(), true);
        }
      }
      assertThat(channel.messageCount(queue)).isZero();
      double seconds = (last - start) / 1e9;
      assertThat((next[0] + next[1]) / seconds).as("messages in a second").isGreaterThan(SPEED);
    }
    return next;
  }

  @Test
  void anAbsentSessionOfEverythingGetsAllOfItWhenItComesBack() throws Exception {
    try (SmallHeap broker = SmallHeap.serve(HEAP)) {
      leaveSession(broker, SESSION);
      int acknowledged = publishFor(broker, 4_096);

      comesBack(broker, SESSION, acknowledged, 4_096);
      broker.letsNewClientsIn();
      broker.stops();
      broker.startsAgain();
      broker.stops();
    }
  }

  @Test
  void aSubscriberThatNeverReadsHurtsNobodyAndGetsAllOfItLater() throws Exception {
    try (SmallHeap broker = SmallHeap.serve(HEAP)) {
      int acknowledged;
      try (var deaf = new RawMqtt(broker.mqtt())) {
        deaf.connect(SESSION, false);
        deaf.subscribe("load", 1);
        acknowledged = publishFor(broker, 4_096);
      }
      comesBack(broker, SESSION, acknowledged, 4_096);
      broker.letsNewClientsIn();
      broker.stops();
      broker.startsAgain();
      broker.stops();
    }
  }

  static Stream<String> heaps() {
    return Stream.of(HEAP, "64m");
  }

  @ParameterizedTest(name = "-Xmx{0}")
  @MethodSource("heaps")
  void threeHundredAbsentSessionsAreKeptOnDisk(String heap, @TempDir Path data) throws Exception {
    try (SmallHeap broker = SmallHeap.serve(heap, "--data", data.toString(), "--sync", "os")) {
      List<String> sessions = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        sessions.add(SESSION + i);
        leaveSession(broker, SESSION + i);
      }
      int acknowledged = publishFor(broker, 1_024);

      comesBack(broker, sessions.get(0), acknowledged, 1_024);
      broker.letsNewClientsIn();
      broker.stops();
      broker.startsAgain();
      comesBack(broker, sessions.get(150), acknowledged, 1_024);
      comesBack(broker, sessions.get(299), acknowledged, 1_024);
      broker.stops();
    }
  }

  private static void leaveSession(SmallHeap broker, String clientId) throws IOException {
    try (var leaving = new RawMqtt(broker.mqtt())) {
      leaving.connect(clientId, false);
      leaving.subscribe("#", 1);
    }
  }

  /** Publishes for a while; returns how many messages the broker has acknowledged. */
  private static int publishFor(SmallHeap broker, int payloadBytes) throws Exception {
    try (var device = new EagerDevice(broker.mqtt(), payloadBytes)) {
      broker.staysOpenFor(LOAD);
      return device.finish();
    }
  }

  /** A session gets every message that was acknowledged and that it has room for, in order. */
  private static void comesBack(
      SmallHeap broker, String clientId, int acknowledged, int payloadBytes) throws IOException {
    int kept = Math.min(KEPT_MESSAGES, KEPT_BYTES / payloadBytes);
    try (var session = new RawMqtt(broker.mqtt())) {
      assertThat(session.connect(clientId, false)).as("it had a session").isTrue();
      RawMqtt.Packet packet = session.read(RawMqtt.PUBLISH);
      int number = EagerDevice.number(packet.text());
      assertThat(number).as("the first").isLessThanOrEqualTo(Math.max(0, acknowledged - kept));
      while (number < acknowledged - 1) {
        session.acknowledge(RawMqtt.PUBACK, packet.publishId());
        packet = session.read(RawMqtt.PUBLISH);
        assertThat(EagerDevice.number(packet.text())).isEqualTo(++number);
      }
    }
  }
}

package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AccessMethod;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.testing.BrokerExtension;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Conversations that go wrong anywhere: whatever a client sends, the broker answers or ends that
 * connection, and never for an error of its own, and a client beside it notices nothing.
 *
 * <p>It runs for {@code carrick.fuzz.seconds}, and each conversation is made from a number that a
 * failure names; {@code carrick.fuzz.seed} begins with another one.
 */
class FrameFuzzTest {

  private static final long SECONDS = Long.getLong("carrick.fuzz.seconds", 10);
  private static final long FIRST_SEED = Long.getLong("carrick.fuzz.seed", 1);

  private static final int CHANNELS = 3;
  private static final String REPLIES = "amq.rabbitmq.reply-to";
  private static final String[] QUEUES = {"q", "r", "q", "r", "q", "r", "", REPLIES};
  private static final String[] EXCHANGES = {"", "x", "amq.topic", "amq.fanout", "amq.direct"};
  private static final String[] NAMES = {"q", "r", "", "x", "amq.topic", "none"};

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  private Random random = new Random();
  private RawClient beside;

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  @Tag("amqp091:bad-input")
  void nothingThatAClientSendsIsMoreThanItsOwnError() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long seed = FIRST_SEED;
    beside = RawClient.open(broker).channel(1);
    while (System.nanoTime() - end < 0) {
      random = new Random(seed);
      converse(seed);
      seed++;
    }
    assertThat(seed).as("conversations").isGreaterThan(FIRST_SEED + SECONDS);
  }

  private void converse(long seed) {
    RawClient wild = RawClient.open(broker);
    List<byte[]> frames = conversation();
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      changeFrames(frames);
    }
    byte[] bytes = join(frames);
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    int at = 0;
    while (at < bytes.length && !wild.closed()) {
      int to = Math.min(bytes.length, at + 1 + random.nextInt(300));
      wild.bytes(Arrays.copyOfRange(bytes, at, to));
      at = to;
    }
    wild.vanish();
    assertUndisturbed(seed);
  }

  private void assertUndisturbed(long seed) {
    Map<String, Long> counted = broker.broker().metrics().counters();
    assertThat(counted)
        .as("seed %d", seed)
        .doesNotContainKey("connections.failed{protocol=amqp,code=INTERNAL_ERROR}")
        .containsEntry("connections.closed{reason=error}", 0L);
    beside.send(1, new QueueMethod.Declare("", false, false, true, false, false, Map.of()));
    String queue = beside.next(QueueMethod.DeclareOk.class).queue();
    var publish = new BasicMethod.Publish("", RoutingKey.ofKey(queue), false, false);
    beside.bytes(RawClient.content(1, publish, new byte[2], new byte[] {1}, 10));
    beside.send(
        1, new BasicMethod.Get(queue, true), new QueueMethod.Delete(queue, false, false, false));
    beside.next(BasicMethod.GetOk.class);
    assertThat(beside.bodyBytes()).as("seed %d", seed).containsExactly(1);
    assertThat(beside.next(QueueMethod.DeleteOk.class).messages()).isZero();
    assertThat(beside.silent()).isTrue();
  }

  // ---- what may be said

  private List<byte[]> conversation() {
    var frames = new ArrayList<byte[]>();
    for (int channel = 1; channel <= CHANNELS; channel++) {
      frames.add(RawClient.frames(channel, new ChannelMethod.Open()));
    }
    for (String queue : new String[] {"q", "r"}) {
      Map<String, Object> none = Map.of();
      Method declare = new QueueMethod.Declare(queue, false, false, false, false, true, none);
      frames.add(RawClient.frames(1, declare));
    }
    frames.add(RawClient.frames(1, topicExchange()));
    for (int i = 3 + random.nextInt(30); i > 0; i--) {
      int channel = 1 + random.nextInt(CHANNELS);
      if (random.nextInt(3) == 0) {
        frames.addAll(message(channel));
      } else {
        frames.add(RawClient.frames(channel, method()));
      }
    }
    if (random.nextInt(4) == 0) {
      frames.add(RawClient.frames(0, new ConnectionMethod.Close(200, "", 0, 0)));
    }
    return frames;
  }

  private static Method topicExchange() {
    return new ExchangeMethod.Declare("x", "topic", false, false, false, false, true, Map.of());
  }

  private String queue() {
    return random.nextInt(30) == 0 ? name() : QUEUES[random.nextInt(QUEUES.length)];
  }

  private String exchange() {
    return random.nextInt(30) == 0 ? name() : EXCHANGES[random.nextInt(EXCHANGES.length)];
  }

  private String name() {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private boolean bit() {
    return random.nextBoolean();
  }

  private RoutingKey key() {
    return RoutingKey.ofKey(name());
  }

  private Map<String, Object> arguments() {
    return switch (random.nextInt(6)) {
      case 0 -> Map.of("x-max-length", random.nextInt(3), "x-overflow", "reject-publish");
      case 1 -> Map.of("x-message-ttl", random.nextInt(3) - 1, "x-dead-letter-exchange", name());
      case 2 -> Map.of("x-priority", 1, "x-match", "any", "h", "v");
      case 3 -> Map.of("alternate-exchange", name());
      default -> Map.of();
    };
  }

  private Method method() {
    return switch (random.nextInt(25)) {
      case 0, 1, 2 ->
          new QueueMethod.Declare(queue(), bit(), false, bit(), bit(), bit(), arguments());
      case 3 -> new QueueMethod.Bind(queue(), exchange(), key(), bit(), arguments());
      case 4 -> new QueueMethod.Unbind(queue(), exchange(), key(), Map.of());
      case 5 -> new QueueMethod.Purge(queue(), bit());
      case 6 -> new QueueMethod.Delete(queue(), bit(), bit(), bit());
      case 7 ->
          new ExchangeMethod.Declare(
              "x", bit() ? "topic" : "headers", bit(), false, bit(), bit(), bit(), arguments());
      case 8 -> new ExchangeMethod.Delete(exchange(), bit(), bit());
      case 9 -> new ExchangeMethod.Bind(exchange(), exchange(), key(), bit(), Map.of());
      case 10, 11 ->
          new BasicMethod.Consume(
              queue(), bit() ? "" : "t", false, bit(), false, bit(), arguments());
      case 12 -> new BasicMethod.Cancel("t", bit());
      case 13, 14 -> new BasicMethod.Get(queue(), bit());
      case 15, 16 -> new BasicMethod.Ack(random.nextInt(3), true);
      case 17 -> new BasicMethod.Nack(random.nextInt(3), true, bit());
      case 18 -> new BasicMethod.Qos(0, random.nextInt(3), bit());
      case 19 -> new BasicMethod.Recover(true);
      case 20 -> new ConfirmMethod.Select(bit());
      case 21 -> new TxMethod.Select();
      case 22 -> bit() ? new TxMethod.Commit() : new TxMethod.Rollback();
      case 23 -> bit() ? new AccessMethod.Request("", 0) : new ChannelMethod.Flow(true);
      default -> bit() ? new ChannelMethod.Close(200, "", 0, 0) : new ChannelMethod.CloseOk();
    };
  }

  private List<byte[]> message(int channel) {
    var publish = new BasicMethod.Publish(exchange(), key(), bit(), false);
    byte[] body = new byte[random.nextInt(40)];
    return split(RawClient.content(channel, publish, properties(), body, 1 + random.nextInt(40)));
  }

  private byte[] properties() {
    return switch (random.nextInt(6)) {
      case 0 -> new byte[] {0x10, 0, 2}; // delivery_mode
      case 1 -> new byte[] {0x01, 0, 1, '5'}; // expiration
      case 2 -> new byte[] {0x20, 0, 0, 0, 0, 12, 2, 'C', 'C', 'A', 0, 0, 0, 4, 'S', 0, 0, 0};
      case 3 ->
          new byte[] {
            0x20, 0, 0, 0, 0, 15, 3, 'B', 'C', 'C', 'A', 0, 0, 0, 6, 'S', 0, 0, 0, 1, 'q'
          };
      case 4 -> replyTo();
      default -> new byte[2];
    };
  }

  private static byte[] replyTo() {
    byte[] name = REPLIES.getBytes(StandardCharsets.US_ASCII);
    byte[] properties = new byte[3 + name.length];
    properties[0] = 2;
    properties[2] = (byte) name.length;
    System.arraycopy(name, 0, properties, 3, name.length);
    return properties;
  }

  private static List<byte[]> split(byte[] frames) {
    var all = new ArrayList<byte[]>();
    for (int at = 0; at < frames.length; ) {
      int size = ByteBuffer.wrap(frames).getInt(at + 3) + 8;
      all.add(Arrays.copyOfRange(frames, at, at + size));
      at += size;
    }
    return all;
  }

  // ---- what goes wrong

  /** Changes which frames there are, so that each is a frame still. */
  private void changeFrames(List<byte[]> frames) {
    int which = random.nextInt(frames.size());
    switch (random.nextInt(5)) {
      case 0 -> frames.add(random.nextInt(frames.size()), frames.get(which).clone());
      case 1 -> {
        if (frames.size() > 1) {
          frames.remove(which);
        }
      }
      case 2 -> frames.get(which)[2] = (byte) random.nextInt(CHANNELS + 2);
      case 3 -> frames.add(frames.remove(which));
      default -> {
        byte[] payload = new byte[random.nextInt(30)];
        random.nextBytes(payload);
        int type = new int[] {1, 2, 3, 8}[random.nextInt(4)];
        frames.add(which, RawClient.frame(type, random.nextInt(CHANNELS + 1), payload));
      }
    }
  }

  private static byte[] join(List<byte[]> frames) {
    var out = new ByteArrayOutputStream();
    frames.forEach(out::writeBytes);
    return out.toByteArray();
  }
}

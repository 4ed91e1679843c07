package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A client that goes gets the answers to what it has said before, AMQP 0-9-1 §1.5.2.5, §1.4.2.6.
 */
class FarewellTest {

  private static final Duration BOUND = Duration.ofMillis(Limit.CLOSE_TIMEOUT_MS.byDefault());
  private static final byte[] PERSISTENT = {0x10, 0, 2};
  private static final ChannelMethod CLOSE_CHANNEL = new ChannelMethod.Close(200, "bye", 0, 0);
  private static final ConnectionMethod CLOSE = new ConnectionMethod.Close(200, "bye", 0, 0);

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Amqp.onAnyPort())
                  .store(context -> disk.open(context)))
          .inTestThread();

  private RawClient client;

  @BeforeEach
  void connect() {
    client = RawClient.open(broker).channel(1).channel(2);
    client.send(1, declare("q"));
    client.next(QueueMethod.DeclareOk.class);
    client.send(1, new ConfirmMethod.Select(true));
  }

  private static Method declare(String queue) {
    return new QueueMethod.Declare(queue, false, true, false, false, false, Map.of());
  }

  private static byte[] publish(String body) {
    var method = new BasicMethod.Publish("", RoutingKey.ofKey("q"), false, false);
    return RawClient.content(1, method, PERSISTENT, body.getBytes(StandardCharsets.UTF_8), 4_000);
  }

  private static byte[] frames(int channel, Method... methods) {
    return RawClient.frames(channel, methods);
  }

  private static byte[] together(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private void release() {
    disk.release();
    broker.settle();
  }

  private void expectAck(long tag, boolean multiple) {
    assertThat(client.next()).isEqualTo(new BasicMethod.Ack(tag, multiple));
  }

  @Test
  void confirmsComeBeforeTheAnswerToChannelClose() {
    client.bytes(together(publish("a"), publish("b"), frames(1, CLOSE_CHANNEL)));

    expectAck(2, true);
    client.next(ChannelMethod.CloseOk.class);
    client.channel(1);
  }

  @Test
  void confirmsThatWaitForTheStoreComeBeforeTheAnswerToChannelClose() {
    disk.hold();
    client.bytes(together(publish("a"), frames(1, CLOSE_CHANNEL)));

    assertThat(client.silent()).isTrue();
    release();
    expectAck(1, false);
    client.next(ChannelMethod.CloseOk.class);
  }

  @Test
  void allAnswersOfAllChannelsComeBeforeTheAnswerToConnectionClose() {
    disk.hold();
    client.bytes(
        together(
            frames(2, declare("r"), declare("s")),
            publish("a"),
            frames(1, CLOSE_CHANNEL),
            frames(0, CLOSE)));

    assertThat(client.silent()).isTrue();
    release();
    assertThat(List.of(client.next(), client.next(), client.next(), client.next()))
        .containsExactlyInAnyOrder(
            new BasicMethod.Ack(1, false),
            new ChannelMethod.CloseOk(),
            new QueueMethod.DeclareOk("r", 0, 0),
            new QueueMethod.DeclareOk("s", 0, 0));
    client.next(ConnectionMethod.CloseOk.class);
    assertThat(client.closed()).isTrue();
  }

  @Test
  void whoEndsItsOutputGetsItsAnswersBeforeTheEnd() {
    disk.hold();
    client.last(together(publish("a"), frames(2, declare("r"))));

    assertThat(client.silent()).isTrue();
    assertThat(client.closed()).isFalse();
    release();
    assertThat(List.of(client.next(), client.next()))
        .containsExactlyInAnyOrder(
            new BasicMethod.Ack(1, false), new QueueMethod.DeclareOk("r", 0, 0));
    assertThat(client.closed()).isTrue();
  }

  @Test
  void whoSaysGoodbyeAndEndsItsOutputGetsBothAnswers() {
    client.last(together(publish("a"), frames(0, CLOSE)));

    expectAck(1, false);
    client.next(ConnectionMethod.CloseOk.class);
    assertThat(client.closed()).isTrue();
  }

  @Test
  void aStoreThatTakesItsTimeKeepsNobodyBeyondTheBound() {
    RawClient other = RawClient.open(broker).channel(1);
    disk.hold();
    client.bytes(together(publish("a"), frames(1, CLOSE_CHANNEL)));
    other.last(together(frames(1, new ConfirmMethod.Select(true)), publish("b")));
    broker.advance(BOUND.minusMillis(1));
    assertThat(client.silent()).isTrue();
    assertThat(other.closed()).isFalse();

    broker.advance(Duration.ofMillis(1));

    client.next(ChannelMethod.CloseOk.class);
    assertThat(other.closed()).isTrue();
    disk.hold();
    client.bytes(together(frames(2, declare("r")), frames(0, CLOSE)));
    broker.advance(BOUND);
    client.next(ConnectionMethod.CloseOk.class);
    assertThat(client.closed()).isTrue();
  }

  @Test
  void aConsumersMessagesAreBackWhenTheGoodbyeIsAnswered() {
    client.bytes(publish("a"));
    expectAck(1, false);
    client.send(2, new BasicMethod.Consume("q", "c", false, false, false, false, Map.of()));
    client.next(BasicMethod.ConsumeOk.class);
    client.next(BasicMethod.Deliver.class);
    client.body();
    disk.hold();
    client.bytes(together(publish("b"), frames(0, CLOSE)));
    release();

    RawClient other = RawClient.open(broker).channel(1);
    other.send(1, new QueueMethod.Declare("q", true, false, false, false, false, Map.of()));
    assertThat(other.next(QueueMethod.DeclareOk.class).messages()).isEqualTo(2);
  }
}

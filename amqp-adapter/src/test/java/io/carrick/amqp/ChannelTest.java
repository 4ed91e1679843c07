package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AccessMethod;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.testing.BrokerExtension;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a channel answers, in which order, and to frames that are wrong. AMQP 0-9-1 §4.2 */
class ChannelTest {

  private static final byte[] NO_PROPERTIES = new byte[2];

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  private RawClient client;

  @BeforeEach
  void connect() {
    client = RawClient.open(broker).channel(1);
  }

  private static BasicMethod.Publish publish(String exchange, String key) {
    return new BasicMethod.Publish(exchange, RoutingKey.ofKey(key), false, false);
  }

  private static BasicMethod.Publish mandatory(String exchange, String key) {
    return new BasicMethod.Publish(exchange, RoutingKey.ofKey(key), true, false);
  }

  private static QueueMethod.Declare declare(String queue) {
    return new QueueMethod.Declare(queue, false, false, false, false, true, Map.of());
  }

  private static QueueMethod.Declare passive(String queue) {
    return new QueueMethod.Declare(queue, true, false, false, false, false, Map.of());
  }

  private static byte[] message(int channel, String queue, String body) {
    return message(channel, publish("", queue), body);
  }

  private static byte[] message(int channel, BasicMethod.Publish method, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return RawClient.content(channel, method, NO_PROPERTIES, bytes, 4_000);
  }

  private static byte[] together(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private ConnectionMethod.Close closedConnection(RawClient of) {
    ConnectionMethod.Close close = of.next(ConnectionMethod.Close.class);
    of.send(0, new ConnectionMethod.CloseOk());
    assertThat(of.closed()).isTrue();
    return close;
  }

  // ---- tickets

  @Test
  @Tag("amqp091:access.request")
  @Tag("amqp091:access.request-ok")
  void whoAsksForATicketGetsOneThatOpensNothing() {
    client.send(1, new AccessMethod.Request("/data", 31), declare("q"), passive("q"));
    assertThat(client.next(AccessMethod.RequestOk.class).ticket()).isEqualTo(1);
    client.next(QueueMethod.DeclareOk.class);
  }

  // ---- flow

  @Test
  @Tag("amqp091:channel.flow")
  @Tag("amqp091:channel.flow-ok")
  void askedToGoOnAChannelSaysThatItDoes() {
    client.send(1, new ChannelMethod.Flow(true));
    assertThat(client.next(ChannelMethod.FlowOk.class).active()).isTrue();
  }

  // ---- order

  @Test
  void aChannelReadsItsOwnWritesInOneGo() {
    client.bytes(
        together(
            RawClient.frames(1, declare("q")),
            message(1, "q", "one"),
            message(1, "q", "two"),
            RawClient.frames(
                1,
                passive("q"),
                new BasicMethod.Get("q", true),
                new QueueMethod.Purge("q", false),
                new QueueMethod.Delete("q", true, true, false),
                new BasicMethod.Get("q", true))));
    assertThat(client.next(QueueMethod.DeclareOk.class).messages()).isEqualTo(2);
    assertThat(client.next(BasicMethod.GetOk.class).messages()).isEqualTo(1);
    assertThat(client.body()).isEqualTo("one");
    assertThat(client.next(QueueMethod.PurgeOk.class).messages()).isEqualTo(1);
    assertThat(client.next(QueueMethod.DeleteOk.class).messages()).isZero();
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  @Test
  void anUnroutableMandatoryMessageIsReturnedBeforeItIsConfirmed() {
    client.send(1, new ConfirmMethod.Select(false));
    client.next(ConfirmMethod.SelectOk.class);
    client.bytes(message(1, mandatory("amq.direct", "nobody"), "undeliverable"));
    BasicMethod.Return returned = client.next(BasicMethod.Return.class);
    assertThat(returned.code()).isEqualTo(312);
    assertThat(returned.text()).isEqualTo("NO_ROUTE");
    assertThat(returned.exchange()).isEqualTo("amq.direct");
    assertThat(client.body()).isEqualTo("undeliverable");
    assertThat(client.next()).isEqualTo(new BasicMethod.Ack(1, false));
  }

  @Test
  void confirmsOfOneTurnComeTogether() {
    client.send(1, declare("q"), new ConfirmMethod.Select(true));
    client.bytes(together(message(1, "q", "1"), message(1, "q", "2"), message(1, "nowhere", "3")));
    assertThat(client.next()).isEqualTo(new BasicMethod.Ack(3, true));
    assertThat(client.silent()).isTrue();
  }

  @Test
  void everyChannelCountsItsConfirmsByItself() {
    client.channel(2);
    client.send(1, new ConfirmMethod.Select(true));
    client.send(2, new ConfirmMethod.Select(true));
    client.bytes(message(1, "nowhere", "1"));
    assertThat(client.nextFrame())
        .satisfies(f -> assertThat(f.channel()).isEqualTo(1))
        .satisfies(f -> assertThat(f.only()).isEqualTo(new BasicMethod.Ack(1, false)));
    client.bytes(message(2, "nowhere", "1"));
    assertThat(client.nextFrame())
        .satisfies(f -> assertThat(f.channel()).isEqualTo(2))
        .satisfies(f -> assertThat(f.only()).isEqualTo(new BasicMethod.Ack(1, false)));
  }

  @Test
  void contentsOfTwoChannelsMayBeInterleaved() {
    client.channel(2);
    client.send(1, declare("q"));
    byte[] first = message(1, "q", "a".repeat(9_000));
    byte[] second = message(2, "q", "b".repeat(9_000));
    // Both are cut between frames: behind the method frame, whose payload has 7 and 8 bytes more.
    int firstCut = RawClient.frames(1, publish("", "q")).length;
    client.bytes(Arrays.copyOf(first, firstCut));
    client.bytes(Arrays.copyOf(second, firstCut));
    client.bytes(Arrays.copyOfRange(first, firstCut, first.length));
    client.bytes(Arrays.copyOfRange(second, firstCut, second.length));
    client.send(1, new BasicMethod.Get("q", true), new BasicMethod.Get("q", true));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.body()).isEqualTo("a".repeat(9_000));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.body()).isEqualTo("b".repeat(9_000));
  }

  @Test
  void aMessageMayComeByteByByte() {
    client.send(1, declare("q"));
    for (byte b : message(1, "q", "slow")) {
      client.bytes(b);
    }
    client.send(1, new BasicMethod.Get("q", true));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.body()).isEqualTo("slow");
  }

  @Test
  @Tag("amqp091:content-frames")
  void aLargeBodyArrivesWholeInFramesOfAnySize() {
    byte[] large = new byte[700_001];
    new Random(1).nextBytes(large);
    client.send(1, declare("q"));
    client.bytes(RawClient.content(1, publish("", "q"), NO_PROPERTIES, large, 65_537));
    client.send(1, new BasicMethod.Get("q", true));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.bodyBytes()).isEqualTo(large);
  }

  @Test
  void emptyFramesOfABodyAreNothingSpecial() {
    client.send(1, declare("q"));
    byte[] header = new byte[14];
    header[1] = 60;
    header[11] = 1;
    client.bytes(
        together(
            RawClient.frames(1, publish("", "q")),
            RawClient.frame(FrameReader.HEADER, 1, header),
            RawClient.frame(FrameReader.BODY, 1),
            RawClient.frame(FrameReader.BODY, 1, (byte) 'x')));
    client.send(1, new BasicMethod.Get("q", true));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.body()).isEqualTo("x");
  }

  // ---- closing

  @Test
  void aChannelClosesWhenItsMessagesAreBack() {
    RawClient other = RawClient.open(broker).channel(1);
    other.send(1, declare("q"));
    other.bytes(together(message(1, "q", "one"), message(1, "q", "two")));
    client.send(1, new BasicMethod.Consume("q", "tag", false, false, false, true, Map.of()));
    client.next(BasicMethod.Deliver.class);
    client.body();
    client.next(BasicMethod.Deliver.class);
    client.body();
    client.send(1, new ChannelMethod.Close(200, "", 0, 0));
    client.next(ChannelMethod.CloseOk.class);
    other.send(1, new BasicMethod.Get("q", true));
    BasicMethod.GetOk first = other.next(BasicMethod.GetOk.class);
    assertThat(first.redelivered()).isTrue();
    assertThat(first.messages()).isEqualTo(1);
    assertThat(other.body()).isEqualTo("one");
  }

  @Test
  @Tag("amqp091:channel.open")
  @Tag("amqp091:channel.open-ok")
  @Tag("amqp091:channel.close")
  @Tag("amqp091:channel.close-ok")
  void aClosedChannelsNumberMayBeUsedAgain() {
    for (int i = 0; i < 3; i++) {
      client.send(1, new ChannelMethod.Close(200, "", 0, 0));
      client.next(ChannelMethod.CloseOk.class);
      client.channel(1);
    }
    client.bytes(message(1, "q", "x"));
    client.send(1, new BasicMethod.Get("q", true));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
    client.send(1, declare("q")); // on its way before the client heard of the close
    client.send(1, new ChannelMethod.CloseOk());
    client.channel(1);
    client.send(1, passive("q"));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  @Test
  void closesThatCrossAreBothAnswered() {
    client.bytes(
        together(
            RawClient.frames(1, new BasicMethod.Get("none", true)),
            RawClient.frames(1, new ChannelMethod.Close(200, "", 0, 0))));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
    client.next(ChannelMethod.CloseOk.class);
    client.send(1, new ChannelMethod.CloseOk());
    client.channel(1);
  }

  @Test
  @Tag("amqp091:connection.close-ok")
  void aConnectionClosesWhenItsMessagesAreBackAndItsExclusiveQueuesGone() {
    RawClient other = RawClient.open(broker).channel(1);
    other.send(1, declare("q"));
    other.bytes(message(1, "q", "one"));
    client.send(
        1,
        new QueueMethod.Declare("mine", false, false, true, false, true, Map.of()),
        new BasicMethod.Get("q", false));
    client.next(BasicMethod.GetOk.class);
    client.body();
    client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
    client.next(ConnectionMethod.CloseOk.class);
    assertThat(client.closed()).isTrue();
    other.send(1, passive("q"));
    assertThat(other.next(QueueMethod.DeclareOk.class).messages()).isEqualTo(1);
    other.send(1, passive("mine"));
    assertThat(other.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  @Test
  void aPeerThatVanishesLeavesItsMessagesInTheirQueues() {
    RawClient other = RawClient.open(broker).channel(1);
    client.send(1, declare("q"));
    client.bytes(message(1, "q", "one"));
    client.send(1, new BasicMethod.Get("q", false));
    client.next(BasicMethod.GetOk.class);
    client.vanish();
    other.send(1, new BasicMethod.Get("q", true));
    assertThat(other.next(BasicMethod.GetOk.class).redelivered()).isTrue();
  }

  // ---- what is wrong

  static Stream<Arguments> wrongMethods() {
    return Stream.of(
        Arguments.of(ReplyCode.CHANNEL_ERROR, 1, new ChannelMethod.Open()),
        Arguments.of(ReplyCode.CHANNEL_ERROR, 2, new BasicMethod.Get("q", true)),
        Arguments.of(
            ReplyCode.CHANNEL_ERROR,
            2,
            new BasicMethod.Publish("", RoutingKey.EMPTY, false, false)),
        Arguments.of(ReplyCode.CHANNEL_ERROR, 0, new BasicMethod.Get("q", true)),
        Arguments.of(ReplyCode.CHANNEL_ERROR, 0, new ConnectionMethod.Open("/")),
        Arguments.of(ReplyCode.COMMAND_INVALID, 1, new BasicMethod.GetEmpty()),
        Arguments.of(ReplyCode.COMMAND_INVALID, 1, new QueueMethod.BindOk()),
        Arguments.of(ReplyCode.COMMAND_INVALID, 1, new ConfirmMethod.SelectOk()),
        Arguments.of(
            ReplyCode.COMMAND_INVALID,
            1,
            new BasicMethod.Deliver("t", 1, false, "", RoutingKey.EMPTY)),
        Arguments.of(ReplyCode.COMMAND_INVALID, 1, new TxMethod.CommitOk()),
        Arguments.of(ReplyCode.NOT_IMPLEMENTED, 1, new ChannelMethod.Flow(false)),
        Arguments.of(ReplyCode.NOT_IMPLEMENTED, 1, new BasicMethod.Qos(1, 0, false)),
        Arguments.of(ReplyCode.NOT_IMPLEMENTED, 1, new BasicMethod.Recover(false)));
  }

  @ParameterizedTest
  @MethodSource("wrongMethods")
  void aWrongMethodClosesTheConnectionAndHurtsNobodyElse(
      ReplyCode code, int channel, Method method) {
    RawClient other = RawClient.open(broker).channel(1);
    client.send(channel, method);
    ConnectionMethod.Close close = closedConnection(client);
    assertThat(close.code()).as(close.text()).isEqualTo(code.code());
    assertThat(close.blamedClass()).isEqualTo(method.classId());
    assertThat(close.blamedMethod()).isEqualTo(method.methodId());
    assertCounted(code);
    other.send(1, declare("q"), passive("q"));
    other.next(QueueMethod.DeclareOk.class);
  }

  private void assertCounted(ReplyCode code) {
    String counter = "connections.failed{protocol=amqp,code=" + code.name() + "}";
    assertThat(broker.broker().metrics().value(counter)).isEqualTo(1);
    assertThat(broker.broker().metrics().value("connections.closed{reason=error}")).isZero();
  }

  static Stream<Arguments> wrongFrames() {
    byte[] publish = RawClient.frames(1, publish("", "q"));
    byte[] header = RawClient.frame(FrameReader.HEADER, 1, headerOf(60, 3));
    byte[] body = RawClient.frame(FrameReader.BODY, 1, (byte) 1, (byte) 2);
    return Stream.of(
        Arguments.of(ReplyCode.UNEXPECTED_FRAME, "a header without a method", header),
        Arguments.of(ReplyCode.UNEXPECTED_FRAME, "a body without a method", body),
        Arguments.of(
            ReplyCode.UNEXPECTED_FRAME, "a method for a header", together(publish, publish)),
        Arguments.of(ReplyCode.UNEXPECTED_FRAME, "a body for a header", together(publish, body)),
        Arguments.of(
            ReplyCode.UNEXPECTED_FRAME,
            "a method for a body",
            together(publish, header, body, publish)),
        Arguments.of(
            ReplyCode.UNEXPECTED_FRAME,
            "a header for a body",
            together(publish, header, body, header)),
        Arguments.of(
            ReplyCode.UNEXPECTED_FRAME,
            "a header of another class",
            together(publish, RawClient.frame(FrameReader.HEADER, 1, headerOf(50, 3)))),
        Arguments.of(
            ReplyCode.UNEXPECTED_FRAME, "a body on channel 0", RawClient.frame(3, 0, (byte) 1)),
        Arguments.of(ReplyCode.UNEXPECTED_FRAME, "a heartbeat on a channel", RawClient.frame(8, 1)),
        Arguments.of(
            ReplyCode.FRAME_ERROR, "a body too long", together(publish, header, body, body)),
        Arguments.of(
            ReplyCode.FRAME_ERROR,
            "a header too short",
            together(publish, RawClient.frame(FrameReader.HEADER, 1, new byte[13]))),
        Arguments.of(
            ReplyCode.FRAME_ERROR,
            "properties that are not there",
            together(publish, RawClient.frame(FrameReader.HEADER, 1, withFlags(0x8000)))),
        Arguments.of(ReplyCode.FRAME_ERROR, "an unknown frame type", new byte[] {4}),
        Arguments.of(ReplyCode.FRAME_ERROR, "a method cut short", RawClient.frame(1, 1, (byte) 0)),
        Arguments.of(
            ReplyCode.COMMAND_INVALID,
            "an unknown method",
            RawClient.frame(1, 1, (byte) 0, (byte) 60, (byte) 0, (byte) 99)));
  }

  private static byte[] headerOf(int classId, int size) {
    byte[] header = new byte[14];
    header[1] = (byte) classId;
    header[11] = (byte) size;
    return header;
  }

  private static byte[] withFlags(int flags) {
    byte[] header = headerOf(60, 3);
    header[12] = (byte) (flags >> 8);
    header[13] = (byte) flags;
    return header;
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("wrongFrames")
  void aWrongFrameClosesTheConnectionAndHurtsNobodyElse(ReplyCode code, String what, byte[] sent) {
    RawClient other = RawClient.open(broker).channel(1);
    client.bytes(sent);
    assertThat(closedConnection(client).code()).isEqualTo(code.code());
    assertCounted(code);
    other.send(1, declare("q"), passive("q"));
    other.next(QueueMethod.DeclareOk.class);
  }

  @Test
  void aBodyThatIsTooLargeClosesOnlyItsChannel() {
    byte[] huge = headerOf(60, 0);
    huge[7] = 1; // 4 GB
    client.bytes(
        together(
            RawClient.frames(1, publish("", "q")), RawClient.frame(FrameReader.HEADER, 1, huge)));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(311);
    client.bytes(RawClient.frame(FrameReader.BODY, 1, new byte[100]));
    client.channel(2);
  }

  @Test
  void anythingAtAllIsAnsweredOrClosesItsConnection() {
    var random = new Random(20);
    for (int i = 0; i < 300; i++) {
      RawClient wild = RawClient.open(broker).channel(1);
      byte[] bytes =
          together(
              RawClient.frames(1, declare("w" + i)),
              message(1, "w" + i, "x"),
              RawClient.frames(
                  1, new BasicMethod.Get("w" + i, false), new BasicMethod.Ack(1, true)));
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      wild.bytes(bytes);
      wild.vanish();
    }
    assertThat(broker.broker().metrics().value("connections.closed{reason=error}")).isZero();
    client.send(1, declare("q"), passive("q"));
    client.next(QueueMethod.DeclareOk.class);
  }
}

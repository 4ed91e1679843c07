package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.engine.EmbeddedBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a peer may send wrong, over sockets: RabbitMQ's code at its level, counted, and another
 * connection is undisturbed. docs/amqp.md says where we differ.
 */
@Timeout(60)
@Tag("amqp091:bad-input")
class BadInputTest {

  private static final byte[] NO_PROPERTIES = new byte[2];
  private static final int PUBLISH = 40;

  private static Broker broker;
  private static Connection connection;
  private static Channel other;

  /**
   * Something wrong, on a connection with channel 1 open and the exchange {@code gone} deleted.
   *
   * @param bytes what is sent
   * @param code the reply code's name
   * @param text what is said, at least its beginning
   * @param blamed class and method, 0 for none
   */
  private record Wrong(String what, byte[] bytes, String code, String text, int blamed) {

    @Override
    public String toString() {
      return what;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).start();
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection();
    other = connection.createChannel();
    other.confirmSelect();
    other.queueDeclare("q", false, false, false, null);
    other.exchangeDeclare("inside", "direct", false, false, true, null);
  }

  @AfterAll
  static void stop() {
    connection.abort();
    broker.close();
  }

  @AfterEach
  void anotherConnectionIsUndisturbed() throws Exception {
    other.queuePurge("q");
    other.basicPublish("", "q", null, new byte[] {7});
    other.waitForConfirmsOrDie(10_000);
    assertThat(other.basicGet("q", true).getBody()).containsExactly(7);
    assertThat(broker.metrics().value("connections.closed{reason=error}")).isZero();
    assertThat(broker.metrics().value("connections.failed{protocol=amqp,code=INTERNAL_ERROR}"))
        .isZero();
  }

  private static RawSocket connect() throws IOException {
    return new RawSocket(broker.address("amqp"));
  }

  private static long counted(String what, String code) {
    return broker.metrics().value(what + ".failed{protocol=amqp,code=" + code + "}");
  }

  // ---- making it

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] made = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      made[i] = (byte) values[i];
    }
    return made;
  }

  private static byte[] frame(int type, int channel, int... payload) {
    return RawClient.frame(type, channel, bytes(payload));
  }

  private static byte[] methods(Method... methods) {
    return RawClient.frames(1, methods);
  }

  private static BasicMethod.Publish to(String exchange, boolean mandatory) {
    return new BasicMethod.Publish(exchange, RoutingKey.ofKey("q"), mandatory, false);
  }

  private static byte[] message(BasicMethod.Publish method, byte[] properties) {
    return RawClient.content(1, method, properties, new byte[] {1}, 100);
  }

  private static byte[] publish() {
    return methods(to("", false));
  }

  /** A content header with a body of three bytes. */
  private static byte[] header(int classId, int weight) {
    return frame(2, 1, 0, classId, 0, weight, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0);
  }

  private static byte[] body(int count) {
    return RawClient.frame(3, 1, new byte[count]);
  }

  private static byte[] expiration(String text) {
    byte[] value = text.getBytes(StandardCharsets.US_ASCII);
    return join(bytes(1, 0, value.length), value);
  }

  /** Properties with a header table in tables, so deep. */
  private static byte[] nested(int depth) {
    byte[] table = new byte[4];
    for (int i = 1; i < depth; i++) {
      int length = table.length + 3;
      table = join(bytes(length >> 24, length >> 16, length >> 8, length, 1, 'n', 'F'), table);
    }
    return join(bytes(1 << 5, 0), table);
  }

  private static byte[] declare(byte[] arguments) {
    byte[] fixed = bytes(0, 50, 0, 10, 0, 0, 1, 'x', 0);
    return RawClient.frame(1, 1, join(fixed, arguments));
  }

  private static Wrong wrong(String what, String code, String text, byte[]... sent) {
    return new Wrong(what, join(sent), code, text, 0);
  }

  private static Wrong wrong(String what, String code, String text, Method blamed) {
    return new Wrong(what, methods(blamed), code, text, blamed.classId() << 16 | blamed.methodId());
  }

  private static Wrong content(String what, String code, String text, byte[]... sent) {
    return new Wrong(what, join(sent), code, text, 60 << 16 | PUBLISH);
  }

  // ---- what closes the connection

  static Stream<Wrong> closesTheConnection() {
    return Stream.of(frames(), outOfOrder(), contents(), fields(), notThere()).flatMap(s -> s);
  }

  private static Stream<Wrong> frames() {
    byte[] noEnd = methods(new BasicMethod.Get("q", true));
    noEnd[noEnd.length - 1] = 0;
    return Stream.of(
        wrong("a wrong frame end", "FRAME_ERROR", "frame has no frame-end octet", noEnd),
        wrong(
            "a frame larger than agreed",
            "FRAME_ERROR",
            "frame of 131073 bytes is larger than 131072 bytes",
            RawClient.frame(3, 1, new byte[RawClient.FRAME_BYTES + 1])),
        wrong(
            "a frame of 4 GB",
            "FRAME_ERROR",
            "frame of 4294967295 bytes is larger than",
            bytes(1, 0, 1, 255, 255, 255, 255)),
        wrong("an unknown frame type", "FRAME_ERROR", "unknown frame type 4", frame(4, 1)),
        wrong("a heartbeat that is not empty", "FRAME_ERROR", "a heartbeat", frame(8, 0, 1)),
        wrong("a heartbeat of a channel", "UNEXPECTED_FRAME", "a heartbeat", frame(8, 1)),
        wrong("a header on channel 0", "UNEXPECTED_FRAME", "", frame(2, 0, 0, 60)),
        wrong("a body on channel 0", "UNEXPECTED_FRAME", "", frame(3, 0, 1)));
  }

  private static Stream<Wrong> outOfOrder() {
    return Stream.of(
        new Wrong(
            "connection.open again",
            RawClient.frames(0, new ConnectionMethod.Open("/")),
            "CHANNEL_ERROR",
            "unexpected method in connection state running",
            10 << 16 | 40),
        new Wrong(
            "a channel's method on channel 0",
            RawClient.frames(0, new BasicMethod.Get("q", true)),
            "CHANNEL_ERROR",
            "unexpected method in connection state running",
            60 << 16 | 70),
        wrong(
            "channel.open twice",
            "CHANNEL_ERROR",
            "second 'channel.open' seen",
            new ChannelMethod.Open()),
        new Wrong(
            "channel.open before close-ok",
            methods(new BasicMethod.Get("none", true), new ChannelMethod.Open()),
            "CHANNEL_ERROR",
            "second 'channel.open' seen",
            20 << 16 | 10),
        new Wrong(
            "a method on a channel that is not open",
            RawClient.frames(2, new BasicMethod.Get("q", true)),
            "CHANNEL_ERROR",
            "expected 'channel.open'",
            60 << 16 | 70),
        new Wrong(
            "a method on a channel that is closed",
            methods(new ChannelMethod.Close(200, "", 0, 0), new BasicMethod.Get("q", true)),
            "CHANNEL_ERROR",
            "expected 'channel.open'",
            60 << 16 | 70),
        new Wrong(
            "a publish on a channel that is closed",
            join(methods(new ChannelMethod.Close(200, "", 0, 0)), publish()),
            "CHANNEL_ERROR",
            "expected 'channel.open'",
            60 << 16 | PUBLISH),
        wrong("a channel above those agreed on", "NOT_ALLOWED", "", frame(1, 101, 0, 20, 0, 10, 0)),
        wrong(
            "what only a broker sends",
            "COMMAND_INVALID",
            "unimplemented method",
            new QueueMethod.BindOk()),
        wrong("no method of its class", "COMMAND_INVALID", "", frame(1, 1, 0, 60, 0, 99)),
        wrong("no class", "COMMAND_INVALID", "", frame(1, 1, 0, 70, 0, 10)));
  }

  private static Stream<Wrong> contents() {
    String method = "expected method frame, got non method frame instead";
    String header = "expected content header for class 60, got non content header frame instead";
    String body = "expected content body, got non content body frame instead";
    byte[] other = methods(new BasicMethod.Get("q", true));
    return Stream.of(
        wrong("a header for a method", "UNEXPECTED_FRAME", method, header(60, 0)),
        wrong("a body for a method", "UNEXPECTED_FRAME", method, body(1)),
        content("a method for a header", "UNEXPECTED_FRAME", header, publish(), other),
        content("a publish for a header", "UNEXPECTED_FRAME", header, publish(), publish()),
        content("a body for a header", "UNEXPECTED_FRAME", header, publish(), body(1)),
        content("a header with a weight", "UNEXPECTED_FRAME", header, publish(), header(60, 1)),
        content(
            "a header of another class",
            "UNEXPECTED_FRAME",
            "expected content header for class 60, got one for class 50 instead",
            publish(),
            header(50, 0)),
        content("a method for a body", "UNEXPECTED_FRAME", body, publish(), header(60, 0), other),
        content(
            "a header for a body",
            "UNEXPECTED_FRAME",
            body,
            publish(),
            header(60, 0),
            header(60, 0)),
        content(
            "a body beyond what was announced",
            "FRAME_ERROR",
            "content body frame exceeds remaining content size",
            publish(),
            header(60, 0),
            body(2),
            body(2)),
        wrong("a header cut short", "FRAME_ERROR", "", publish(), frame(2, 1, 0, 60, 0, 0, 0)));
  }

  private static Stream<Wrong> fields() {
    BasicMethod.Publish toQ = to("", false);
    return Stream.of(
        wrong("a method cut short", "FRAME_ERROR", "", frame(1, 1, 0, 60)),
        wrong("arguments cut short", "FRAME_ERROR", "", frame(1, 1, 0, 60, 0, 70, 0)),
        wrong("bytes behind arguments", "FRAME_ERROR", "", frame(1, 1, 0, 20, 0, 10, 0, 9)),
        wrong("properties that are not there", "FRAME_ERROR", "", message(toQ, bytes(128, 0))),
        wrong("a property without a name", "FRAME_ERROR", "", message(toQ, bytes(0, 1))),
        wrong("bytes behind properties", "FRAME_ERROR", "", message(toQ, bytes(0, 0, 1))),
        wrong(
            "headers 1,000 deep", "SYNTAX_ERROR", "a table is nested", message(toQ, nested(1000))),
        wrong("arguments 1,000 deep", "SYNTAX_ERROR", "a table is nested", deepArguments()),
        wrong("no field type", "SYNTAX_ERROR", "unknown field type 63", declare(table('?'))),
        wrong("a table longer than its frame", "FRAME_ERROR", "", declare(bytes(1, 0, 0, 0))),
        wrong(
            "a text longer than its table",
            "FRAME_ERROR",
            "",
            declare(bytes(0, 0, 0, 7, 1, 'n', 'S', 0, 0, 1, 0))),
        wrong(
            "a name that is no text", "SYNTAX_ERROR", "", frame(1, 1, 0, 50, 0, 10, 0, 0, 1, 255)));
  }

  private static byte[] table(char type) {
    return bytes(0, 0, 0, 3, 1, 'n', type);
  }

  private static byte[] deepArguments() {
    byte[] properties = nested(1000);
    byte[] table = new byte[properties.length - 2];
    System.arraycopy(properties, 2, table, 0, table.length);
    return declare(table);
  }

  private static Stream<Wrong> notThere() {
    return Stream.of(
        wrong(
            "an exchange type that is not there",
            "COMMAND_INVALID",
            "unknown exchange type 'x-none'",
            new ExchangeMethod.Declare("x", "x-none", false, false, false, false, false, Map.of())),
        wrong(
            "a prefetch in bytes",
            "NOT_IMPLEMENTED",
            "prefetch_size!=0 (1)",
            new BasicMethod.Qos(1, 0, false)),
        wrong("channel.flow off", "NOT_IMPLEMENTED", "active=false", new ChannelMethod.Flow(false)),
        wrong(
            "recovery to the same consumer",
            "NOT_IMPLEMENTED",
            "requeue=false",
            new BasicMethod.Recover(false)),
        content(
            "an immediate message",
            "NOT_IMPLEMENTED",
            "immediate=true",
            message(
                new BasicMethod.Publish("", RoutingKey.ofKey("q"), false, true), NO_PROPERTIES)));
  }

  @ParameterizedTest
  @MethodSource("closesTheConnection")
  void closes(Wrong wrong) throws IOException {
    long before = counted("connections", wrong.code);
    try (RawSocket socket = connect().open(0).channel(1)) {
      socket.sendIfOpen(wrong.bytes);
      ConnectionMethod.Close close = socket.next(ConnectionMethod.Close.class);
      assertThat(close.text()).startsWith(wrong.code + " - " + wrong.text);
      assertBlamed(wrong, close.blamedClass(), close.blamedMethod());
      socket.sendIfOpen(RawClient.frames(0, new ConnectionMethod.CloseOk()));
      socket.awaitEnd();
    }
    assertThat(counted("connections", wrong.code)).isEqualTo(before + 1);
  }

  private static void assertBlamed(Wrong wrong, int blamedClass, int blamedMethod) {
    if (wrong.blamed != 0) {
      assertThat(blamedClass << 16 | blamedMethod).isEqualTo(wrong.blamed);
    }
  }

  // ---- what closes the channel

  static Stream<Wrong> closesTheChannel() {
    String gone = "no exchange 'gone' in vhost '/'";
    byte[] confirm = methods(new ConfirmMethod.Select(true));
    byte[] tx = methods(new TxMethod.Select());
    byte[] plain = message(to("gone", false), NO_PROPERTIES);
    byte[] mandatory = message(to("gone", true), NO_PROPERTIES);
    byte[] huge = frame(2, 1, 0, 60, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return Stream.of(
        content("a publish to no exchange", "NOT_FOUND", gone, plain),
        content("a mandatory one", "NOT_FOUND", gone, mandatory),
        content("one with confirms", "NOT_FOUND", gone, confirm, plain),
        content("a mandatory one with confirms", "NOT_FOUND", gone, confirm, mandatory),
        content("one in a transaction", "NOT_FOUND", gone, tx, plain),
        content("a mandatory one in a transaction", "NOT_FOUND", gone, tx, mandatory),
        content(
            "a publish to an internal exchange",
            "ACCESS_REFUSED",
            "cannot publish to internal exchange 'inside' in vhost '/'",
            message(to("inside", false), NO_PROPERTIES)),
        expires("4294967296", "{value_too_large,4294967296}"),
        expires("99999999999999999999", "{value_too_large,99999999999999999999}"),
        expires("-1", "{value_negative,-1}"),
        expires("soon", "no_integer"),
        expires("10s", "{leftover_string,\"s\"}"),
        content("a body of 2^63 bytes", "CONTENT_TOO_LARGE", "message size", publish(), huge),
        wrong(
            "an unknown delivery tag",
            "PRECONDITION_FAILED",
            "unknown delivery tag 7",
            new BasicMethod.Ack(7, false)),
        wrong(
            "a commit without a transaction",
            "PRECONDITION_FAILED",
            "channel is not transactional",
            new TxMethod.Commit()));
  }

  private static Wrong expires(String text, String why) {
    return content(
        "an expiration of " + text,
        "PRECONDITION_FAILED",
        "invalid expiration '" + text + "': " + why,
        message(to("", false), expiration(text)));
  }

  @ParameterizedTest
  @MethodSource("closesTheChannel")
  void closesOnlyItsChannel(Wrong wrong) throws IOException {
    other.exchangeDeclare("gone", "fanout");
    other.exchangeDelete("gone");
    long before = counted("channels", wrong.code);
    try (RawSocket socket = connect().open(0).channel(1).channel(2)) {
      socket.send(wrong.bytes);
      ChannelMethod.Close close = socket.next(ChannelMethod.Close.class);
      assertThat(close.text()).startsWith(wrong.code + " - " + wrong.text);
      assertBlamed(wrong, close.blamedClass(), close.blamedMethod());
      socket.send(RawClient.frames(2, passive()));
      socket.next(QueueMethod.DeclareOk.class);
      socket.send(methods(new ChannelMethod.CloseOk()));
      socket.channel(1);
    }
    assertThat(counted("channels", wrong.code)).isEqualTo(before + 1);
  }

  private static QueueMethod.Declare passive() {
    return new QueueMethod.Declare("q", true, false, false, false, false, Map.of());
  }

  // ---- what closes nothing

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 255})
  void anUnknownDeliveryModeIsPassedOnAndMeansTransient(int mode) throws Exception {
    try (RawSocket socket = connect().open(0).channel(1)) {
      socket.send(join(message(to("", false), bytes(16, 0, mode)), methods(passive())));
      socket.next(QueueMethod.DeclareOk.class);
    }
    assertThat(other.basicGet("q", true).getProps().getDeliveryMode()).isEqualTo(mode);
    var fields = new FieldReader(1);
    assertThat(AmqpProperties.of(bytes(16, 0, mode), fields).persistent()).isFalse();
  }

  @Test
  void theLongestExpirationIsTaken() throws Exception {
    try (RawSocket socket = connect().open(0).channel(1)) {
      socket.send(join(message(to("", false), expiration("4294967295")), methods(passive())));
      assertThat(socket.next(QueueMethod.DeclareOk.class).messages()).isEqualTo(1);
    }
  }

  // ---- before the connection is open, and when it is silent

  @Test
  void whoGreetsOtherwiseIsToldOurGreeting() throws IOException {
    long before = counted("connections", "protocol-header");
    try (RawSocket socket = connect()) {
      socket.send(bytes('A', 'M', 'Q', 'P', 0, 1, 0, 0));
      socket.awaitEnd();
    }
    assertThat(counted("connections", "protocol-header")).isEqualTo(before + 1);
  }

  @Test
  void aStepOutOfOrderEndsTheHandshake() throws IOException {
    try (RawSocket socket = connect().tune()) {
      socket.send(RawClient.frames(0, new ConnectionMethod.Open("/")));
      ConnectionMethod.Close close = socket.next(ConnectionMethod.Close.class);
      assertThat(close.text())
          .isEqualTo("CHANNEL_ERROR - unexpected method in connection state tuning");
    }
  }

  @Test
  void aFrameLargerThanTheSmallestEndsTheHandshake() throws IOException {
    try (RawSocket socket = connect()) {
      socket.send(RawClient.PROTOCOL_HEADER);
      socket.next(ConnectionMethod.Start.class);
      socket.sendIfOpen(RawClient.frame(FrameReader.METHOD, 0, new byte[8_192]));
      assertThat(socket.next(ConnectionMethod.Close.class).code()).isEqualTo(501);
      socket.awaitEnd();
    }
  }

  @Test
  void aChannelBeforeTheConnectionIsOpenEndsTheHandshake() throws IOException {
    try (RawSocket socket = connect().tune()) {
      socket.send(methods(new ChannelMethod.Open()));
      assertThat(socket.next(ConnectionMethod.Close.class).code()).isEqualTo(505);
    }
  }

  @Test
  void whoIsSilentForTwoHeartbeatsIsGone() throws IOException {
    long before = counted("connections", "heartbeat-timeout");
    try (RawSocket socket = connect().open(1).channel(1)) {
      socket.awaitEnd();
    }
    assertThat(counted("connections", "heartbeat-timeout")).isEqualTo(before + 1);
  }
}

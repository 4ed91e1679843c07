package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.FrameWriter;
import io.carrick.amqp.codec.Method;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A client that sends what a test wants, right or wrong, and shows what comes back. Confined to the
 * test's thread.
 */
final class RawClient {

  static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  static final int FRAME_BYTES = 131_072;

  /** A frame from the broker; what does not belong to its type is empty. */
  record Frame(int type, int channel, List<Method> method, byte[] bytes) {

    Method only() {
      return method.get(0);
    }
  }

  private final LocalPeer peer;
  private final FrameReader reader = new FrameReader();
  private final ByteBuf unread = Unpooled.buffer();
  private final Deque<Frame> frames = new ArrayDeque<>();

  RawClient(LocalPeer peer) {
    this.peer = peer;
    reader.maxFrameBytes(FRAME_BYTES);
  }

  /** Returns one that is logged in as guest and has no channel yet. */
  static RawClient open(BrokerExtension broker) {
    return open(broker, new ConnectionMethod.TuneOk(2_047, FRAME_BYTES, 0));
  }

  static RawClient open(BrokerExtension broker, ConnectionMethod.TuneOk terms) {
    var client = new RawClient(broker.peer("amqp"));
    client.login();
    client.reader.maxFrameBytes((int) terms.frameMax());
    client.send(0, terms);
    client.send(0, new ConnectionMethod.Open("/"));
    assertThat(client.next()).isInstanceOf(ConnectionMethod.OpenOk.class);
    return client;
  }

  /** Sends the protocol header and logs in as guest. */
  void login() {
    bytes(PROTOCOL_HEADER);
    assertThat(next()).isInstanceOf(ConnectionMethod.Start.class);
    send(0, plain("guest", "guest", Map.of("consumer_cancel_notify", true)));
    assertThat(next()).isInstanceOf(ConnectionMethod.Tune.class);
  }

  static ConnectionMethod.StartOk plain(
      String user, String password, Map<String, Object> capabilities) {
    return new ConnectionMethod.StartOk(
        Map.of("capabilities", capabilities),
        "PLAIN",
        ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8),
        "en_US");
  }

  /** Opens a channel. */
  RawClient channel(int number) {
    send(number, new ChannelMethod.Open());
    assertThat(next()).isInstanceOf(ChannelMethod.OpenOk.class);
    return this;
  }

  // ---- sending

  void bytes(byte... bytes) {
    peer.send(bytes);
  }

  /** Sends bytes and closes its own direction, both at once. */
  void last(byte... bytes) {
    peer.sendLast(bytes);
  }

  void send(int channel, Method... methods) {
    bytes(frames(channel, methods));
  }

  /** Returns methods as frames, to be sent in one go with others. */
  static byte[] frames(int channel, Method... methods) {
    ByteBuf out = Unpooled.buffer();
    for (Method method : methods) {
      FrameWriter.method(out, channel, method);
    }
    return written(out);
  }

  /** Returns a frame with any payload. */
  static byte[] frame(int type, int channel, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    int start = FrameWriter.begin(out, type, channel);
    out.writeBytes(payload);
    FrameWriter.end(out, start);
    return written(out);
  }

  /** Returns a method with a content, its body in frames of that many bytes. */
  static byte[] content(int channel, Method method, byte[] properties, byte[] body, int bodyFrame) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, channel, method);
    FrameWriter.header(out, channel, body.length, properties);
    for (int at = 0; at < body.length; at += bodyFrame) {
      int start = FrameWriter.begin(out, FrameReader.BODY, channel);
      out.writeBytes(body, at, Math.min(bodyFrame, body.length - at));
      FrameWriter.end(out, start);
    }
    return written(out);
  }

  private static byte[] written(ByteBuf out) {
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  // ---- receiving

  /** Returns the next frame, which must be there. */
  Frame nextFrame() {
    receive();
    assertThat(frames).as("frames from the broker").isNotEmpty();
    return frames.remove();
  }

  /** Returns the next frame's method. */
  Method next() {
    Frame frame = nextFrame();
    assertThat(frame.method).as("a method in %s", frame).isNotEmpty();
    return frame.only();
  }

  /** Returns the next method, which must be of that type. */
  <T extends Method> T next(Class<T> type) {
    Method method = next();
    assertThat(method).isInstanceOf(type);
    return type.cast(method);
  }

  /** Returns the body of the content whose method was just taken. */
  String body() {
    return new String(bodyBytes(), StandardCharsets.UTF_8);
  }

  byte[] bodyBytes() {
    Frame header = nextFrame();
    assertThat(header.type).isEqualTo(FrameReader.HEADER);
    long size = Unpooled.wrappedBuffer(header.bytes).getLong(4);
    ByteBuf body = Unpooled.buffer();
    while (body.readableBytes() < size) {
      Frame frame = nextFrame();
      assertThat(frame.type).isEqualTo(FrameReader.BODY);
      body.writeBytes(frame.bytes);
    }
    return written(body);
  }

  /** Returns whether the broker has nothing to say. */
  boolean silent() {
    receive();
    return frames.isEmpty();
  }

  /** Returns the bytes that have come and are no frames. */
  byte[] receivedBytes() {
    return peer.received();
  }

  boolean closed() {
    return peer.closed();
  }

  void vanish() {
    peer.close();
  }

  private void receive() {
    unread.writeBytes(peer.received());
    while (reader.next(unread)) {
      byte[] payload = new byte[reader.payloadBytes()];
      unread.getBytes(reader.payloadStart(), payload);
      var method = new ArrayList<Method>();
      if (reader.type() == FrameReader.METHOD) {
        method.add(Method.read(fields(payload)));
      }
      frames.add(new Frame(reader.type(), reader.channel(), List.copyOf(method), payload));
    }
  }

  private static FieldReader fields(byte[] payload) {
    return new FieldReader(16).over(Unpooled.wrappedBuffer(payload), 0, payload.length);
  }

  /** Returns the properties of a header frame. */
  static AmqpProperties properties(Frame header) {
    byte[] image = Arrays.copyOfRange(header.bytes, 12, header.bytes.length);
    return AmqpProperties.of(image, new FieldReader(16));
  }
}

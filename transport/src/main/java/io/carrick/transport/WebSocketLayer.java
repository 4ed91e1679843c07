package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket between a channel and its connection (RFC 6455): first a request of HTTP that asks for
 * it, then frames. Confined to the connection's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class WebSocketLayer {

  /** What Netty's handlers and ours keep in memory. */
  private static final int MEMORY_BYTES = 2_000;

  private final WebSocketEndpoint endpoint;
  private final Layers layers;
  private final Connection connection;
  private final Channel channel;
  private final FrameReader reader;
  private boolean open;

  /** A request was refused, and answered. */
  private boolean refused;

  private boolean closeSaid;

  /** A frame was not taken, and nothing that follows is looked at. RFC 6455 §7.1.7 */
  private boolean failed;

  /** What the peer has said with its Close, or what was wrong with a frame of its. */
  private @Nullable WebSocketCloseStatus answer;

  WebSocketLayer(
      WebSocketEndpoint endpoint, Layers layers, Connection connection, Channel channel) {
    this.endpoint = endpoint;
    this.layers = layers;
    this.connection = connection;
    this.channel = channel;
    this.reader = new FrameReader(this, connection);
  }

  void addTo(ChannelPipeline pipeline) {
    var requests = new HttpRequestDecoder(WebSocketEndpoint.requests());
    requests.setCumulator(OwnBytes.COPIED);
    pipeline.addLast(
        requests,
        new HttpResponseEncoder(),
        new UpgradeHandler(this, connection),
        new FrameHandler(this, connection));
  }

  /** The connection has begun. */
  void opened() {
    note(MEMORY_BYTES);
  }

  WebSocketEndpoint endpoint() {
    return endpoint;
  }

  FrameReader reader() {
    return reader;
  }

  boolean shaking() {
    return !open;
  }

  /** Returns whether frames are spoken. */
  boolean open() {
    return open;
  }

  /** The request is granted. */
  void established() {
    open = true;
    layers.established();
  }

  /** The request is refused, and whoever has sent it knows why. */
  void refused(HandshakeFailure why, String text) {
    refused = true;
    layers.failed(why, "no WebSocket: " + text);
    connection.closeAfterFlush(EndReason.HANDSHAKE);
  }

  boolean refused() {
    return refused;
  }

  // ---- the end

  /** The peer has said Close: it sends nothing more and is answered in kind. RFC 6455 §5.5.1 */
  void peerClosed(int status) {
    if (answer == null) {
      answer = status < 0 ? WebSocketCloseStatus.EMPTY : WebSocketCloseStatus.valueOf(status);
    }
  }

  /** A frame is not taken. What was written before it is sent. */
  void refused(FrameRefusal why, WebSocketCloseStatus status) {
    if (answer == null && connection.open()) {
      failed = true;
      answer = status;
      connection.counters().frameRefused(why).add();
      connection.endpoint().log().debug("{}: a frame is refused: {}", connection, why.label());
      connection.closeAfterFlush(EndReason.WEBSOCKET);
    }
  }

  boolean failed() {
    return failed;
  }

  /** Returns whether frames are no longer looked at. */
  boolean ended() {
    return answer != null;
  }

  /** Says Close, behind everything that was written. */
  ChannelFuture end() {
    closeSaid = true;
    WebSocketCloseStatus owed = answer;
    WebSocketCloseStatus said = owed == null ? status(connection.endReason()) : owed;
    return channel.writeAndFlush(
        said.equals(WebSocketCloseStatus.EMPTY)
            ? new CloseWebSocketFrame()
            : new CloseWebSocketFrame(true, 0, said.code(), ""));
  }

  /** Says Close if nothing is in its way. */
  void close(boolean everythingSent) {
    if (open && !closeSaid && everythingSent && channel.isActive()) {
      end();
    }
  }

  /** RFC 6455 §7.4.1 */
  private static WebSocketCloseStatus status(EndReason reason) {
    return switch (reason) {
      case SHUTDOWN -> WebSocketCloseStatus.ENDPOINT_UNAVAILABLE;
      case ERROR -> WebSocketCloseStatus.INTERNAL_SERVER_ERROR;
      case CONNECT_TIMEOUT -> WebSocketCloseStatus.POLICY_VIOLATION;
      default -> WebSocketCloseStatus.NORMAL_CLOSURE;
    };
  }

  /** The channel is closed. */
  void gone(boolean opened) {
    reader.gone();
    if (opened) {
      note(-MEMORY_BYTES);
    }
  }

  private void note(int bytes) {
    connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes);
  }
}

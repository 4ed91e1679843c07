package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * Makes bytes of frames and frames of bytes, wherever the packets of the protocol begin and end
 * [MQTT-6.0.0-2]. Confined to the connection's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class FrameHandler extends ChannelDuplexHandler {

  private final WebSocketLayer layer;
  private final Connection connection;

  /** What the latest ping wants back; older ones need no answer any more. RFC 6455 §5.5.3 */
  private @Nullable ByteBuf pong;

  private boolean pongDue;

  FrameHandler(WebSocketLayer layer, Connection connection) {
    this.layer = layer;
    this.connection = connection;
  }

  // ---- in

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      context.fireChannelRead(message);
    } else if (frame instanceof PingWebSocketFrame) {
      pinged(context, frame.content());
    } else if (carries(frame) && !layer.ended()) {
      context.fireChannelRead(frame.content());
    } else {
      told(context, frame);
      frame.release();
    }
  }

  private static boolean carries(WebSocketFrame frame) {
    return frame.content().isReadable()
        && (frame instanceof BinaryWebSocketFrame || frame instanceof ContinuationWebSocketFrame);
  }

  private void told(ChannelHandlerContext context, WebSocketFrame frame) {
    connection.nettyLoop().worked(1); // it brings nothing and was read all the same
    if (frame instanceof TextWebSocketFrame) { // [MQTT-6.0.0-1]
      layer.refused(FrameRefusal.TEXT, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
    } else if (frame instanceof CloseWebSocketFrame close) {
      layer.peerClosed(close.statusCode());
      context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException wrong) {
      boolean large = wrong.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG);
      layer.refused(large ? FrameRefusal.TOO_LARGE : FrameRefusal.MALFORMED, wrong.closeStatus());
    } else {
      context.fireExceptionCaught(cause);
    }
  }

  // ---- pings: answered once a turn, and only as fast as the peer takes it

  private void pinged(ChannelHandlerContext context, ByteBuf payload) {
    connection.nettyLoop().worked(1);
    forgetPong();
    pong = payload;
    if (!pongDue) {
      pongDue = true;
      connection
          .nettyLoop()
          .atTurnEnd(
              () -> {
                pongDue = false;
                answerPing(context);
              });
    }
  }

  private void answerPing(ChannelHandlerContext context) {
    ByteBuf owed = pong;
    if (owed != null && context.channel().isWritable() && connection.sending()) {
      pong = null;
      context.writeAndFlush(new PongWebSocketFrame(owed), context.voidPromise());
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    answerPing(context);
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    forgetPong();
  }

  private void forgetPong() {
    if (pong != null) {
      pong.release();
      pong = null;
    }
  }

  // ---- out

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf bytes) || !layer.open()) {
      context.write(message, promise);
    } else {
      context.write(new BinaryWebSocketFrame(bytes), promise);
    }
  }
}

package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;

/**
 * Netty's decoder of frames, which keeps what has come of one until it is whole; here that is told
 * to whoever counts memory, and is less before the login. Confined to the connection's loop.
 */
final class FrameReader extends WebSocket13FrameDecoder {

  private final WebSocketLayer layer;
  private final Connection connection;

  /** What is known to be kept. */
  private int noted;

  FrameReader(WebSocketLayer layer, Connection connection) {
    super(layer.endpoint().frames());
    this.layer = layer;
    this.connection = connection;
    setCumulator(OwnBytes.COPIED);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (layer.ended()) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      super.channelRead(context, message);
    } finally {
      note(actualReadableBytes() == 0 ? 0 : internalBuffer().capacity());
    }
    if (actualReadableBytes() > layer.endpoint().bytesBeforeLogin() && connection.awaitsLogin()) {
      throw new CorruptedWebSocketFrameException(
          WebSocketCloseStatus.MESSAGE_TOO_BIG, "too long before a login");
    }
  }

  /** The channel is closed. */
  void gone() {
    note(0);
  }

  private void note(int bytes) {
    if (bytes != noted) {
      connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes - noted);
      noted = bytes;
    }
  }
}

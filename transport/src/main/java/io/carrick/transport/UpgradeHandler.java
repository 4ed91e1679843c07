package io.carrick.transport;

import io.carrick.transport.WebSocketEndpoint.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Grants the one request of a connection, or answers why not. Confined to the connection's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class UpgradeHandler extends SimpleChannelInboundHandler<HttpObject> {

  private final WebSocketLayer layer;
  private final Connection connection;

  /** What is granted when it has come to its end. */
  private @Nullable HttpRequest granted;

  UpgradeHandler(WebSocketLayer layer, Connection connection) {
    this.layer = layer;
    this.connection = connection;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (layer.refused() || !connection.open()) {
      return;
    }
    HttpRequest request = granted;
    if (part.decoderResult().isFailure()) {
      refuse(context, WebSocketEndpoint.unreadable(part.decoderResult().cause()));
    } else if (part instanceof HttpRequest head) {
      Refusal refusal = layer.endpoint().refusal(head);
      if (refusal == null) {
        granted = head;
      } else {
        refuse(context, refusal);
      }
    } else if (part instanceof LastHttpContent && request != null) {
      grant(context, request.uri(), request.headers());
    }
  }

  private void refuse(ChannelHandlerContext context, Refusal refusal) {
    ByteBuf text = ByteBufUtil.writeUtf8(context.alloc(), refusal.text() + "\n");
    var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, refusal.status(), text);
    answer
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=" + StandardCharsets.UTF_8)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    HttpResponseStatus status = refusal.status();
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) { // RFC 9110 §15.5.6
      answer.headers().set(HttpHeaderNames.ALLOW, HttpMethod.GET);
    } else if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) { // RFC 9110 §15.5.22
      answer
          .headers()
          .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
          .add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
          .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, WebSocketEndpoint.VERSION); // RFC 6455 §4.4
    }
    context.writeAndFlush(answer);
    layer.refused(refusal.why(), refusal.status() + ", " + refusal.text());
  }

  /** From here on what comes are frames, also what has come already behind the request. */
  private void grant(ChannelHandlerContext context, String uri, HttpHeaders headers) {
    String subprotocol = layer.endpoint().subprotocol(headers).orElseThrow();
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    var request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.GET,
            uri,
            Unpooled.EMPTY_BUFFER,
            headers,
            EmptyHttpHeaders.INSTANCE);
    new Handshaker(layer, subprotocol)
        .handshake(context.channel(), request)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                connection.close(EndReason.PEER);
              }
            });
    context.pipeline().remove(this);
    layer.established();
  }

  /** Netty's, with our decoder. Confined to the connection's loop. */
  private static final class Handshaker extends WebSocketServerHandshaker13 {

    private final WebSocketLayer layer;

    Handshaker(WebSocketLayer layer, String subprotocol) {
      super(layer.endpoint().path(), subprotocol, layer.endpoint().frames());
      this.layer = layer;
    }

    @Override
    protected WebSocketFrameDecoder newWebsocketDecoder() {
      return layer.reader();
    }
  }
}

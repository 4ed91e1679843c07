package io.carrick.transport;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.WebSocket;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of an endpoint with WebSocket share: which requests are granted, and how
 * large frames may be. Immutable.
 */
final class WebSocketEndpoint {

  /** Of the first line of a request, and of all others together, with a browser's cookies. */
  private static final int MOST_LINE_BYTES = 4_096;

  private static final int MOST_HEADER_BYTES = 16 << 10;

  private static final int KEY_BYTES = 16;
  static final String VERSION = "13";

  private final WebSocket description;
  private final List<String> subprotocols;
  private final WebSocketDecoderConfig frames;
  private final long bytesBeforeLogin;

  /**
   * Why a request is not granted. Immutable.
   *
   * @param text for whoever looks at the answer
   */
  record Refusal(HandshakeFailure why, HttpResponseStatus status, String text) {}

  WebSocketEndpoint(WebSocket description, String protocol, Limits limits) {
    this.description = description;
    this.subprotocols =
        description.subprotocols().isEmpty() ? List.of(protocol) : description.subprotocols();
    // A packet that is as large as one may be fits, with what else is in its frame.
    long packet = limits.value(Limit.MESSAGE_BYTES) + limits.value(Limit.CONTROL_PACKET_BYTES);
    this.frames =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength((int) Math.min(packet, Integer.MAX_VALUE / 2))
            .closeOnProtocolViolation(false) // the connection does, behind what it has to say
            .build();
    this.bytesBeforeLogin = limits.value(Limit.CONTROL_PACKET_BYTES);
  }

  String path() {
    return description.path();
  }

  WebSocketDecoderConfig frames() {
    return frames;
  }

  /** Returns how much of a frame is kept of a peer that has not logged in. */
  long bytesBeforeLogin() {
    return bytesBeforeLogin;
  }

  static HttpDecoderConfig requests() {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(MOST_LINE_BYTES)
        .setMaxHeaderSize(MOST_HEADER_BYTES);
  }

  /** Says why a request that cannot be read is not granted. */
  static Refusal unreadable(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new Refusal(
          HandshakeFailure.HEAD_TOO_LARGE, HttpResponseStatus.REQUEST_URI_TOO_LONG, "too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      return new Refusal(
          HandshakeFailure.HEAD_TOO_LARGE,
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          "too large");
    }
    return new Refusal(HandshakeFailure.NOT_HTTP, HttpResponseStatus.BAD_REQUEST, "not HTTP");
  }

  /** Returns why a request is not granted, null if it is (RFC 6455 §4.2.1). */
  @Nullable Refusal refusal(HttpRequest request) {
    HttpHeaders headers = request.headers();
    String uri = request.uri();
    int query = uri.indexOf('?');
    if (!description.path().equals(query < 0 ? uri : uri.substring(0, query))) {
      return new Refusal(HandshakeFailure.PATH, HttpResponseStatus.NOT_FOUND, "nothing here");
    } else if (!request.method().equals(HttpMethod.GET)) {
      return new Refusal(
          HandshakeFailure.METHOD, HttpResponseStatus.METHOD_NOT_ALLOWED, "GET alone");
    } else if (!asks(headers)) {
      return upgradeRequired(HandshakeFailure.NO_UPGRADE, "WebSocket alone is spoken here");
    } else if (!VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      return upgradeRequired(HandshakeFailure.WEBSOCKET_VERSION, "version 13 alone");
    } else if (!isWhole(request)) {
      return new Refusal(
          HandshakeFailure.MALFORMED_UPGRADE,
          HttpResponseStatus.BAD_REQUEST,
          "not as RFC 6455 has it");
    } else if (subprotocol(headers).isEmpty()) {
      return new Refusal(
          HandshakeFailure.SUBPROTOCOL,
          HttpResponseStatus.BAD_REQUEST,
          "the subprotocol is " + subprotocols.get(0));
    } else if (!isWelcome(headers.get(HttpHeaderNames.ORIGIN))) {
      return new Refusal(
          HandshakeFailure.ORIGIN, HttpResponseStatus.FORBIDDEN, "not from this origin");
    }
    return null;
  }

  private static Refusal upgradeRequired(HandshakeFailure why, String text) {
    return new Refusal(why, HttpResponseStatus.UPGRADE_REQUIRED, text);
  }

  private static boolean asks(HttpHeaders headers) {
    return headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }

  private static boolean isWhole(HttpRequest request) {
    HttpHeaders headers = request.headers();
    return request.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && headers.contains(HttpHeaderNames.HOST)
        && isKey(headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY))
        && !HttpUtil.isTransferEncodingChunked(request)
        && HttpUtil.getContentLength(request, 0) == 0;
  }

  private static boolean isKey(@Nullable String key) {
    try {
      return key != null && Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private boolean isWelcome(@Nullable String origin) {
    return origin == null
        || description.origins().isEmpty()
        || description.origins().stream().anyMatch(origin::equalsIgnoreCase);
  }

  /** Returns the first of ours that a client offers; with MQTT "mqtt" [MQTT-6.0.0-4]. */
  Optional<String> subprotocol(HttpHeaders headers) {
    List<String> offered =
        headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
            .flatMap(line -> Stream.of(line.split(",")))
            .map(String::strip)
            .toList();
    return subprotocols.stream().filter(offered::contains).findFirst();
  }
}

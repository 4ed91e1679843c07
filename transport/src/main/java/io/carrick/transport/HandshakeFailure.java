package io.carrick.transport;

import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why what is beneath the protocol, TLS, WebSocket or a proxy's header, was not spoken with a peer,
 * as the counters name it.
 */
enum HandshakeFailure {
  /** What came was no TLS. */
  NOT_TLS("not-tls"),
  /** The peer speaks no version, or no cipher, that we speak. */
  NOTHING_IN_COMMON("nothing-in-common"),
  /** The peer has no certificate, or one that we do not trust. */
  CLIENT_CERTIFICATE("client-certificate"),
  /** The peer does not trust ours. */
  OUR_CERTIFICATE("our-certificate"),
  /** What came was no request of HTTP. */
  NOT_HTTP("not-http"),
  /** The head of a request was too large. */
  HEAD_TOO_LARGE("head-too-large"),
  /** A request was for another path. */
  PATH("path"),
  /** A request was not GET. */
  METHOD("method"),
  /** A request did not ask for WebSocket. */
  NO_UPGRADE("no-upgrade"),
  /** It asked for another version of WebSocket. */
  WEBSOCKET_VERSION("websocket-version"),
  /** It asked in a wrong way. */
  MALFORMED_UPGRADE("malformed-upgrade"),
  /** It offered no subprotocol that we speak. */
  SUBPROTOCOL("subprotocol"),
  /** It came from a page of an origin that is not let in. */
  ORIGIN("origin"),
  /** What came did not begin with a header of the PROXY protocol, or with a malformed one. */
  PROXY_HEADER("proxy-header"),
  /** The peer has gone. */
  GONE("gone"),
  /** {@link io.carrick.Limit#CONNECT_TIMEOUT_MS} has passed. */
  TIMEOUT("timeout"),
  /** There were {@link io.carrick.Limit#HANDSHAKES} already. */
  LIMIT("limit"),
  /** Anything else. */
  OTHER("other");

  private final String label;

  HandshakeFailure(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  static HandshakeFailure of(@Nullable Throwable cause) {
    HandshakeFailure known = OTHER;
    for (Throwable at = cause; at != null && known == OTHER; at = at.getCause()) {
      known = ofOne(at);
    }
    return known;
  }

  private static HandshakeFailure ofOne(Throwable cause) {
    if (cause instanceof NotSslRecordException) {
      return NOT_TLS;
    } else if (cause instanceof ClosedChannelException) {
      return GONE;
    } else if (cause instanceof CertificateException
        || cause instanceof CertPathValidatorException
        || cause instanceof CertPathBuilderException) {
      return CLIENT_CERTIFICATE;
    }
    return cause instanceof SSLException ? ofText(String.valueOf(cause.getMessage())) : OTHER;
  }

  /**
   * Neither the JDK nor OpenSSL has types for these, so we go by their words; what is not found is
   * just other.
   */
  private static HandshakeFailure ofText(String text) {
    if (has(text, "Received fatal alert")) {
      // RFC 8446 §6.2
      if (has(text, "certificate", "unknown_ca")) {
        return OUR_CERTIFICATE;
      }
      return has(text, "protocol_version", "handshake_failure", "insufficient_security")
          ? NOTHING_IN_COMMON
          : OTHER;
    }
    if (has(text, "_ALERT_")) { // OpenSSL's name for what the peer says
      return has(text, "CERTIFICATE", "UNKNOWN_CA")
          ? OUR_CERTIFICATE
          : has(text, "PROTOCOL_VERSION", "HANDSHAKE_FAILURE") ? NOTHING_IN_COMMON : OTHER;
    }
    if (has(text, "Empty client certificate", "ertificate_required", "NOT_RETURN_A_CERTIFICATE")) {
      return CLIENT_CERTIFICATE;
    } else if (has(text, "in common", "not accepted by", "is not enabled or supported")
        || has(text, "UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER")) {
      return NOTHING_IN_COMMON;
    } else if (has(text, "Connection closed")) {
      return GONE;
    }
    return has(
            text,
            "unrecognized SSL message",
            "nrecognized record version",
            "WRONG_VERSION",
            "HTTP_")
        ? NOT_TLS
        : OTHER;
  }

  private static boolean has(String text, String... words) {
    return Stream.of(words).anyMatch(text::contains);
  }
}

package io.carrick.amqp.codec;

/** What AMQP calls its answers to what went wrong. AMQP 0-9-1 §1.1 (constants). */
public enum ReplyCode {
  /** Nothing went wrong. */
  SUCCESS(200, false),
  /** The content is larger than the broker takes. */
  CONTENT_TOO_LARGE(311, false),
  /** A mandatory message matched no queue. */
  NO_ROUTE(312, false),
  /** An immediate message met no consumer. */
  NO_CONSUMERS(313, false),
  /** The client may not do that. */
  ACCESS_REFUSED(403, false),
  /** There is no such thing. */
  NOT_FOUND(404, false),
  /** Another connection owns it. */
  RESOURCE_LOCKED(405, false),
  /** It is not as the peer supposes. */
  PRECONDITION_FAILED(406, false),
  /** The operator closes the connection. */
  CONNECTION_FORCED(320, true),
  /** The peer named no virtual host. */
  INVALID_PATH(402, true),
  /** A frame cannot be read. */
  FRAME_ERROR(501, true),
  /** A field has a value that it must not have. */
  SYNTAX_ERROR(502, true),
  /** A method is out of order. */
  COMMAND_INVALID(503, true),
  /** A channel is not open, or is open already. */
  CHANNEL_ERROR(504, true),
  /** A frame of another kind was due. */
  UNEXPECTED_FRAME(505, true),
  /** The broker has no room left for it. */
  RESOURCE_ERROR(506, true),
  /** That is forbidden in every case. */
  NOT_ALLOWED(530, true),
  /** The broker does not do that. */
  NOT_IMPLEMENTED(540, true),
  /** A fault of the broker's own. */
  INTERNAL_ERROR(541, true);

  private final int code;
  private final boolean closesConnection;

  ReplyCode(int code, boolean closesConnection) {
    this.code = code;
    this.closesConnection = closesConnection;
  }

  /** Returns the number on the wire. */
  public int code() {
    return code;
  }

  /** Returns whether it ends the connection ("hard error") or only a channel. */
  public boolean closesConnection() {
    return closesConnection;
  }
}

package io.carrick.transport;

/** Why a connection ended, as the counters name it. */
enum EndReason {
  /** The peer closed or reset it. */
  PEER("peer"),
  /** The protocol's handler closed it. */
  LOCAL("local"),
  /** The broker closes. */
  SHUTDOWN("shutdown"),
  /** What is beneath the protocol was not spoken with it; {@link HandshakeFailure} says why. */
  HANDSHAKE("handshake"),
  /** A frame of WebSocket was not taken; {@link FrameRefusal} says why. */
  WEBSOCKET("websocket"),
  /** {@link io.carrick.Limit#CONNECT_TIMEOUT_MS} passed before the login was finished. */
  CONNECT_TIMEOUT("connect-timeout"),
  /** {@link io.carrick.Limit#WRITE_TIMEOUT_MS} passed and the peer took no byte. */
  WRITE_TIMEOUT("write-timeout"),
  /** Something of ours failed. */
  ERROR("error");

  private final String label;

  EndReason(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}

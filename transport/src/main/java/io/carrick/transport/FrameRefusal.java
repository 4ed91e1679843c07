package io.carrick.transport;

/** Why a frame of WebSocket was not taken, as the counters name it. */
enum FrameRefusal {
  /** It is of text. */
  TEXT("text"),
  /** It is longer than one may be. */
  TOO_LARGE("too-large"),
  /** It is not as RFC 6455 has it. */
  MALFORMED("malformed");

  private final String label;

  FrameRefusal(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}

package io.carrick.transport;

import io.carrick.spi.Counters;
import io.carrick.spi.Counters.Counter;

/** The counters of all connections of a broker. Thread-safe. */
final class TransportCounters {

  final Counter opened;
  final Counter refused;
  final Counter bytesRead;
  final Counter bytesWritten;
  final Counter flushes;
  final Counter handshakes;
  private final Counter[] closed;
  private final Counter[] handshakesFailed;
  private final Counter[] framesRefused;

  TransportCounters(Counters counters) {
    opened = counters.counter("connections.opened");
    refused = counters.counter("connections.refused");
    bytesRead = counters.counter("bytes.read");
    bytesWritten = counters.counter("bytes.written");
    flushes = counters.counter("flushes");
    handshakes = counters.counter("handshakes.completed");
    EndReason[] reasons = EndReason.values();
    closed = new Counter[reasons.length];
    for (EndReason reason : reasons) {
      closed[reason.ordinal()] =
          counters.counter("connections.closed{reason=" + reason.label() + "}");
    }
    HandshakeFailure[] failures = HandshakeFailure.values();
    handshakesFailed = new Counter[failures.length];
    for (HandshakeFailure failure : failures) {
      handshakesFailed[failure.ordinal()] =
          counters.counter("handshakes.failed{reason=" + failure.label() + "}");
    }
    FrameRefusal[] refusals = FrameRefusal.values();
    framesRefused = new Counter[refusals.length];
    for (FrameRefusal refusal : refusals) {
      framesRefused[refusal.ordinal()] =
          counters.counter("frames.refused{reason=" + refusal.label() + "}");
    }
  }

  Counter closed(EndReason reason) {
    return closed[reason.ordinal()];
  }

  Counter handshakeFailed(HandshakeFailure failure) {
    return handshakesFailed[failure.ordinal()];
  }

  Counter frameRefused(FrameRefusal refusal) {
    return framesRefused[refusal.ordinal()];
  }
}

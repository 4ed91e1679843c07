package io.carrick.amqp;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.transport.Connection;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a channel that waits for an answer, in order. When there are too many the connection is
 * not read. Confined to the event loop of its connection.
 */
final class PendingFrames {

  private final Connection connection;
  private final int maxFrames;
  private final long maxBytes;
  private final ArrayDeque<Frame> frames = new ArrayDeque<>();
  private long bytes;
  private boolean paused;

  /** A frame that waits. */
  record Frame(int type, byte[] payload) {}

  PendingFrames(Connection connection, Limits limits) {
    this.connection = connection;
    this.maxFrames = limits.count(Limit.PENDING_FRAMES);
    this.maxBytes = limits.value(Limit.PUBLISHER_CREDIT_BYTES);
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  void add(int type, ByteBuf in, int start, int length) {
    byte[] payload = new byte[length];
    in.getBytes(start, payload);
    frames.add(new Frame(type, payload));
    bytes += length;
    if (!paused && (frames.size() >= maxFrames || bytes >= maxBytes)) {
      paused = true;
      connection.pauseReading();
    }
  }

  @Nullable Frame poll() {
    Frame frame = frames.poll();
    if (frame != null) {
      bytes -= frame.payload.length;
    }
    if (paused && frames.isEmpty()) {
      paused = false;
      connection.resumeReading();
    }
    return frame;
  }

  void clear() {
    frames.clear();
    bytes = 0;
    poll();
  }
}

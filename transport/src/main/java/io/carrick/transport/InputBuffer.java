package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What was read from one connection. Confined to its loop.
 *
 * <p>The socket is read into the loop's receive buffer and frames are decoded from there; only a
 * frame that came in parts has bytes of its own, and what follows is read behind them.
 */
@SuppressWarnings("ReferenceEquality") // buffers are asked whether they are the same, not equal
final class InputBuffer {

  static final int LEAST_READ_BYTES = 16 << 10;
  private static final int MOST_READ_BYTES = 1 << 20;

  /** So many bytes count as one piece of a turn's work, besides what they bring about. */
  private static final int BYTES_PER_WORK = 128;

  private final Connection connection;
  private @Nullable ByteBuf unread;

  /** What {@link #unread} held before the read that is going on. */
  private int unreadBytes;

  private int pauses;
  private boolean presenting;
  private boolean presentAgain;

  /** Whether what is unread waits for a turn that has room for it. */
  private boolean yielding;

  /** Whether nothing more comes; the handler is told behind what is unread. */
  private boolean ended;

  private boolean toldEnd;
  private long lastReadNanos;

  InputBuffer(Connection connection) {
    this.connection = connection;
    this.lastReadNanos = connection.loop().nanoTime();
  }

  long lastReadNanos() {
    return lastReadNanos;
  }

  boolean paused() {
    return pauses > 0;
  }

  void pause() {
    if (pauses++ == 0) {
      connection.autoRead(false);
    }
  }

  void resume() {
    if (pauses == 0) {
      throw new IllegalStateException("resumed without a pause: " + connection);
    }
    if (--pauses > 0) {
      return;
    }
    lastReadNanos = connection.loop().nanoTime(); // the peer could not be heard until now
    if (presenting) {
      presentAgain = true;
    } else if (unread != null || ended) {
      connection.nettyLoop().atTurnEnd(this::presentUnread);
    }
    if (!yielding) {
      connection.autoRead(true);
    }
  }

  /** Takes what was read: the buffer that {@link #readInto} gave, or one of the peer's. */
  void received(ByteBuf bytes) {
    ByteBuf kept = unread;
    int count = bytes.readableBytes() - (bytes == kept ? unreadBytes : 0);
    lastReadNanos = connection.loop().nanoTime();
    connection.counters().bytesRead.add(count);
    connection.nettyLoop().worked(count / BYTES_PER_WORK);
    if (!connection.open()) {
      release(); // what comes after the end is read and dropped, so that the peer sees no reset
    } else if (kept == null) {
      present(bytes);
      if (bytes.isReadable() && connection.open()) {
        keep(connection.allocator().directBuffer(bytes.readableBytes()).writeBytes(bytes));
      }
    } else {
      if (bytes != kept) {
        int before = kept.capacity();
        kept.writeBytes(bytes);
        note(kept.capacity() - before);
      }
      presentUnread();
    }
    bytes.release();
  }

  /** Nothing more comes. */
  void ended() {
    ended = true;
    presentUnread();
  }

  private void tellEnd() {
    if (ended && !toldEnd && !yielding && pauses == 0 && connection.open()) {
      toldEnd = true;
      connection.handleInputEnd();
    }
  }

  /** Forgets what is unread. */
  void release() {
    ByteBuf kept = unread;
    if (kept != null) {
      note(-kept.capacity());
      kept.release();
      unread = null;
    }
    unreadBytes = 0;
  }

  private void presentUnread() {
    if (yielding) {
      return;
    }
    ByteBuf kept = unread;
    if (kept != null) {
      presentUnread(kept);
    }
    tellEnd();
  }

  private void presentUnread(ByteBuf kept) {
    if (connection.open()) {
      present(kept);
    }
    if (unread != kept) {
      return; // the connection closed and released it
    }
    if (!kept.isReadable() || !connection.open()) {
      release();
    } else if (kept.capacity() > MOST_READ_BYTES / 4
        && kept.readableBytes() < kept.capacity() / 8) {
      note(-kept.capacity());
      keep(connection.allocator().directBuffer(kept.readableBytes()).writeBytes(kept));
      kept.release();
    } else {
      kept.discardReadBytes();
      unreadBytes = kept.readableBytes();
    }
  }

  private void present(ByteBuf in) {
    if (pauses > 0) {
      return;
    }
    presenting = true;
    try {
      do {
        presentAgain = false;
        connection.handle(in);
      } while (presentAgain && pauses == 0 && in.isReadable() && connection.open());
    } finally {
      presenting = false;
      presentAgain = false;
    }
    if (in.isReadable() && connection.shouldYield() && pauses == 0 && connection.open()) {
      yieldTurn();
    }
  }

  /** The handler may have stopped because of others: it goes on in its turn, with what is here. */
  private void yieldTurn() {
    yielding = true;
    connection.autoRead(false);
    connection
        .nettyLoop()
        .continueLater(
            () -> {
              yielding = false;
              if (pauses == 0) {
                connection.autoRead(true);
              }
              presentUnread();
            });
  }

  private void note(int bytes) {
    connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes);
  }

  private void keep(ByteBuf bytes) {
    note(bytes.capacity());
    unread = bytes;
    unreadBytes = bytes.readableBytes();
  }

  /** Returns where the next read goes, with a reference that {@link #received} gives back. */
  ByteBuf readInto() {
    ByteBuf kept = unread;
    if (kept == null) {
      return connection.nettyLoop().receiveBuffer();
    }
    int room = Math.min(Math.max(unreadBytes, LEAST_READ_BYTES), MOST_READ_BYTES);
    int before = kept.capacity();
    kept.ensureWritable(room);
    note(kept.capacity() - before);
    return kept.retain();
  }
}

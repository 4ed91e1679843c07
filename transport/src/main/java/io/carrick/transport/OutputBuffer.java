package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop.Timer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written to one connection. Confined to a loop, which lends it to a connection that
 * writes, flushes it once at the end of the turn, and takes it back when the peer has everything;
 * an idle connection has none. So it must not be kept: ask {@link Connection#output} each time.
 *
 * <p>Small writes are copied into chunks. A chunk is handed over when the socket takes bytes, so a
 * peer that does not read keeps little memory outside the heap.
 */
public final class OutputBuffer {

  /**
   * A payload up to this size is copied, a larger one wrapped. The socket copies what is wrapped
   * when it gets it, so wrapping pays only where the copy would wait long in our queue: 6 KB
   * payloads cost a quarter less copied.
   */
  static final int COPY_BYTES = 16 << 10;

  /** So small a part of the limit may be left when the output counts as drained. */
  static final int DRAINED_PART = 8;

  private static final int FIRST_CHUNK_BYTES = 4 << 10;
  private static final int LAST_CHUNK_BYTES = 64 << 10;

  /** So much is written without waiting for the end of the turn. */
  private static final int EARLY_FLUSH_BYTES = 64 << 10;

  /** A large payload is handed to the socket, which copies it, in pieces of this size. */
  private static final int PIECE_BYTES = 256 << 10;

  private Connection connection;
  private @Nullable ByteBuf tail;
  private @Nullable ArrayDeque<ByteBuf> sealed;
  private long sealedBytes;
  private int chunkBytes = FIRST_CHUNK_BYTES;

  private long handedOver;
  private long written;

  /** What was last known to wait. */
  private long noted;

  private boolean dirty;
  private boolean flushing;
  private boolean writable = true;
  private boolean toldWritable = true;
  private boolean endQueued;
  private @Nullable Timer writeTimeout;
  private long writtenAtTimeout;

  OutputBuffer(Connection borrower) {
    this.connection = borrower;
    markDirty();
  }

  /** Begins anew for another connection; the one before has given it back. */
  OutputBuffer lend(Connection borrower) {
    connection = borrower;
    writable = true;
    toldWritable = true;
    endQueued = false;
    handedOver = 0;
    written = 0;
    markDirty();
    return this;
  }

  /**
   * Returns a buffer with room for at least that many bytes behind its writer index. The caller
   * appends at most that many, before any other call. After the connection's end it is a buffer
   * that is thrown away.
   */
  public ByteBuf reserve(int bytes) {
    ByteBuf chunk = tail;
    if (chunk != null && chunk.writableBytes() >= bytes) {
      return chunk;
    }
    return newTail(bytes);
  }

  /**
   * Appends a payload: copied if it is small, else wrapped, so it must not change afterwards.
   *
   * @param offset where it starts in the array
   * @param length in bytes
   */
  public void payload(byte[] bytes, int offset, int length) {
    if (length <= COPY_BYTES) {
      reserve(length).writeBytes(bytes, offset, length);
      return;
    }
    if (!connection.sending()) {
      return;
    }
    ByteBuf chunk = tail;
    if (chunk != null && chunk.isReadable()) {
      seal(chunk.readRetainedSlice(chunk.readableBytes()));
    }
    seal(Unpooled.wrappedBuffer(bytes, offset, length));
    markDirty();
    flushEarly();
  }

  /** Returns how many bytes the socket has not taken yet. */
  long pendingBytes() {
    return queuedBytes() + connection.socket().pendingBytes();
  }

  private long queuedBytes() {
    ByteBuf chunk = tail;
    return sealedBytes + (chunk == null ? 0 : chunk.readableBytes());
  }

  private ByteBuf newTail(int bytes) {
    ByteBuf chunk = tail;
    if (chunk != null) {
      tail = null;
      if (chunk.isReadable() && connection.sending()) {
        seal(chunk);
        flushEarly();
      } else {
        chunk.release();
      }
      chunkBytes = Math.min(chunkBytes * 4, LAST_CHUNK_BYTES);
    }
    chunk = connection.allocator().directBuffer(Math.max(bytes, chunkBytes));
    tail = chunk;
    markDirty();
    return chunk;
  }

  private void seal(ByteBuf bytes) {
    ArrayDeque<ByteBuf> queue = sealed;
    if (queue == null) {
      queue = new ArrayDeque<>();
      sealed = queue;
    }
    queue.add(bytes);
    sealedBytes += bytes.readableBytes();
  }

  private void markDirty() {
    if (!dirty) {
      dirty = true;
      connection.nettyLoop().dirty(this);
    }
  }

  // ---- flushing

  /** Writes what the socket takes, tells the handler, and ends the connection where it asked so. */
  void flushAtTurnEnd() {
    dirty = false;
    if (connection.sending()) {
      flush();
      tell();
    } else {
      release();
    }
    if (!dirty && (!connection.sending() || idle())) {
      connection.giveBackOutput();
    }
  }

  /** Whether nothing is left to write, to tell, or to wait for. */
  private boolean idle() {
    return connection.open() && writeTimeout == null && toldWritable && pendingBytes() == 0;
  }

  /** The socket takes bytes again, or has stopped to. */
  void writabilityChanged() {
    if (!flushing && connection.sending()) {
      flush();
      tell();
      markDirty(); // so that it is given back at the end of the turn
    }
  }

  /** Ends the connection as soon as everything is written. */
  void end() {
    markDirty();
  }

  /** The connection is gone: what is not written is thrown away. */
  void gone() {
    release();
    markDirty();
  }

  private void flushEarly() {
    if (sealedBytes >= EARLY_FLUSH_BYTES && !flushing) {
      flush();
    }
  }

  private void flush() {
    ConnectionSocket socket = connection.socket();
    flushing = true;
    try {
      while (socket.writable() && handOver(socket)) {
        socket.flush();
        connection.counters().flushes.add();
      }
    } finally {
      flushing = false;
    }
    settle();
  }

  /** Gives the socket as much as it wants; returns whether there was anything. */
  private boolean handOver(ConnectionSocket socket) {
    boolean any = false;
    ArrayDeque<ByteBuf> queue = sealed;
    while (queue != null && socket.writable()) {
      ByteBuf next = queue.peek();
      if (next == null) {
        sealed = null;
        break;
      }
      if (next.readableBytes() > PIECE_BYTES) {
        next = next.readRetainedSlice(PIECE_BYTES);
      } else {
        queue.remove();
      }
      sealedBytes -= next.readableBytes();
      write(socket, next);
      any = true;
    }
    ByteBuf chunk = tail;
    if (chunk != null && sealedBytes == 0 && socket.writable()) {
      tail = null;
      if (chunk.isReadable()) {
        write(socket, chunk);
        any = true;
      } else {
        chunk.release();
      }
    }
    return any;
  }

  private void write(ConnectionSocket socket, ByteBuf bytes) {
    handedOver += bytes.readableBytes();
    socket.write(bytes);
  }

  private void settle() {
    long inSocket = connection.socket().pendingBytes();
    // What is encrypted is longer: before the peer has taken the difference it seems to take
    // nothing.
    long now = Math.max(written, handedOver - inSocket);
    if (now != written) {
      connection.counters().bytesWritten.add(now - written);
      written = now;
    }
    long queued = queuedBytes();
    long pending = queued + inSocket;
    note(pending);
    if (queued == 0) {
      chunkBytes = FIRST_CHUNK_BYTES;
    }
    if (pending == 0) {
      stopWriteTimeout();
    }
    long limitBytes = connection.endpoint().outputBytes();
    if (writable && pending > limitBytes / 2) {
      writable = false;
    } else if (!writable && pending <= limitBytes / DRAINED_PART) {
      writable = true;
    }
    boolean ending = !connection.open();
    if (writeTimeout == null && pending > 0) {
      startWriteTimeout(); // however little it is: a peer that is there takes it
    }
    if (ending && queued == 0 && !endQueued) {
      endQueued = true;
      connection.socket().end();
    }
  }

  /** Notes what waits for the peer to take it, if that has changed. */
  private void note(long pending) {
    if (pending != noted) {
      connection.nettyLoop().held().add(Kind.OUTPUT, pending - noted);
      noted = pending;
    }
  }

  private void tell() {
    if (writable != toldWritable && connection.open()) {
      toldWritable = writable;
      connection.handleWritable(writable);
    }
  }

  // ---- write timeout

  private void startWriteTimeout() {
    writtenAtTimeout = written;
    writeTimeout =
        connection.loop().schedule(connection.endpoint().writeTimeoutMs(), this::writeTimeoutDue);
  }

  private void stopWriteTimeout() {
    if (writeTimeout != null) {
      writeTimeout.cancel();
      writeTimeout = null;
    }
  }

  private void writeTimeoutDue() {
    writeTimeout = null;
    if (!connection.sending()) {
      return;
    }
    long before = writtenAtTimeout;
    settle();
    markDirty();
    if (writeTimeout != null && written == before) {
      connection.close(EndReason.WRITE_TIMEOUT);
    }
  }

  /** Throws away what is not written. */
  void release() {
    stopWriteTimeout();
    if (tail != null) {
      tail.release();
      tail = null;
    }
    if (sealed != null) {
      sealed.forEach(ByteBuf::release);
      sealed = null;
    }
    sealedBytes = 0;
    note(0);
  }
}

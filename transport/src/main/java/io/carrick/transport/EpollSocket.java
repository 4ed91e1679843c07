package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A socket that we read and write ourselves. Confined to the connection's loop.
 *
 * <p>A Netty channel with its pipeline and promises is twenty objects and 1.2 KB, whether anything
 * is sent or not; a socket registered with the same loop needs three.
 */
final class EpollSocket implements ConnectionSocket, EpollIoHandle {

  /** Reads of one connection in a turn, so that the others get their share. */
  private static final int READS_PER_TURN = 4;

  /** So much is taken from the output before the system has taken it. */
  private static final int HIGH_WATER_BYTES = 128 << 10;

  private static final EpollIoOps PAUSED = EpollIoOps.EPOLLRDHUP;
  private static final EpollIoOps READING = PAUSED.with(EpollIoOps.EPOLLIN);

  private final Connection connection;
  private final Socket socket;

  /** As the system gave it: an object of it is needed rarely, and four times as large. */
  private final byte[] peer;

  private @Nullable IoRegistration registration;
  private boolean reading = true;

  /** The peer has closed its direction; what it has sent before may be unread. */
  private boolean peerLeaves;

  private boolean inputEnded;

  /** Waits for a turn that has room for what it reads. */
  private boolean yielding;

  /** What the system has not taken; null without. */
  private @Nullable ArrayDeque<ByteBuf> pending;

  private long pendingBytes;

  /** The system takes nothing now and says when it does. */
  private boolean blocked;

  private boolean ending;

  EpollSocket(Socket socket, byte[] peer, Connection connection) {
    this.connection = connection;
    this.socket = socket;
    this.peer = peer;
  }

  @Override
  public void open(ConnectionHandler.Factory handlers) {
    try {
      connection
          .nettyLoop()
          .register(this)
          .addListener(
              (Future<IoRegistration> registered) -> {
                if (registered.isSuccess()) {
                  opened(registered.getNow(), handlers);
                } else {
                  close();
                }
              });
    } catch (RejectedExecutionException e) {
      close(); // the loop has ended
    }
  }

  private void opened(IoRegistration registration, ConnectionHandler.Factory handlers) {
    this.registration = registration;
    connection.opened(handlers);
    submit();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return NativeInetAddress.address(peer, 0, peer.length);
  }

  // ---- events

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    EpollIoOps ops = ((EpollIoEvent) event).ops();
    boolean failed = ops.contains(EpollIoOps.EPOLLERR); // reading or writing tells what it is
    if (blocked && (failed || ops.contains(EpollIoOps.EPOLLOUT))) {
      blocked = false;
      flush();
      connection.writabilityChanged();
      submit();
    }
    if (inputEnded) {
      if (failed || !ops.contains(EpollIoOps.EPOLLOUT)) {
        close(); // nothing else is told but that the peer has gone altogether
      }
      return;
    }
    if (!peerLeaves && ops.contains(EpollIoOps.EPOLLRDHUP)) {
      peerLeaves = true;
      connection.peerLeaves();
      submit();
    }
    if (failed || ops.contains(READING)) {
      read(failed);
    }
  }

  /** Reads a fair share, or everything when the connection has failed, pause or not. */
  private void read(boolean toTheEnd) {
    for (int reads = 0; reads < READS_PER_TURN || toTheEnd; reads++) {
      if (!socket.isOpen() || !(reading || toTheEnd)) {
        return;
      }
      if (connection.shouldYield() && !toTheEnd) {
        yieldTurn();
        return;
      }
      ByteBuf into = connection.readInto();
      int room = into.writableBytes();
      int count = receive(into);
      if (count <= 0) {
        into.release();
        if (count < 0) {
          inputEnds(toTheEnd);
        }
        return;
      }
      connection.received(into);
      if (count < room && !peerLeaves && !toTheEnd) {
        return;
      }
    }
  }

  /** Others have read enough for this turn. Whoever waits longest is the first in a later one. */
  private void yieldTurn() {
    if (!yielding) {
      yielding = true;
      connection
          .nettyLoop()
          .continueLater(
              () -> {
                yielding = false;
                if (!inputEnded) {
                  read(false);
                }
              });
    }
  }

  /** The peer sends nothing more; if the connection has failed it is not there either. */
  private void inputEnds(boolean failed) {
    inputEnded = true;
    if (failed) {
      close();
    } else {
      submit();
      connection.inputEnded();
    }
  }

  /** Returns how many bytes have come, 0 if none are there, negative at the end. */
  private int receive(ByteBuf into) {
    int at = into.writerIndex();
    try {
      int count;
      if (into.hasMemoryAddress()) {
        count = socket.recvAddress(into.memoryAddress(), at, into.capacity());
      } else {
        ByteBuffer nio = into.internalNioBuffer(at, into.writableBytes());
        count = socket.recv(nio, nio.position(), nio.limit());
      }
      if (count > 0) {
        into.writerIndex(at + count);
      }
      return count;
    } catch (IOException e) {
      connection.failed(e);
      return 0;
    }
  }

  @Override
  public void reading(boolean on) {
    if (reading != on) {
      reading = on;
      submit();
    }
  }

  /** Says what to be told of. */
  private void submit() {
    if (registration != null && socket.isOpen()) {
      // Its leaving is told again and again as long as it is asked for.
      EpollIoOps quiet = peerLeaves ? EpollIoOps.EPOLLERR : PAUSED;
      EpollIoOps ops = reading && !inputEnded ? READING : quiet;
      registration.submit(blocked ? ops.with(EpollIoOps.EPOLLOUT) : ops);
    }
  }

  // ---- output

  @Override
  public boolean writable() {
    return !blocked && pendingBytes < HIGH_WATER_BYTES && socket.isOpen();
  }

  @Override
  public void write(ByteBuf bytes) {
    ByteBuf direct = bytes;
    if (!bytes.isDirect()) {
      direct = connection.allocator().directBuffer(bytes.readableBytes()).writeBytes(bytes);
      bytes.release();
    }
    ArrayDeque<ByteBuf> queue = pending;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      pending = queue;
    }
    queue.add(direct);
    pendingBytes += direct.readableBytes();
  }

  @Override
  public void flush() {
    try {
      send();
      if (ending && pending == null) {
        ending = false;
        socket.shutdown(false, true);
        connection.ended(!inputEnded);
      }
    } catch (NotYetConnectedException e) {
      close(); // what the system says when the peer has reset the connection before
    } catch (IOException e) {
      connection.failed(e);
    }
  }

  private void send() throws IOException {
    ArrayDeque<ByteBuf> queue = pending;
    while (queue != null && !blocked) {
      if (queue.isEmpty()) {
        pending = null;
        return;
      }
      long given = pendingBytes;
      sent(queue, queue.size() == 1 ? send(queue.element()) : send(queue));
      if (given == pendingBytes || !queue.isEmpty()) {
        blocked = true;
        submit();
      }
    }
  }

  private int send(ByteBuf bytes) throws IOException {
    if (bytes.hasMemoryAddress()) {
      return socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
    }
    ByteBuffer nio = bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes());
    return socket.send(nio, nio.position(), nio.limit());
  }

  /** Sends several buffers by one system call. */
  private long send(ArrayDeque<ByteBuf> queue) throws IOException {
    IovArray vectors = connection.nettyLoop().vectors();
    for (ByteBuf bytes : queue) {
      if (!vectors.add(bytes, bytes.readerIndex(), bytes.readableBytes())) {
        break;
      }
    }
    return socket.writevAddresses(vectors.memoryAddress(0), vectors.count());
  }

  private void sent(ArrayDeque<ByteBuf> queue, long count) {
    pendingBytes -= count;
    long left = count;
    ByteBuf next;
    while ((next = queue.peek()) != null && next.readableBytes() <= left) {
      left -= next.readableBytes();
      queue.remove().release();
    }
    if (left > 0 && next != null) {
      next.skipBytes((int) left);
    }
  }

  @Override
  public long pendingBytes() {
    return pendingBytes;
  }

  @Override
  public void end() {
    if (socket.isOpen()) {
      ending = true;
      flush();
    }
  }

  @Override
  public void close() {
    if (!socket.isOpen()) {
      return;
    }
    if (registration != null) {
      registration.cancel();
    }
    try {
      socket.close();
    } catch (IOException e) {
      connection.endpoint().log().debug("{}: the socket did not close well", connection, e);
    }
    if (pending != null) {
      pending.forEach(ByteBuf::release);
      pending = null;
      pendingBytes = 0;
    }
    connection.gone();
  }
}

package io.carrick.examples.ctl;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;

/**
 * Answers {@code ctl} on a Unix-domain socket, whose other side has to be the same user's. It has
 * threads of its own, a few: no loop of the broker waits for it. Thread-safe.
 */
public final class CtlServer implements AutoCloseable {

  private static final int MOST_AT_A_TIME = 4;
  private static final long PATIENCE_MS = 10_000;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private final ServerSocketChannel listener;
  private final UserPrincipal owner;
  private final CtlVerbs verbs;
  private final ThreadPoolExecutor workers;

  private CtlServer(Path path, ServerSocketChannel listener, UserPrincipal owner, CtlVerbs verbs) {
    this.path = path;
    this.listener = listener;
    this.owner = owner;
    this.verbs = verbs;
    this.workers =
        new ThreadPoolExecutor(
            0,
            MOST_AT_A_TIME,
            1,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "carrick-ctl-worker"));
  }

  private static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Begins to listen.
   *
   * @throws CtlFailure if it cannot, in one line
   */
  public static CtlServer start(Path path, ServedBroker broker) {
    try {
      removeStale(path);
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      var server = new CtlServer(path, listener, Files.getOwner(path), new CtlVerbs(broker));
      daemon(server::accept, "carrick-ctl").start();
      return server;
    } catch (IOException | UnsupportedOperationException e) {
      throw CtlFailure.failed("--ctl " + path + " cannot be listened on: " + e.getMessage());
    }
  }

  /** A socket that nobody listens on was left behind by a process that was killed. */
  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isOther()) {
      throw new IOException("there is a file of that name");
    }
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
    } catch (java.net.ConnectException nobody) {
      Files.delete(path);
      return;
    }
    throw new IOException("another process listens there");
  }

  private void accept() {
    while (true) {
      SocketChannel peer;
      try {
        peer = listener.accept();
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException e) {
        // Too many files are open, perhaps, which is when somebody wants to look.
        System.err.println("carrick: ctl cannot answer now: " + e.getMessage());
        LockSupport.parkNanos(PAUSE_NANOS);
        continue;
      }
      try {
        workers.execute(() -> answer(peer));
      } catch (RejectedExecutionException busy) {
        close(peer);
      }
    }
  }

  private void answer(SocketChannel peer) {
    try (peer) {
      if (!peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(owner)) {
        reply(peer, CtlFailure.FAILED, "only " + owner.getName() + " may do that");
        return;
      }
      byte[] request = CtlWire.read(peer, CtlWire.MOST_REQUEST_BYTES, PATIENCE_MS);
      answer(peer, CtlWire.words(request));
    } catch (IOException | UnsupportedOperationException gone) {
      // Who has asked does not wait for the answer, or cannot be told who it is.
    }
  }

  private void answer(SocketChannel peer, List<String> line) throws IOException {
    String text;
    try {
      text = verbs.run(line);
    } catch (CtlFailure failure) {
      reply(peer, failure.exitCode(), String.valueOf(failure.getMessage()));
      return;
    } catch (RuntimeException bug) {
      reply(peer, CtlFailure.FAILED, "a mistake of ctl's or the broker's: " + bug);
      return;
    }
    reply(peer, 0, text);
  }

  private static void reply(SocketChannel peer, int exitCode, String text) throws IOException {
    CtlWire.write(peer, CtlWire.answer(exitCode, text), PATIENCE_MS);
  }

  private static void close(SocketChannel peer) {
    try {
      peer.close();
    } catch (IOException e) {
      // it is gone, which is what was wanted
    }
  }

  /** Stops listening, and takes the socket away. */
  @Override
  public void close() {
    try {
      listener.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // the next process finds it stale
    }
    workers.shutdownNow();
  }
}

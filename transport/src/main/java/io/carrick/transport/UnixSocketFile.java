package io.carrick.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file of a Unix socket, which outlives a process that is killed. Stateless. */
final class UnixSocketFile {

  /** The bits of a file's mode that say of which type it is, and what they are of a socket. */
  private static final int TYPE = 0170000;

  private static final int SOCKET = 0140000;

  private UnixSocketFile() {}

  /**
   * Removes a socket that nobody listens on any more.
   *
   * @throws IOException when somebody does, and when the file is something else, with a message fit
   *     for a user
   */
  static void makeRoom(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE) != SOCKET) {
      throw new IOException("cannot listen on " + file + ": it is there and is no socket");
    }
    if (isHeard(file)) {
      throw new IOException("cannot listen on " + file + ": Address already in use");
    }
    Files.deleteIfExists(file);
  }

  private static boolean isHeard(Path file) throws IOException {
    try (SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      caller.configureBlocking(false);
      caller.connect(UnixDomainSocketAddress.of(file));
      return true; // also when it has no time for us now
    } catch (ConnectException refused) {
      return false;
    } catch (IOException e) {
      throw new IOException("cannot listen on " + file + ": " + e.getMessage(), e);
    }
  }
}

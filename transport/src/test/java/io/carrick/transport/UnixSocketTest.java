package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.Endpoint;
import io.carrick.NotFoundException;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Unix sockets, and what becomes of their files. */
@Timeout(30)
class UnixSocketTest {

  private final TestContext context = new TestContext(NettyLoops.factory(2));
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();

  @BeforeAll
  static void needsEpoll() {
    assumeTrue(Epoll.isAvailable(), "needs Netty's native library");
  }

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind(Path file) throws IOException {
    return context.bind(
        Endpoint.onUnixSocket(file),
        connection -> {
          connections.add(connection);
          return new EchoHandler(connection);
        });
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static void serves(Path file) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      client.write(ByteBuffer.wrap(new byte[] {1, 42}));
      ByteBuffer back = ByteBuffer.allocate(2);
      while (back.hasRemaining() && client.read(back) >= 0) {
        Thread.onSpinWait();
      }
      assertThat(back.array()).containsExactly(1, 42);
    }
  }

  @Test
  void aPeerIsServedAndCountsAsOneOfThisMachine(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("test.sock");
    TransportEndpoint endpoint = bind(file);
    serves(file);
    Connection connection = connections.take();
    assertThat(connection.remoteLoopback()).isTrue();
    assertThat(connection.remoteAddress()).isEqualTo("unix:" + file);
    assertThatThrownBy(endpoint::address)
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("it is at " + file);
    context.loops().await(endpoint.close().toCompletableFuture());
    assertThat(exists(file)).isFalse();
    assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(1);
  }

  @Test
  void whatIsLeftOfABrokerThatIsGoneIsReplaced(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("test.sock");
    try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      gone.bind(UnixDomainSocketAddress.of(file));
    }
    assertThat(exists(file)).isTrue();
    TransportEndpoint endpoint = bind(file);
    serves(file);
    endpoint.stopAccepting();
    context.loops().await(endpoint.close().toCompletableFuture());
    assertThat(exists(file)).isFalse();
  }

  @Test
  void oneThatIsListenedOnIsNotTakenOver(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("test.sock");
    bind(file);
    assertThatThrownBy(() -> bind(file))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on " + file + ": Address already in use");
    serves(file);
  }

  @Test
  void anotherFileIsNeverRemoved(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("letter"), "dear");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    for (Path one : new Path[] {file, link, folder}) {
      assertThatThrownBy(() -> bind(one))
          .isInstanceOf(IOException.class)
          .hasMessage("cannot listen on " + one + ": it is there and is no socket");
    }
    assertThat(file).hasContent("dear");
  }

  @Test
  void whatCannotBeBoundIsSaid(@TempDir Path folder) {
    Path nowhere = folder.resolve("nowhere").resolve("test.sock");
    assertThatThrownBy(() -> bind(nowhere))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on " + nowhere + ": No such file or directory");
    Path tooLong = folder.resolve("l".repeat(120));
    assertThatThrownBy(() -> bind(tooLong))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot listen on " + tooLong + ": ");
    assertThat(exists(tooLong)).isFalse();
  }

  @Test
  void whereThereAreNoneThatIsSaid(@TempDir Path folder) {
    Path file = folder.resolve("test.sock");
    var time = VirtualTime.inThisThread(1);
    try (var inJvm = new TestContext(time.loops())) {
      assertThatThrownBy(() -> inJvm.bind(Endpoint.onUnixSocket(file), EchoHandler::new))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Unix sockets need Linux and Netty's native library");
    }
  }
}

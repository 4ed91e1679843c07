package io.carrick.transport;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.ProtocolAdapter;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a broker whose loop its thread runs by hand and whose peer takes everything.
 * Confined to the thread that made it.
 */
public final class SinkConnection implements AutoCloseable {

  private final NettyLoop loop;
  private final SinkChannel channel;
  private final Broker broker;
  private @Nullable Connection connection;

  /** Starts a broker and connects. */
  public SinkConnection() {
    var sockets = new LocalSockets();
    List<NettyLoop> loops = NettyLoops.make(1, LoopClock.real(), sockets, LoopActivity.UNWATCHED);
    loop = loops.get(0);
    loop.runBy(Thread.currentThread());
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> new NettyLoops(loops, sockets, new ByHand(loop)))
            .adapter(new Accepting())
            .start();
    channel = new SinkChannel();
    var acceptor = (ChannelAcceptor) loop.acceptors().get(0);
    loop.execute(() -> acceptor.arrived(channel));
    settle();
  }

  /** Returns the broker's end. */
  public Connection connection() {
    Connection made = connection;
    if (made == null) {
      throw new IllegalStateException("the connection was not accepted");
    }
    return made;
  }

  /** Returns what the connection writes to. */
  public OutputBuffer output() {
    return connection().output();
  }

  /** Runs a turn, at the end of which everything is flushed. */
  public void turn() {
    loop.turn(-1);
  }

  /**
   * Makes sure that the peer has as many bytes.
   *
   * @throws IllegalStateException if it has more or less
   */
  public void check(long bytes) {
    settle();
    if (channel.taken() != bytes) {
      throw new IllegalStateException(channel.taken() + " bytes were written, not " + bytes);
    }
  }

  private void settle() {
    boolean did = true;
    while (did) {
      did = loop.turn(-1);
    }
  }

  @Override
  public void close() {
    broker.close();
  }

  /** The adapter. Confined to the thread of its connection. */
  private final class Accepting implements ProtocolAdapter, ConnectionHandler {

    @Override
    public String name() {
      return "sink";
    }

    @Override
    public List<BoundEndpoint> start(AdapterContext context) throws IOException {
      return List.of(
          TransportEndpoint.bind(
              name(),
              Endpoint.onAnyPort(),
              context,
              accepted -> {
                accepted.loggedIn();
                connection = accepted;
                return this;
              }));
    }

    @Override
    public void onRead(ByteBuf in) {}

    @Override
    public void onWritable(boolean writable) {}

    @Override
    public void onClosed() {}
  }

  /** Runs the loop while somebody waits for it. Confined to its thread. */
  private record ByHand(NettyLoop loop) implements LoopRunner {

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
      while (!result.isDone()) {
        loop.turn(-1);
      }
      return LoopRunner.resultOf(result);
    }

    @Override
    public void close() {
      loop.closeChannels();
      loop.end();
    }
  }
}

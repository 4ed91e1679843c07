package io.carrick.docs;

// snippet
import io.carrick.BrokerException;
import io.carrick.Endpoint;
import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.Connection;
import io.carrick.transport.ConnectionHandler;
import io.carrick.transport.NettyLoops;
import io.carrick.transport.TransportEndpoint;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A protocol of one kind of line, {@code key text}, which is published to amq.topic. Immutable. */
final class Lines implements ProtocolAdapter {

  private static final int LONGEST = 1_024;

  @Override
  public String name() {
    return "lines";
  }

  @Override
  public Optional<LoopGroup.Factory> loops() {
    return Optional.of(NettyLoops.factory());
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext context) throws IOException {
    return List.of(
        TransportEndpoint.bind(
            name(), Endpoint.onAnyPort(), context, connection -> new Peer(connection, context)));
  }

  /** One connection. Confined to its loop. */
  private static final class Peer
      implements ConnectionHandler, AttachmentListener, Completion<Attachment> {

    private final Connection connection;
    private @Nullable Attachment attachment;

    Peer(Connection connection, AdapterContext context) {
      this.connection = connection;
      connection.pauseReading(); // until we are attached
      var nobody = new Credentials("", new byte[0], "", "lines", connection.remoteLoopback());
      var request = new AttachRequest("/", nobody, "lines", "");
      context.attach(connection.loop(), request, this, this);
    }

    // ---- the answer to attach

    @Override
    public void completed(Attachment port) {
      attachment = port;
      connection.loggedIn();
      connection.resumeReading();
    }

    @Override
    public void failed(BrokerException reason) {
      connection.close();
    }

    // ---- what the transport says

    @Override
    public void onRead(ByteBuf in) {
      int length;
      while ((length = in.bytesBefore((byte) '\n')) >= 0) {
        publish(in.readCharSequence(length, StandardCharsets.UTF_8).toString());
        in.skipBytes(1);
      }
      if (in.readableBytes() > LONGEST) {
        connection.close();
      }
    }

    private void publish(String line) {
      Attachment port = attachment;
      int space = line.indexOf(' ');
      if (port == null || space < 0) {
        connection.close();
        return;
      }
      try {
        port.publish(
            Message.of(line.substring(space + 1))
                .addressed(
                    "amq.topic",
                    RoutingKey.ofKey(line.substring(0, space)),
                    port.identity(),
                    connection.loop().wallTimeMs()));
      } catch (BrokerException refused) {
        connection.close();
      }
    }

    @Override
    public void onWritable(boolean writable) {}

    @Override
    public void onClosed() {
      if (attachment != null) {
        attachment.close();
      }
    }

    // ---- what the broker says

    @Override
    public void accepted(long first, long last) {}

    @Override
    public void refused(long first, long last, Refusal reason) {}

    @Override
    public void pauseReading(Pause why) {
      connection.pauseReading();
    }

    @Override
    public void resumeReading(Pause why) {
      connection.resumeReading();
    }

    @Override
    public String remote() {
      return connection.remoteAddress();
    }

    @Override
    public void closeRequested(CloseReason reason, String text) {
      connection.closeAfterFlush();
    }
  }
}
// end

package io.carrick.amqp;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.transport.Connection;
import io.carrick.transport.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: finds frames, hands them to the handshake or to a channel, and says
 * goodbye. Confined to its event loop.
 */
final class AmqpConnection implements ConnectionHandler, Handshake.Host {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.amqp");
  private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

  private final Connection connection;
  private final AdapterContext context;
  private final FrameReader frames = new FrameReader();
  private final FieldReader fields;
  private final FrameOutput output;
  private Mapping mapping = Mapping.lossless();
  private final Heartbeat heartbeat;
  private final Handshake handshake;
  private final Crossing crossing = new Crossing();
  private final Blocking blocking;
  private final IntObjectHashMap<AmqpChannel> channels = new IntObjectHashMap<>(4);
  private State state = State.PROTOCOL_HEADER;
  private ClientProperties client = ClientProperties.UNKNOWN;
  private @Nullable Attachment attachment;
  private int channelMax;
  private boolean writable = true;
  private boolean pausedForOutput;
  private boolean released;

  private enum State {
    PROTOCOL_HEADER,
    HANDSHAKE,
    OPEN,
    /** We have sent connection.close and wait for its answer. */
    CLOSING,
    /** The peer has sent connection.close: its answer comes behind those that are owed. */
    LEAVING,
    /** The peer sends nothing more and gets the answers that are owed. */
    GONE,
    CLOSED
  }

  /** Begins with the protocol header; if a virtual host is given, this leads nowhere else. */
  AmqpConnection(Connection connection, AdapterContext context, Optional<String> virtualHost) {
    this.connection = connection;
    this.context = context;
    this.fields = new FieldReader(context.limits().count(Limit.TABLE_DEPTH));
    this.output = new FrameOutput(connection);
    this.heartbeat = new Heartbeat(connection, output, () -> count("heartbeat-timeout"));
    this.blocking = new Blocking(output);
    this.handshake = new Handshake(connection, context, virtualHost, output, this);
  }

  // ---- what the channels ask

  Connection transport() {
    return connection;
  }

  AdapterContext context() {
    return context;
  }

  /** Returns what becomes of what crosses in the virtual host that it is attached to. */
  Mapping mapping() {
    return mapping;
  }

  FrameOutput output() {
    return output;
  }

  /** Returns a message's properties as the peer sees them; not to be modified. */
  byte[] propertiesOf(Message message) {
    return crossing.properties(message, mapping);
  }

  FieldReader fields() {
    return fields;
  }

  ClientProperties client() {
    return client;
  }

  boolean writable() {
    return writable;
  }

  /** Returns the attachment of the connection, of which channels open their own. */
  Attachment attachment() {
    if (attachment == null) {
      throw new IllegalStateException("not attached");
    }
    return attachment;
  }

  /** A channel has ended on both sides. */
  void forget(AmqpChannel channel) {
    channels.remove(channel.number());
  }

  // ---- reading

  @Override
  public void onRead(ByteBuf in) {
    try {
      if (state == State.PROTOCOL_HEADER && !protocolHeader(in)) {
        return;
      }
      while (connection.reading() && next(in)) {
        frame(frames.type(), frames.channel(), in, frames.payloadStart(), frames.payloadBytes());
        if (!writable) {
          pauseIfOutputIsFull();
        }
        if (connection.shouldYield()) {
          return;
        }
      }
    } catch (AmqpException wrong) {
      fail(wrong);
    } catch (RuntimeException bug) {
      fail(bug);
    }
  }

  /** AMQP 0-9-1 §4.2.2: whoever speaks something else is told what we speak. */
  private boolean protocolHeader(ByteBuf in) {
    int there = Math.min(in.readableBytes(), PROTOCOL_HEADER.length);
    for (int i = 0; i < there; i++) {
      if (in.getByte(in.readerIndex() + i) != PROTOCOL_HEADER[i]) {
        state = State.CLOSED;
        count("protocol-header");
        output.protocolHeader();
        connection.closeAfterFlush();
        return false;
      }
    }
    if (there < PROTOCOL_HEADER.length) {
      return false;
    }
    in.skipBytes(PROTOCOL_HEADER.length);
    state = State.HANDSHAKE;
    handshake.start();
    return true;
  }

  private boolean next(ByteBuf in) {
    try {
      return frames.next(in);
    } catch (AmqpException wrong) {
      // Where the next frame starts is not known any more, so no answer can be waited for.
      fail(wrong);
      connection.closeAfterFlush();
      return false;
    }
  }

  /** Takes a frame, also one that had to wait. */
  void frame(int type, int number, ByteBuf in, int start, int bytes) {
    if (type == FrameReader.HEARTBEAT) {
      if (bytes != 0) {
        throw new AmqpException(ReplyCode.FRAME_ERROR, "a heartbeat is empty");
      } else if (number != 0) {
        throw new AmqpException(ReplyCode.UNEXPECTED_FRAME, "a heartbeat belongs to channel 0");
      }
    } else if (number == 0) {
      connectionFrame(type, in, start, bytes);
    } else if (state == State.OPEN) {
      channelFrame(type, number, in, start, bytes);
    } else if (state == State.HANDSHAKE) {
      throw new AmqpException(
          ReplyCode.UNEXPECTED_FRAME, "channel " + number + " is used before connection.open");
    }
  }

  private void connectionFrame(int type, ByteBuf in, int start, int bytes) {
    if (type != FrameReader.METHOD) {
      throw new AmqpException(ReplyCode.UNEXPECTED_FRAME, "channel 0 takes no contents");
    }
    if (state == State.LEAVING) {
      return;
    }
    Method method = Method.read(fields.over(in, start, bytes));
    if (state == State.CLOSING) {
      closing(method);
    } else if (!(method instanceof ConnectionMethod ours)) {
      throw Handshake.unexpected(method, state == State.HANDSHAKE ? "opening" : "running");
    } else if (ours instanceof ConnectionMethod.Close) {
      leave();
    } else if (state == State.HANDSHAKE) {
      handshake.method(ours);
    } else if (ours instanceof ConnectionMethod.UpdateSecret update) {
      new SecretUpdate(connection, context, output, this::fail)
          .show(update, client.login(), attachment().identity());
    } else {
      throw Handshake.unexpected(method, "running");
    }
  }

  private void closing(Method method) {
    if (method instanceof ConnectionMethod.Close) {
      output.method(0, new ConnectionMethod.CloseOk());
    } else if (method instanceof ConnectionMethod.CloseOk) {
      connection.closeAfterFlush();
    }
  }

  private void channelFrame(int type, int number, ByteBuf in, int start, int bytes) {
    AmqpChannel channel = channels.get(number);
    if (channel == null) {
      channel = newChannel(number);
      channels.put(number, channel);
    }
    channel.frame(type, in, start, bytes);
  }

  private AmqpChannel newChannel(int number) {
    if (number > channelMax) {
      throw new AmqpException(
          ReplyCode.NOT_ALLOWED,
          "channel " + number + " is above the negotiated channel_max (" + channelMax + ")",
          ChannelMethod.CLASS_ID,
          10);
    }
    return new AmqpChannel(this, number);
  }

  // ---- writing

  @Override
  public void onWritable(boolean now) {
    writable = now;
    if (now && pausedForOutput) {
      pausedForOutput = false;
      connection.resumeReading();
    }
    for (AmqpChannel channel : allChannels()) {
      channel.writable(now);
    }
  }

  /** Whoever asks and asks and does not read the answers has to wait. */
  private void pauseIfOutputIsFull() {
    if (!pausedForOutput && output.pendingBytes() > context.limits().value(Limit.OUTPUT_BYTES)) {
      pausedForOutput = true;
      connection.pauseReading();
    }
  }

  // ---- from the handshake

  @Override
  public void tuned(Handshake.Terms terms) {
    channelMax = terms.channelMax();
    frames.maxFrameBytes(terms.frameBytes());
    output.maxFrameBytes(terms.frameBytes());
    heartbeat.start(terms.heartbeatSeconds());
  }

  @Override
  public void opened(Attachment attached, ClientProperties who) {
    attachment = attached;
    mapping = context.mapping(attached.virtualHost());
    client = who;
    blocking.understood(who.connectionBlocked());
    state = State.OPEN;
  }

  // ---- the end

  @Override
  public boolean onInputEnd() {
    if (state == State.OPEN) {
      state = State.GONE;
      afterAnswers(connection::closeAfterFlush);
    }
    return state == State.GONE || state == State.LEAVING;
  }

  /** Goes on when no channel owes the peer an answer; perhaps at once. */
  private void afterAnswers(Runnable then) {
    for (AmqpChannel channel : allChannels()) {
      if (!channel.answered()) {
        channel.whenAnswered(() -> afterAnswers(then));
        return;
      }
    }
    then.run();
  }

  /**
   * The peer goes. It gets the answers to what it has sent before, and whoever reads ours finds its
   * messages back in their queues.
   */
  private void leave() {
    state = State.LEAVING;
    afterAnswers(this::giveBack);
    if (!released) {
      long mostMs = context.limits().value(Limit.CLOSE_TIMEOUT_MS);
      connection.loop().schedule(mostMs, this::giveBack);
    }
  }

  private void giveBack() {
    if (released) {
      return;
    }
    Attachment last = attachment;
    attachment = null;
    release();
    if (last == null) {
      closeOk();
      return;
    }
    last.close(
        new Completion<>() {
          @Override
          public void completed(Done done) {
            if (state == State.LEAVING) {
              closeOk();
            }
          }

          @Override
          public void failed(BrokerException reason) {
            throw new IllegalStateException("a connection cannot be kept from closing", reason);
          }
        });
  }

  private void closeOk() {
    state = State.CLOSED;
    output.method(0, new ConnectionMethod.CloseOk());
    connection.closeAfterFlush();
  }

  /** Tells the peer what it did wrong and waits a little for it to go. */
  @Override
  public void fail(AmqpException reason) {
    if (state == State.LEAVING) {
      giveBack();
    } else if (state == State.GONE) {
      release();
      connection.closeAfterFlush();
    }
    if (ending()) {
      return;
    }
    count(reason.reply().name());
    log.debug("{}: {}", connection, reason.replyText());
    sayGoodbye(reason);
  }

  /** Lets a peer go that has done wrong and does not understand why. */
  @Override
  public void drop(AmqpException reason) {
    if (!ending()) {
      count(reason.reply().name());
      log.debug("{}: {}", connection, reason.replyText());
      state = State.CLOSED;
      connection.closeAfterFlush();
    }
  }

  private boolean ending() {
    return switch (state) {
      case CLOSING, LEAVING, GONE, CLOSED -> true;
      case PROTOCOL_HEADER, HANDSHAKE, OPEN -> false;
    };
  }

  private void sayGoodbye(AmqpException reason) {
    state = State.CLOSING;
    output.method(
        0,
        new ConnectionMethod.Close(
            reason.reply().code(), reason.replyText(), reason.classId(), reason.methodId()));
    release();
    connection
        .loop()
        .schedule(context.limits().value(Limit.CLOSE_TIMEOUT_MS), connection::closeAfterFlush);
  }

  /** Ends the connection for a fault of ours. */
  void fail(RuntimeException bug) {
    log.error("{} met an error of ours", connection, bug);
    fail(new AmqpException(ReplyCode.INTERNAL_ERROR, "an error of the broker's"));
  }

  private void count(String code) {
    context.counters().counter("connections.failed{protocol=amqp,code=" + code + "}").add();
  }

  private void release() {
    released = true;
    heartbeat.stop();
    for (AmqpChannel channel : allChannels()) {
      channel.release();
    }
    channels.clear();
    if (attachment != null) {
      attachment.close();
      attachment = null;
    }
  }

  private List<AmqpChannel> allChannels() {
    return new ArrayList<>(channels.values());
  }

  @Override
  public void onClosed() {
    state = State.CLOSED;
    release();
  }

  // ---- from the broker

  @Override
  public void accepted(long first, long last) {
    throw new IllegalStateException("nothing is published on the connection itself");
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    throw new IllegalStateException("nothing is published on the connection itself");
  }

  @Override
  public void pauseReading(Pause why) {
    connection.pauseReading();
    blocking.begins(why);
  }

  @Override
  public void resumeReading(Pause why) {
    connection.resumeReading();
    blocking.ends(why);
  }

  @Override
  public String remote() {
    return connection.remoteAddress();
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    if (!ending()) {
      sayGoodbye(new AmqpException(ReplyCode.CONNECTION_FORCED, text));
    }
  }
}

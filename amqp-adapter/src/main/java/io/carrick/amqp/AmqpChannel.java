package io.carrick.amqp;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.amqp.codec.AccessMethod;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Loop.Timer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel: its number, its state, and which group of methods a frame is for. Confined to the
 * event loop of its connection.
 */
final class AmqpChannel {

  /** What opens nothing. */
  private static final int TICKET = 1;

  private final AmqpConnection connection;
  private final int number;
  private final ContentAssembly content;
  private final PendingFrames pending;
  private @Nullable ChannelMethods methods;
  private State state = State.NEW;
  private boolean waiting;
  private boolean processing;

  /** What the connection does when nothing is owed to the peer on this channel. */
  private @Nullable Runnable whenAnswered;

  /** Bounds how long channel.close waits for confirms. */
  private @Nullable Timer farewell;

  private enum State {
    NEW,
    OPEN,
    /** We have sent channel.close: everything is ignored until its answer. */
    CLOSING,
    /**
     * The peer has sent channel.close: its answer waits until what was published is confirmed and
     * everything is back in its queues.
     */
    LEAVING,
    CLOSED
  }

  AmqpChannel(AmqpConnection connection, int number) {
    this.connection = connection;
    this.number = number;
    this.content =
        new ContentAssembly(
            connection.fields(),
            connection.context().limits(),
            connection.mapping().transientQos());
    this.pending = new PendingFrames(connection.transport(), connection.context().limits());
  }

  int number() {
    return number;
  }

  AmqpConnection connection() {
    return connection;
  }

  /** Returns the time at which a message that is complete now has arrived. */
  long wallTimeMs() {
    return connection.transport().loop().wallTimeMs();
  }

  void send(Method method) {
    connection.output().method(number, method);
  }

  // ---- frames in

  void frame(int type, ByteBuf in, int start, int bytes) {
    if (waiting || !pending.isEmpty()) {
      pending.add(type, in, start, bytes);
    } else {
      process(type, in, start, bytes);
    }
  }

  private void process(int type, ByteBuf in, int start, int bytes) {
    processing = true;
    try {
      if (state == State.CLOSING) {
        ignore(type, in, start, bytes);
      } else if (state != State.LEAVING) {
        dispatch(type, in, start, bytes);
      }
    } catch (AmqpException wrong) {
      fail(wrong);
    } catch (RuntimeException bug) {
      connection.fail(bug);
    } finally {
      processing = false;
    }
  }

  private void dispatch(int type, ByteBuf in, int start, int bytes) {
    switch (type) {
      case FrameReader.METHOD -> {
        if (state == State.OPEN && content.isAck(in, start, bytes)) {
          // As frequent as deliveries, so it is read without an object.
          methods().consume().ack(in.getLong(start + 4), (in.getByte(start + 12) & 1) != 0);
          return;
        }
        Method method = content.method(in, start, bytes);
        if (!method.hasContent()) {
          method(method);
        } else if (!(method instanceof BasicMethod.Publish)) {
          throw unexpected(method);
        } else if (state == State.NEW) {
          throw notOpen(method);
        }
      }
      case FrameReader.HEADER -> content.header(in, start, bytes);
      case FrameReader.BODY -> content.body(in, start, bytes);
      default -> throw new IllegalStateException("frame type " + type);
    }
    if (content.complete()) {
      methods().publish().publish(content);
    }
  }

  private void method(Method method) {
    if (method instanceof ChannelMethod c) {
      channelMethod(c);
    } else if (state == State.NEW) {
      throw notOpen(method);
    } else if (method instanceof BasicMethod b) {
      methods().consume().method(b);
    } else if (method instanceof QueueMethod q) {
      methods().queue().method(q);
    } else if (method instanceof ExchangeMethod e) {
      methods().exchange().method(e);
    } else if (method instanceof ConfirmMethod.Select s) {
      methods().publish().confirmSelect(s);
    } else if (method instanceof TxMethod t) {
      methods().tx().method(t);
    } else if (method instanceof AccessMethod.Request) {
      send(new AccessMethod.RequestOk(TICKET));
    } else {
      throw unexpected(method);
    }
  }

  private void channelMethod(ChannelMethod method) {
    if (method instanceof ChannelMethod.Open) {
      open(method);
    } else if (method instanceof ChannelMethod.CloseOk) {
      if (state == State.NEW) {
        end(); // the answer to a close that crossed with another
      }
    } else if (state == State.NEW) {
      throw notOpen(method);
    } else if (method instanceof ChannelMethod.Close) {
      leave();
    } else if (method instanceof ChannelMethod.Flow flow) {
      if (!flow.active()) {
        throw new AmqpException(ReplyCode.NOT_IMPLEMENTED, "active=false")
            .blaming(method.classId(), method.methodId());
      }
      send(new ChannelMethod.FlowOk(true));
    } else if (!(method instanceof ChannelMethod.FlowOk)) {
      throw unexpected(method);
    }
  }

  private void open(Method method) {
    if (state != State.NEW) {
      throw openedTwice(method);
    }
    state = State.OPEN;
    methods = new ChannelMethods(this);
    send(new ChannelMethod.OpenOk());
  }

  private ChannelMethods methods() {
    if (methods == null) {
      throw new IllegalStateException("channel " + number + " is not open");
    }
    return methods;
  }

  private static AmqpException openedTwice(Method method) {
    return new AmqpException(ReplyCode.CHANNEL_ERROR, "second 'channel.open' seen")
        .blaming(method.classId(), method.methodId());
  }

  private static AmqpException notOpen(Method method) {
    return new AmqpException(ReplyCode.CHANNEL_ERROR, "expected 'channel.open'")
        .blaming(method.classId(), method.methodId());
  }

  /** Refuses a method that only a broker may send. */
  static AmqpException unexpected(Method method) {
    return new AmqpException(ReplyCode.COMMAND_INVALID, "unimplemented method")
        .blaming(method.classId(), method.methodId());
  }

  /** After our channel.close. AMQP 0-9-1 §1.5.2.6 */
  private void ignore(int type, ByteBuf in, int start, int bytes) {
    if (type == FrameReader.METHOD && bytes >= 4 && in.getShort(start) == ChannelMethod.CLASS_ID) {
      int methodId = in.getShort(start + 2);
      if (methodId == 41) {
        end();
      } else if (methodId == 40) {
        send(new ChannelMethod.CloseOk());
      } else if (methodId == 10) {
        throw openedTwice(new ChannelMethod.Open());
      }
    }
  }

  // ---- answers that take time

  /**
   * Makes the completion of a call; until it is completed later frames of this channel wait.
   *
   * @param cause the method that a refusal will be blamed on
   * @param then what to do with the value
   */
  <T> Completion<T> answer(Method cause, Consumer<T> then) {
    waiting = true;
    return new Completion<>() {
      @Override
      public void completed(T value) {
        waiting = false;
        if (state == State.OPEN) {
          then.accept(value);
          drain();
        }
      }

      @Override
      public void failed(BrokerException reason) {
        waiting = false;
        if (state == State.OPEN) {
          fail(Refusals.of(reason, cause));
          drain();
        }
      }
    };
  }

  /** Does something in a later turn, if the channel is open then; until then its frames wait. */
  void later(Runnable task) {
    waiting = true;
    connection
        .transport()
        .loop()
        .execute(
            () -> {
              if (state == State.OPEN) {
                task.run();
              }
            });
  }

  private void drain() {
    while (!processing && !waiting) {
      PendingFrames.Frame frame = pending.poll();
      if (frame == null) {
        tellIfAnswered();
        return;
      }
      ByteBuf payload = Unpooled.wrappedBuffer(frame.payload());
      process(frame.type(), payload, 0, frame.payload().length);
    }
  }

  // ---- the end

  /** A delivery was not acknowledged in time. */
  void overdue(long timeoutMs) {
    if (state == State.OPEN) {
      String text =
          "delivery acknowledgement on channel %d timed out. Timeout value used: %d ms"
              .formatted(number, timeoutMs);
      fail(new AmqpException(ReplyCode.PRECONDITION_FAILED, text));
    }
  }

  private void fail(AmqpException wrong) {
    if (wrong.reply().closesConnection() || state != State.OPEN) {
      connection.fail(wrong);
      return;
    }
    connection
        .context()
        .counters()
        .counter("channels.failed{protocol=amqp,code=" + wrong.reply().name() + "}")
        .add();
    send(
        new ChannelMethod.Close(
            wrong.reply().code(), wrong.replyText(), wrong.classId(), wrong.methodId()));
    detach();
    state = State.CLOSING;
  }

  private void leave() {
    state = State.LEAVING;
    content.reset();
    tellIfAnswered();
    if (methods != null) {
      long mostMs = connection.context().limits().value(Limit.CLOSE_TIMEOUT_MS);
      farewell = connection.transport().loop().schedule(mostMs, this::left);
    }
  }

  private void left() {
    if (methods != null) {
      ChannelMethods last = methods;
      methods = null;
      forgetFarewell();
      last.close(new Left());
    }
  }

  private void forgetFarewell() {
    if (farewell != null) {
      farewell.cancel();
      farewell = null;
    }
  }

  /** Returns whether the peer has the answer to everything that it has sent. */
  boolean answered() {
    return state != State.LEAVING && !waiting && pending.isEmpty() && confirmed();
  }

  private boolean confirmed() {
    return methods == null || methods.answered();
  }

  /** Runs a task when that is so. */
  void whenAnswered(Runnable task) {
    whenAnswered = task;
  }

  /** Goes on with what waits for answers, if there are no more to wait for. */
  void tellIfAnswered() {
    if (state == State.LEAVING && confirmed()) {
      left();
    } else if (whenAnswered != null && answered()) {
      tellAnswered();
    }
  }

  private void tellAnswered() {
    Runnable task = whenAnswered;
    whenAnswered = null;
    if (task != null) {
      task.run();
    }
  }

  /** Everything is back: whoever reads the answer finds it in the queues. */
  private final class Left implements Completion<Done> {

    @Override
    public void completed(Done done) {
      if (state == State.LEAVING) {
        send(new ChannelMethod.CloseOk());
        end();
      }
    }

    @Override
    public void failed(BrokerException reason) {
      throw new IllegalStateException("a channel cannot be kept from closing", reason);
    }
  }

  private void end() {
    release();
    connection.forget(this);
    tellAnswered();
  }

  /** Lets go of everything; also when the connection has gone. */
  void release() {
    detach();
    pending.clear();
    state = State.CLOSED;
  }

  private void detach() {
    waiting = false;
    forgetFarewell();
    content.reset();
    if (methods != null) {
      methods.close();
      methods = null;
    }
  }

  void writable(boolean now) {
    if (methods != null) {
      methods.consume().writable(now);
    }
  }
}

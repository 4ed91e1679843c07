package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.AmqpSetup.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An AMQP 0-9-1 client with one channel. Confined to the thread of the run. */
final class AmqpPeer implements Peer {

  private static final int METHOD = 1;
  private static final int HEADER = 2;
  private static final int BODY = 3;
  private static final int FRAME_OVERHEAD = 8;
  private static final int TX = 90;
  private static final byte FRAME_END = (byte) 0xCE;
  private static final int BASIC = 60;
  private static final int ACKS_TOGETHER = 50;

  private final AmqpSetup setup;
  private final Receiver receiver;
  private final Deque<Step> steps = new ArrayDeque<>();
  private @Nullable Output output;
  private boolean opened;
  private int unacknowledged;
  private long published;
  private long confirmed;

  /** Of the message whose body has not come yet. */
  private long arrivingTag;

  private long deliveryTag;
  private int unsettled;

  AmqpPeer(AmqpSetup setup, Receiver receiver) {
    this.setup = setup;
    this.receiver = receiver;
    steps.addAll(setup.steps());
  }

  @Override
  public void start(Output over) {
    output = over;
    over.reserve(8).put(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
  }

  private ByteBuffer reserve(int bytes) {
    return Objects.requireNonNull(output, "started").reserve(bytes);
  }

  @Override
  public boolean ready() {
    return opened && steps.isEmpty();
  }

  @Override
  public int unacknowledged() {
    return unacknowledged;
  }

  @Override
  public void publish(Stamp stamp, int size) {
    byte[] exchange = setup.exchange();
    byte[] key = setup.key();
    byte[] headers = setup.headers();
    ByteBuffer out = reserve(100 + exchange.length + key.length + headers.length + size);
    int frame = begin(out, METHOD, 1);
    out.putShort((short) BASIC).putShort((short) 40).putShort((short) 0);
    AmqpSetup.shortString(out, exchange);
    AmqpSetup.shortString(out, key);
    out.put((byte) 0);
    end(out, frame);

    frame = begin(out, HEADER, 1);
    out.putShort((short) BASIC).putShort((short) 0).putLong(size);
    boolean prior = setup.priority() != AmqpSetup.NO_PRIORITY;
    int flags = 0x1000 | (prior ? 0x0800 : 0) | (headers.length > 0 ? 0x2000 : 0);
    out.putShort((short) flags); // headers, delivery-mode, priority
    out.put(headers);
    out.put((byte) (setup.persistent() ? 2 : 1));
    if (prior) {
      out.put((byte) setup.priority());
    }
    end(out, frame);

    frame = begin(out, BODY, 1);
    stamp.write(out, size);
    end(out, frame);
    published++;
    if (setup.confirms()) {
      unacknowledged++;
    }
    if (setup.together() > 1 && published % setup.together() == 0) {
      send(1, AmqpSetup.commit());
    }
  }

  @Override
  public void pause() {
    if (setup.together() > 1 && published % setup.together() != 0) {
      send(1, AmqpSetup.commit());
    }
  }

  @Override
  public void leave() {
    for (Step step : setup.cleanUp()) {
      send(1, step);
    }
    send(0, AmqpSetup.connectionClose());
  }

  // ---- what comes

  @Override
  public void read(ByteBuffer in) throws IOException {
    while (in.remaining() >= FRAME_OVERHEAD) {
      int start = in.position();
      int size = in.getInt(start + 3);
      if (in.remaining() < size + FRAME_OVERHEAD) {
        break;
      }
      int at = start + 7;
      switch (in.get(start)) {
        case METHOD -> method(in, in.getShort(at), in.getShort(at + 2), at + 4);
        case BODY -> body(in, at, size);
        default -> {
          // A content header, whose size the stamp need not know, or a heartbeat.
        }
      }
      in.position(start + size + FRAME_OVERHEAD);
    }
    settle();
  }

  private void method(ByteBuffer in, int classId, int methodId, int at) throws IOException {
    if (classId == BASIC && methodId == 60) {
      int afterTag = at + 1 + (in.get(at) & 0xFF);
      arrivingTag = in.getLong(afterTag);
    } else if (classId == BASIC && methodId == 80) {
      long tag = in.getLong(at);
      boolean multiple = in.get(at + 8) != 0;
      unacknowledged -= multiple ? (int) (tag - confirmed) : 1;
      confirmed = multiple ? tag : confirmed + 1;
    } else if (classId == TX && methodId == 21) {
      unacknowledged -= Math.min(setup.together(), unacknowledged);
    } else if (classId == 10) {
      connection(in, methodId, at);
    } else if ((classId == 20 && methodId == 40) || (classId == BASIC && methodId == 120)) {
      throw new IOException(this + ": the broker refuses: " + refusal(in, classId, at));
    } else {
      next(classId, methodId);
    }
  }

  private void connection(ByteBuffer in, int methodId, int at) throws IOException {
    switch (methodId) {
      case 10 -> send(0, AmqpSetup.startOk(setup.login()));
      case 30 -> {
        send(0, AmqpSetup.tuneOk(in.getShort(at), in.getInt(at + 2)));
        send(0, AmqpSetup.open());
      }
      case 41 -> {
        opened = true;
        send(1, AmqpSetup.channelOpen());
      }
      case 50 -> throw new IOException(this + ": the broker refuses: " + refusal(in, 10, at));
      default -> {
        // close-ok, or connection.blocked, which the window shows soon enough
      }
    }
  }

  private static String refusal(ByteBuffer in, int classId, int at) {
    if (classId == BASIC) {
      return "basic.nack";
    }
    byte[] text = new byte[in.get(at + 2) & 0xFF];
    in.get(at + 3, text);
    return in.getShort(at) + " " + new String(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  /** An answer to the step before, or to the opening of the channel: takes the next step. */
  private void next(int classId, int methodId) {
    Step waiting = steps.peek();
    if (waiting != null && waiting.sent() && waiting.answeredBy(classId, methodId)) {
      steps.poll();
    }
    Step step = steps.poll();
    if (step != null) {
      send(1, step);
      steps.addFirst(step.asSent());
    }
  }

  private void body(ByteBuffer in, int at, int size) {
    receiver.received(in, at, size);
    deliveryTag = arrivingTag;
    if (setup.acknowledges() && ++unsettled == ACKS_TOGETHER) {
      settle();
    }
  }

  private void settle() {
    if (unsettled == 0) {
      return;
    }
    unsettled = 0;
    ByteBuffer out = reserve(32);
    int frame = begin(out, METHOD, 1);
    out.putShort((short) BASIC).putShort((short) 80).putLong(deliveryTag).put((byte) 1);
    end(out, frame);
  }

  // ---- frames

  private void send(int channel, Step step) {
    ByteBuffer out = reserve(step.method().length + FRAME_OVERHEAD);
    int frame = begin(out, METHOD, channel);
    out.put(step.method());
    end(out, frame);
  }

  private static int begin(ByteBuffer out, int type, int channel) {
    out.put((byte) type).putShort((short) channel).putInt(0);
    return out.position();
  }

  private static void end(ByteBuffer out, int start) {
    out.putInt(start - 4, out.position() - start).put(FRAME_END);
  }

  @Override
  public String toString() {
    return "AMQP client of " + setup + " after " + published + " publishes";
  }
}

package io.carrick.engine.stream;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.ConsumerInfo;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.NotSupportedException;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.StreamOffset;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Feed;
import io.carrick.engine.queue.Outlet;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.Stream;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop.Timer;
import io.carrick.spi.StreamRead;
import io.carrick.storage.StreamLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue's messages by offset, over a log of the store: gives each its offset, lets it be read
 * once it is safe there, and drops the oldest segments. Confined to the queue's loop.
 */
public final class LoggedStream implements Stream {

  /** A reference in a log that is in memory. */
  private static final int SLOT_BYTES = 8;

  private final Queue queue;
  private final LoopContext home;
  private final StreamLog log;
  private final Segments segments;
  private final Tail tail;
  private final boolean logInMemory;
  private final List<Reader> readers = new ArrayList<>(1);
  private final Runnable turnEnds = this::turnEnds;

  /** Up to where messages are safe, with their offsets, and may be read. */
  private long readable;

  /** With what sequence the last message is safe where it is. */
  private long placed;

  private boolean turnEndAsked;
  private @Nullable Timer ageing;
  private boolean ended;

  /**
   * Makes the stream of a queue, with what the store has of it.
   *
   * @param settings how much it keeps and for how long
   */
  public LoggedStream(Queue queue, StreamSettings settings, StreamLog log) {
    this.queue = queue;
    this.home = queue.home();
    this.log = log;
    this.logInMemory = queue.logInMemory();
    List<StreamLog.Segment> left = log.segments();
    this.segments = new Segments(settings, left, home.loop().wallTimeMs());
    this.readable = segments.end();
    this.tail =
        new Tail(
            home.held(),
            logInMemory,
            queue.limits().count(Limit.QUEUE_WINDOW_MESSAGES),
            queue.limits().value(Limit.QUEUE_WINDOW_BYTES),
            readable);
    if (!left.isEmpty()) {
      home.loop().execute(this::trim);
    }
  }

  Queue queue() {
    return queue;
  }

  StreamLog log() {
    return log;
  }

  Tail tail() {
    return tail;
  }

  /** Returns the offset of the first message that is there. */
  long first() {
    return segments.first();
  }

  /** Returns the offset behind the last message, whether it is safe yet or not. */
  long end() {
    return segments.end();
  }

  /** Returns the offset behind the last message that may be read. */
  long readable() {
    return readable;
  }

  // ---- messages in

  @Override
  public void arrived(Message message, long sequence) {
    assert home.loop().inLoop();
    boolean full = segments.full();
    placed = Math.max(placed, home.appender().place(queue.id(), segments.end(), sequence));
    if (full) {
      log.startSegment();
      segments.startNew();
    }
    log.add(sequence, message);
    tail.add(message);
    int held = logInMemory ? SLOT_BYTES + message.memoryBytes() : 0;
    home.held().add(Kind.MESSAGES, held);
    segments.added(message.payload().length, held, message.arrivedMs());
    if (full) {
      trim();
    }
    if (!turnEndAsked) {
      turnEndAsked = true;
      home.loop().atTurnEnd(turnEnds);
    }
  }

  private void turnEnds() {
    turnEndAsked = false;
    if (ended) {
      return;
    }
    log.flush();
    long upTo = segments.end();
    home.whenDurable(placed, () -> safe(upTo));
  }

  private void safe(long upTo) {
    readable = Math.max(readable, upTo);
    List.copyOf(readers).forEach(Reader::deliver);
    trimTail();
  }

  /** Lets go of what no reader at the end needs any more. */
  void trimTail() {
    long needed = readable;
    for (Reader reader : readers) {
      if (reader.position() >= tail.first()) {
        needed = Math.min(needed, reader.position());
      }
    }
    tail.dropBefore(needed);
  }

  // ---- what is dropped

  @Override
  public void bounds(Map<String, Object> arguments) {
    assert home.loop().inLoop();
    segments.settings(StreamSettings.of(arguments, queue.limits()));
    trim();
  }

  private void trim() {
    if (ended) {
      return;
    }
    long firstBefore = segments.first();
    home.held().add(Kind.MESSAGES, -segments.trim(home.loop().wallTimeMs()));
    if (segments.first() != firstBefore) {
      home.counts().add(Count.RETENTION, segments.first() - firstBefore);
      log.dropBefore(segments.first());
    }
    stopAgeing();
    long endMs = segments.nextEndMs();
    if (endMs != Long.MAX_VALUE) {
      long now = home.loop().wallTimeMs();
      ageing = home.loop().schedule(Math.max(1, endMs - now), this::trim);
    }
  }

  private void stopAgeing() {
    Timer timer = ageing;
    if (timer != null) {
      timer.cancel();
      ageing = null;
    }
  }

  // ---- consumers

  @Override
  public void consume(ConsumeRequest request, Outlet outlet, Completion<Feed> done) {
    assert home.loop().inLoop();
    BrokerException refusal = whyNot(request);
    if (refusal != null) {
      done.failed(refusal);
      return;
    }
    var reader = new Reader(this, outlet, request);
    readers.add(reader);
    done.completed(reader);
    StreamRead read = request.stream();
    begin(reader, (read == null ? StreamRead.NEXT : read).from());
    reader.deliver();
  }

  /** Says why a consumer is refused, in RabbitMQ's words; null if it is not. */
  private @Nullable BrokerException whyNot(ConsumeRequest request) {
    String called = queue.owner().called(queue);
    boolean exclusive = request.mode() != ConsumeRequest.Mode.SHARED;
    if (ended) {
      return new NotFoundException("no " + called);
    } else if (request.prefetch() == 0) {
      return new PreconditionFailedException(
          "consumer prefetch count is not set for stream " + called);
    } else if (request.autoAccept()) {
      return new NotSupportedException(
          "automatic acknowledgement not supported by stream " + called);
    } else if (request.window() != null) {
      return new NotSupportedException(called + " does not support global qos");
    } else if (request.priority() != 0) {
      return new PreconditionFailedException(
          "invalid arg 'x-priority' for " + called + " of queue type rabbit_stream_queue");
    } else if (exclusive ? !readers.isEmpty() : readers.stream().anyMatch(Reader::exclusive)) {
      return new AccessRefusedException(called + " in exclusive use");
    }
    return null;
  }

  private void begin(Reader reader, StreamOffset from) {
    if (from instanceof StreamOffset.First) {
      reader.beginAt(first());
    } else if (from instanceof StreamOffset.Last) {
      reader.beginAt(Math.max(first(), readable - 1));
    } else if (from instanceof StreamOffset.At at) {
      reader.beginAt(Math.max(first(), at.offset()));
    } else if (from instanceof StreamOffset.Since since) {
      reader.beginSince(since.time().toEpochMilli());
    } else {
      reader.beginAt(end());
    }
  }

  /** A consumer has gone. */
  void left(Reader reader) {
    if (readers.remove(reader)) {
      trimTail();
    }
  }

  @Override
  public void show(Consumer<ConsumerInfo> each) {
    readers.forEach(reader -> each.accept(reader.info()));
  }

  // ---- as a whole

  @Override
  public QueueInfo info() {
    int unsettled = 0;
    for (Reader reader : readers) {
      unsettled += reader.unsettled();
    }
    return new QueueInfo(
        queue.owner().virtualHost(),
        queue.name(),
        queue.durable(),
        segments.end() - segments.first(),
        unsettled,
        readers.size(),
        segments.bytes());
  }

  @Override
  public long end(Runnable told) {
    ended = true;
    stopAgeing();
    long messages = segments.end() - segments.first();
    home.counts().add(Count.QUEUE_DELETED, messages);
    tail.dropBefore(segments.end());
    home.held().add(Kind.MESSAGES, -segments.memoryBytes());
    log.close();
    List<Reader> all = List.copyOf(readers);
    readers.clear();
    int[] left = {all.size()};
    for (Reader reader : all) {
      reader.end(
          () -> {
            left[0]--;
            if (left[0] == 0) {
              told.run();
            }
          });
    }
    if (all.isEmpty()) {
      told.run();
    }
    return messages;
  }
}

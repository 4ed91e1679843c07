package io.carrick.engine.stream;

import io.carrick.ConsumerInfo;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.StreamFilter;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Feed;
import io.carrick.engine.queue.Followed;
import io.carrick.engine.queue.Outlet;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.SharedWindow;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import io.carrick.spi.StreamRead;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of a stream: where it is, and what it may have before it settles. It reads from the
 * tail, or from the log a bounded piece at a time. Confined to the stream's loop, except {@link
 * #queue}; deliveries to an {@link Outlet} on another loop go by command.
 */
final class Reader implements Feed {

  /** What it reads from the log at a time. */
  private static final long READ_BYTES = 64 << 10;

  private final LoggedStream stream;
  private final Outlet outlet;
  private final boolean exclusive;
  private final @Nullable StreamFilter filter;
  private final ReadAhead ahead;
  private final Runnable goOn = this::goOn;

  private int prefetch;

  /** Ids of deliveries that are not settled. */
  private final Set<Long> unsettled = new HashSet<>();

  /** Those of them that are followed. */
  private final Map<Long, Message> followed = new HashMap<>(0);

  /** The offset of the message that comes next. */
  private long position;

  /** Messages that arrived before are passed over, until one comes that did not. */
  private long sinceMs = Long.MIN_VALUE;

  private boolean attached = true;
  private boolean writable = true;
  private boolean cancelled;

  /** Whether it waits for the log. */
  private boolean reading;

  /** Whether it delivers, or goes on with that in this turn or the next. */
  private boolean delivering;

  Reader(LoggedStream stream, Outlet outlet, ConsumeRequest request) {
    StreamRead read = request.stream();
    this.stream = stream;
    this.outlet = outlet;
    this.exclusive = request.mode() == ConsumeRequest.Mode.EXCLUSIVE;
    this.filter = read == null ? null : read.filter();
    this.prefetch = atMost(request.prefetch());
    this.ahead = new ReadAhead(home().held());
  }

  private int atMost(int asked) {
    int most = queue().limits().count(Limit.UNSETTLED_DELIVERIES);
    return asked == 0 ? most : Math.min(asked, most);
  }

  private LoopContext home() {
    return queue().home();
  }

  @Override
  public Queue queue() {
    return stream.queue();
  }

  boolean exclusive() {
    return exclusive;
  }

  /** Returns the offset of the message that comes next. */
  long position() {
    return position;
  }

  int unsettled() {
    return unsettled.size();
  }

  ConsumerInfo info() {
    int asked = prefetch == atMost(0) ? 0 : prefetch;
    return new ConsumerInfo(outlet.connectionId(), queue().name(), asked, unsettled.size(), true);
  }

  // ---- where it begins

  void beginAt(long offset) {
    position = offset;
  }

  /** Begins with what arrived at a time or later: nothing is delivered until that is found. */
  void beginSince(long timeMs) {
    sinceMs = timeMs;
    reading = true;
    new TimeSearch(
            stream.log(),
            timeMs,
            stream.first(),
            stream.end(),
            offset -> {
              reading = false;
              position = offset;
              deliver();
            })
        .run();
  }

  // ---- deliveries

  /** Delivers what is there, as long as it may have more. */
  void deliver() {
    if (delivering || reading) {
      return;
    }
    delivering = true;
    while (mayHaveMore()) {
      if (home().loop().workedEnough()) {
        home().loop().continueLater(goOn);
        return;
      }
      Message message = next();
      if (message == null) {
        if (reading || position >= stream.readable()) {
          break;
        }
      } else {
        position++;
        offer(message);
      }
    }
    ahead.doneBefore(position);
    delivering = false;
  }

  private void goOn() {
    delivering = false;
    deliver();
  }

  private boolean mayHaveMore() {
    return attached && writable && unsettled.size() < prefetch && position < stream.readable();
  }

  /** Returns the next message; null if it has to be read, which is then asked for. */
  private @Nullable Message next() {
    Message message = stream.tail().at(position);
    if (message == null) {
      message = ahead.at(position);
    }
    if (message == null) {
      reading = true;
      stream.log().read(position, READ_BYTES, this::read);
    }
    return message;
  }

  private void read(long first, List<Message> messages) {
    reading = false;
    if (!attached) {
      return;
    }
    long before = position;
    // What is not there any more was dropped meanwhile.
    position = Math.max(position, messages.isEmpty() ? stream.first() : first);
    ahead.fill(first, messages);
    if (!messages.isEmpty() || position > before) {
      deliver(); // else nothing can be read now, as when the store has failed
    }
  }

  private void offer(Message message) {
    home().loop().worked(1);
    if (message.arrivedMs() < sinceMs) {
      return;
    }
    sinceMs = Long.MIN_VALUE;
    if (filter != null && !filter.matches(message)) {
      return;
    }
    home().counts().add(Count.DELIVERED);
    long id = position; // that of the first message is 1: none is 0
    unsettled.add(id);
    if (message.isFollowed()) {
      Followed.delivered(queue(), message, outlet, id, false);
      followed.put(id, message);
    }
    LoopContext there = outlet.home();
    if (there == home()) {
      outlet.deliver(id, message, null, false);
    } else {
      home().tell(there, () -> outlet.deliver(id, message, null, false));
    }
  }

  // ---- from the client

  /** All the ways to settle are one: the message stays, and there is room for another. */
  @Override
  public void settle(long deliveryId, Settlement how) {
    assert home().loop().inLoop();
    if (!unsettled.remove(deliveryId)) {
      return;
    }
    if (how == Settlement.ACCEPT) {
      home().counts().add(Count.ACCEPTED);
    }
    Message told = followed.isEmpty() ? null : followed.remove(deliveryId);
    if (told != null) {
      Followed.settled(queue(), told, how);
    }
    tellIfFinished();
    long before = position;
    boolean held = before == stream.tail().first();
    deliver();
    if (held && position != before) { // else nobody needs less than before
      stream.trimTail();
    }
  }

  /** A message stays stored, whoever settles it. */
  @Override
  public long stored(long deliveryId) {
    return 0;
  }

  @Override
  public boolean holds(long deliveryId) {
    return false; // of what is stored
  }

  @Override
  public void acceptStored(long deliveryId) {
    settle(deliveryId, Settlement.ACCEPT);
  }

  @Override
  public void cancel() {
    if (leave()) {
      cancelled = true;
      tellIfFinished();
    }
  }

  private void tellIfFinished() {
    if (cancelled && unsettled.isEmpty()) {
      cancelled = false;
      home().tell(outlet.home(), outlet::finished);
    }
  }

  @Override
  public void detach() {
    leave();
    unsettled.clear();
    followed.clear();
  }

  /** Takes it out; returns whether it was there. */
  private boolean leave() {
    boolean there = attached;
    attached = false;
    ahead.clear();
    stream.left(this);
    return there;
  }

  /** The stream has gone. */
  void end(Runnable told) {
    attached = false;
    ahead.clear();
    LoopContext there = outlet.home();
    home()
        .tell(
            there,
            () -> {
              outlet.ended(DeliverySink.End.QUEUE_DELETED);
              there.tell(home(), told);
            });
  }

  @Override
  public void writable(boolean now) {
    writable = now;
    deliver();
  }

  @Override
  public void prefetch(int deliveries) {
    prefetch = atMost(deliveries);
    deliver();
  }

  /** A stream's consumers have their own credit alone. */
  @Override
  public void drawOn(SharedWindow window) {
    home().tell(window.home(), window::joinedNobody);
  }

  /** What is in a stream has been published. */
  @Override
  public void offer(Message message, @Nullable Object tag) {}
}

package io.carrick.amqp;

import io.carrick.Refusal;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.spi.AttachmentListener;
import java.util.ArrayDeque;
import java.util.EnumSet;

/**
 * What the broker says to one channel: which publishes it has taken, when to stop reading, and that
 * it is closed for what it does not acknowledge. Confined to the event loop of its connection.
 *
 * <p>The broker counts what it was given; the client counts what it sent. The two differ by what
 * was refused on the spot.
 */
final class PublisherConfirms implements AttachmentListener {

  private final AmqpChannel channel;
  private final ArrayDeque<Long> rejected = new ArrayDeque<>();
  private boolean selected;
  private long lastTag;

  /** How many publishes the broker was given, and up to which one it has answered. */
  private long published;

  private long reported;
  private long shift;
  private final EnumSet<Pause> pauses = EnumSet.noneOf(Pause.class);

  PublisherConfirms(AmqpChannel channel) {
    this.channel = channel;
  }

  void select() {
    selected = true;
  }

  boolean selected() {
    return selected;
  }

  /** The broker was given a publish. */
  void published() {
    lastTag++;
    published++;
  }

  /** The broker was not given a publish, because it does not want it. */
  void rejected() {
    lastTag++;
    rejected.add(lastTag);
    channel.send(new BasicMethod.Nack(lastTag, false, false));
  }

  @Override
  public void accepted(long first, long last) {
    long tag = tagOf(last);
    channel.connection().output().ack(channel.number(), tag, first < last);
    reported(last);
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    channel.send(new BasicMethod.Nack(tagOf(last), first < last, false));
    reported(last);
  }

  private void reported(long last) {
    reported = last;
    channel.tellIfAnswered();
  }

  /** Returns whether every publish has its answer. */
  boolean answered() {
    return reported == published;
  }

  /** Returns the client's number of a publish; asked in rising order. */
  private long tagOf(long sequence) {
    Long next = rejected.peek();
    while (next != null && next <= sequence + shift) {
      rejected.poll();
      shift++;
      next = rejected.peek();
    }
    return sequence + shift;
  }

  @Override
  public void pauseReading(Pause why) {
    if (pauses.add(why)) {
      channel.connection().pauseReading(why);
    }
  }

  @Override
  public void resumeReading(Pause why) {
    if (pauses.remove(why)) {
      channel.connection().resumeReading(why);
    }
  }

  @Override
  public void overdue(String queue, long timeoutMs) {
    channel.overdue(timeoutMs);
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    throw new IllegalStateException("the connection is asked, not a channel");
  }

  /** The channel has gone and holds nobody up. */
  void close() {
    for (Pause why : EnumSet.copyOf(pauses)) {
      resumeReading(why);
    }
  }
}

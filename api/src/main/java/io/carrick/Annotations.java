package io.carrick;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the broker has noted on a message on its way, beside what its publisher said. Immutable.
 *
 * <p>The way through dead letter exchanges is RabbitMQ's: an entry for each queue and reason, the
 * latest first. As with RabbitMQ since 4.0, only the broker notes it: a header {@code x-death} that
 * a client publishes is a header like any other until the broker has one of its own to show
 * (release notes of 4.0.1, "AMQP 0.9.1 x-death header").
 */
public final class Annotations {

  private static final long NO_OFFSET = -1;
  private static final long NOT_KEPT = -1;

  /** Nothing was noted. */
  public static final Annotations NONE =
      new Annotations(Deaths.NONE, Way.NONE, FurtherKeys.NONE, Following.NONE, Map.of());

  private static final int OBJECT_BYTES = 96;

  /** An entry without its texts, and what it becomes on a wire. */
  private static final int DEATH_BYTES = 512;

  private final Deaths deaths;
  private final Way way;
  private final FurtherKeys furtherKeys;
  private final Following following;
  private final Map<Integer, byte[]> foreign;

  /**
   * How a message came to where it is, if not straight from its publisher. Immutable.
   *
   * @param deliveries how often it came back from consumers
   * @param waitedMs for how long an exchange had it wait
   * @param streamOffset where it is in its stream
   * @param keptMs for how long it had been the last value of its topic, or {@link #NOT_KEPT}
   */
  private record Way(int deliveries, long waitedMs, long streamOffset, long keptMs) {
    static final Way NONE = new Way(0, 0, NO_OFFSET, NOT_KEPT);
  }

  /**
   * Who follows a message on its way. Immutable.
   *
   * @param mark what whoever follows it knows it by; null if nobody does
   * @param asked the receipt that its publisher has asked for; null as soon as there is one, too
   * @param receiptId of that receipt, 0 for none
   */
  private record Following(@Nullable Object mark, @Nullable Receipt asked, long receiptId) {
    static final Following NONE = new Following(null, null, 0);
  }

  /**
   * Where a message goes beside its address. Immutable.
   *
   * @param hidden how many of them, the last ones, nobody is told of
   */
  private record FurtherKeys(List<RoutingKey> all, int hidden) {
    static final FurtherKeys NONE = new FurtherKeys(List.of(), 0);
  }

  /**
   * The way of a message through dead letter exchanges. Immutable.
   *
   * @param entries the latest first
   * @param first the first of all; null if there is none
   * @param last the latest; null if there is none
   * @param said what was said by the last client that rejected it and could say something; null if
   *     none did
   */
  private record Deaths(
      List<Death> entries,
      Death.@Nullable Event first,
      Death.@Nullable Event last,
      @Nullable Rejection said) {
    static final Deaths NONE = new Deaths(List.of(), null, null, null);
  }

  private Annotations(
      Deaths deaths,
      Way way,
      FurtherKeys furtherKeys,
      Following following,
      Map<Integer, byte[]> foreign) {
    this.deaths = deaths;
    this.way = way;
    this.furtherKeys = furtherKeys;
    this.following = following;
    this.foreign = foreign;
  }

  /** Returns whether nothing was noted. */
  public boolean isEmpty() {
    return way.equals(Way.NONE)
        && deaths.entries.isEmpty()
        && deaths.said == null
        && furtherKeys.all.isEmpty()
        && following.equals(Following.NONE)
        && foreign.isEmpty();
  }

  // ---- deaths

  /** Returns the queues that have given the message up, the latest first. */
  public List<Death> deaths() {
    return deaths.entries;
  }

  /** Returns when it was given up first; empty if it never was. */
  public Optional<Death.Event> firstDeath() {
    return Optional.ofNullable(deaths.first);
  }

  /** Returns when it was given up last; empty if it never was. */
  public Optional<Death.Event> lastDeath() {
    return Optional.ofNullable(deaths.last);
  }

  /**
   * Returns these annotations with one more death. A queue that has given the message up for the
   * same reason before is counted up and moves to the front; the rest of its entry stays as it was
   * noted the first time.
   *
   * @param event what happened
   * @param routingKeys what the message was addressed with, in AMQP's form
   * @param time when
   * @param expirationMs the time to live that the message had
   */
  public Annotations withDeath(
      Death.Event event, List<String> routingKeys, Instant time, OptionalLong expirationMs) {
    Death entry = new Death(event, routingKeys, 1, time, expirationMs);
    var entries = new ArrayList<Death>(deaths.entries.size() + 1);
    for (Death earlier : deaths.entries) {
      if (earlier.event().sameEntry(event)) {
        entry = earlier.again();
      } else {
        entries.add(earlier);
      }
    }
    entries.add(0, entry);
    return withDeaths(entries, firstDeath().orElse(event), event);
  }

  /**
   * Returns these annotations with deaths as they were noted before.
   *
   * @param entries the latest first
   * @param first the first of all
   * @param last the latest
   */
  public Annotations withDeaths(List<Death> entries, Death.Event first, Death.Event last) {
    return with(new Deaths(List.copyOf(entries), first, last, deaths.said));
  }

  private Annotations with(Deaths noted) {
    return new Annotations(noted, way, furtherKeys, following, foreign);
  }

  /**
   * Returns what was said by the last client that rejected the message and could say something;
   * empty if none did.
   */
  public Optional<Rejection> rejection() {
    return Optional.ofNullable(deaths.said);
  }

  /** Returns these annotations with what a client said as it rejected the message. */
  public Annotations withRejection(Rejection said) {
    return with(new Deaths(deaths.entries, deaths.first, deaths.last, said));
  }

  /**
   * Returns whether the message, given up last to come to a queue, goes round in a circle of its
   * own accord: it was given up by that queue before, and since then, that time included, no
   * consumer has rejected it. Such a message is dropped (RabbitMQ, "Dead Letter Exchanges",
   * "Automatic dead lettering cycles").
   *
   * @param queue to which it is routed
   */
  public boolean circlesTo(String queue) {
    for (Death death : deaths.entries) {
      if (death.reason() == Death.Reason.REJECTED) {
        return false;
      }
      if (death.queue().equals(queue)) {
        return true;
      }
    }
    return false;
  }

  // ---- deliveries

  /** Returns how often its queue has delivered the message and got it back. */
  public int deliveryCount() {
    return way.deliveries;
  }

  /** Returns these annotations with another delivery count. */
  public Annotations withDeliveryCount(int count) {
    return with(new Way(count, way.waitedMs, way.streamOffset, way.keptMs));
  }

  private Annotations with(Way others) {
    return new Annotations(deaths, others, furtherKeys, following, foreign);
  }

  // ---- addresses

  /**
   * Returns the keys by which the message is routed beside its {@linkplain Message#routingKey()
   * routing key}, each queue that any of them matches once (AMQP: {@code CC} and {@code BCC}).
   */
  public List<RoutingKey> furtherKeys() {
    return furtherKeys.all;
  }

  /** Returns how many of the further keys, the last ones, nobody is told of. */
  public int hiddenKeys() {
    return furtherKeys.hidden;
  }

  /**
   * Returns these annotations with other further keys.
   *
   * @param hidden how many of them, the last ones, nobody is told of
   */
  public Annotations withFurtherKeys(List<RoutingKey> keys, int hidden) {
    var others = new FurtherKeys(List.copyOf(keys), hidden);
    return new Annotations(deaths, way, others, following, foreign);
  }

  // ---- delays

  /** Returns for how many milliseconds an exchange had it wait; 0 if none did. */
  public long waitedMs() {
    return way.waitedMs;
  }

  /** Returns these annotations with another time that an exchange had the message wait. */
  public Annotations withWaited(long ms) {
    return with(new Way(way.deliveries, ms, way.streamOffset, way.keptMs));
  }

  // ---- streams

  /** Returns where in its stream the message is; empty for one of another queue. */
  public OptionalLong streamOffset() {
    return way.streamOffset == NO_OFFSET ? OptionalLong.empty() : OptionalLong.of(way.streamOffset);
  }

  /** Returns these annotations with an offset, which is not negative. It is never stored. */
  public Annotations withStreamOffset(long offset) {
    return with(new Way(way.deliveries, way.waitedMs, offset, way.keptMs));
  }

  // ---- who follows

  /**
   * Returns whether somebody follows the message: the broker tells them what becomes of it, in each
   * loop where that happens.
   */
  public boolean isFollowed() {
    return following.mark != null || following.receiptId != 0;
  }

  /**
   * Returns what whoever follows the message in this run of the broker knows it by; empty if nobody
   * does. No protocol sees it.
   */
  public Optional<Object> mark() {
    return Optional.ofNullable(following.mark);
  }

  /**
   * Returns these annotations with another mark. It is never stored.
   *
   * @param mark immutable, or safe to be used by several loops at a time
   */
  public Annotations withMark(Object mark) {
    return with(new Following(mark, following.asked, following.receiptId));
  }

  private Annotations with(Following others) {
    return new Annotations(deaths, way, furtherKeys, others, foreign);
  }

  // ---- receipts

  /** Returns the receipt that the publisher asks for; empty if none, or if it was asked for. */
  public Optional<Receipt> receipt() {
    return Optional.ofNullable(following.asked);
  }

  /** Returns these annotations with a receipt that the publisher asks for. */
  public Annotations withReceipt(Receipt asked) {
    return with(new Following(following.mark, asked, 0));
  }

  /** Returns by which number the broker counts for a receipt of the message; 0 if it does not. */
  public long receiptId() {
    return following.receiptId;
  }

  /**
   * Returns these annotations with another number of a receipt, and none to be asked for.
   *
   * @param id not 0, or 0 for no receipt at all
   */
  public Annotations withReceiptId(long id) {
    return id == following.receiptId && following.asked == null
        ? this
        : with(new Following(following.mark, null, id));
  }

  // ---- last values

  /**
   * Returns for how many milliseconds the message had been the last value of its topic when a
   * binding asked for it (MAP-31); empty for one that came live, retained or not.
   */
  public OptionalLong keptMs() {
    return way.keptMs == NOT_KEPT ? OptionalLong.empty() : OptionalLong.of(way.keptMs);
  }

  /** Returns these annotations of a message that had been the last value of its topic so long. */
  public Annotations withKept(long ms) {
    return with(new Way(way.deliveries, way.waitedMs, way.streamOffset, Math.max(0, ms)));
  }

  // ---- what later versions note

  /**
   * Returns what a later version of the broker has noted and stored, by its number in the store: it
   * is not understood, and kept.
   */
  public Map<Integer, byte[]> foreign() {
    return foreign;
  }

  /**
   * Returns these annotations with one that only a later version understands.
   *
   * @param number of the annotation in the store
   * @param value kept, must not change
   */
  public Annotations withForeign(int number, byte[] value) {
    var more = new TreeMap<>(foreign);
    more.put(number, value);
    return new Annotations(deaths, way, furtherKeys, following, Collections.unmodifiableMap(more));
  }

  // ---- as others see it

  /** Returns what was noted as headers, in RabbitMQ's names and types ({@link HeaderNames}). */
  public Map<String, Object> headers() {
    var headers = new LinkedHashMap<String, Object>();
    Death.Event first = deaths.first;
    Death.Event last = deaths.last;
    if (first != null && last != null) {
      headers.put(HeaderNames.DEATH, deaths.entries.stream().map(Death::table).toList());
      headers.put(HeaderNames.FIRST_DEATH_QUEUE, first.queue());
      headers.put(HeaderNames.FIRST_DEATH_REASON, first.reason().text());
      headers.put(HeaderNames.FIRST_DEATH_EXCHANGE, first.exchange());
      headers.put(HeaderNames.LAST_DEATH_QUEUE, last.queue());
      headers.put(HeaderNames.LAST_DEATH_REASON, last.reason().text());
      headers.put(HeaderNames.LAST_DEATH_EXCHANGE, last.exchange());
    }
    Rejection said = deaths.said;
    if (said != null) {
      headers.put(HeaderNames.MQTT_REASON, said.code());
      if (!said.text().isEmpty()) {
        headers.put(HeaderNames.MQTT_REASON_STRING, said.text());
      }
    }
    if (way.deliveries > 0) {
      headers.put(HeaderNames.DELIVERY_COUNT, (long) way.deliveries);
    }
    if (way.streamOffset != NO_OFFSET) {
      headers.put(HeaderNames.STREAM_OFFSET, way.streamOffset);
    }
    if (way.waitedMs > 0) {
      // Negative, so that it does not wait again: RabbitMQ's plugin says so in a signed int.
      headers.put(HeaderNames.DELAY, asSmallAsItIs(-way.waitedMs));
    }
    if (way.keptMs != NOT_KEPT) {
      headers.put(HeaderNames.MQTT_RETAINED, true);
    }
    return headers;
  }

  private static Object asSmallAsItIs(long number) {
    return number == (int) number ? (Object) (int) number : (Object) number;
  }

  /**
   * Returns about how many bytes of memory these annotations keep, with what they become on a wire;
   * always the same.
   */
  int memoryBytes() {
    long sum = OBJECT_BYTES;
    for (Death death : deaths.entries) {
      sum += DEATH_BYTES + death.queue().length() + death.exchange().length();
      for (String key : death.routingKeys()) {
        sum += HeaderMemory.bytes(key);
      }
    }
    if (deaths.said != null) {
      sum += HeaderMemory.bytes(deaths.said.text());
    }
    for (RoutingKey key : furtherKeys.all) {
      sum += key.memoryBytes();
    }
    for (byte[] value : foreign.values()) {
      sum += HeaderMemory.bytes(value);
    }
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }

  /** Returns what was noted, never a payload. */
  @Override
  public String toString() {
    return "Annotations" + headers();
  }
}

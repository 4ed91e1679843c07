package io.carrick.engine.topology;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.Annotations;
import io.carrick.Binding;
import io.carrick.HeaderNames;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.MatchSink;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.Loop;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the table of an exchange that routes each message once, by the id that its
 * publisher gives it in a header or user property (MAP-17). What is {@link #admitted} is written by
 * the loop of its index alone; the ids have a lock of their own.
 */
final class Deduplication implements RoutingTable {

  /**
   * The type that routes like a fanout exchange, and what has an exchange of another type do so.
   */
  static final String NAME = "x-message-deduplication";

  private static final String CACHE_SIZE = "x-cache-size";
  private static final String CACHE_PERSISTENCE = "x-cache-persistence";

  /** How many ids there are unless it is said. */
  private static final long USUAL_SIZE = 128;

  /** A longer id is known by its hash. */
  private static final int LONGEST_ID = 255;

  private final RoutingTable table;
  private final String header;
  private final long ttlMs;
  private final SeenIds ids;

  /** By loop, the last routing in which a message was the first one with its id. */
  private final long[] admitted;

  private Deduplication(RoutingTable table, ArgumentCheck check, Limits limits, int loops) {
    long size = check.has(CACHE_SIZE) ? check.notNegative(CACHE_SIZE) : USUAL_SIZE;
    long most = limits.value(Limit.DEDUPLICATION_IDS);
    if (size == 0 || size > most) {
      throw check.invalid(CACHE_SIZE, "not from 1 to %d: %d".formatted(most, size));
    }
    check.time(HeaderNames.CACHE_TTL, 1);
    check.oneOf(CACHE_PERSISTENCE, List.of("memory"), "ids are kept in memory");
    this.header = check.text(HeaderNames.DEDUPLICATION, HeaderNames.DEDUPLICATION);
    this.ttlMs = check.notNegative(HeaderNames.CACHE_TTL);
    this.table = table;
    this.ids = new SeenIds((int) size);
    this.admitted = new long[loops];
  }

  /**
   * Returns what an exchange routes through: its table, or what stands before it.
   *
   * @throws PreconditionFailedException for arguments that make no sense
   */
  static RoutingTable of(
      ExchangeDeclaration declaration, RoutingTable table, Limits limits, int loops) {
    Map<String, Object> arguments = declaration.arguments();
    Object asked = arguments.getOrDefault(NAME, declaration.type().equals(NAME));
    var check = new ArgumentCheck(arguments, "exchange '" + declaration.name() + "'");
    if (!(asked instanceof Boolean wanted)) {
      throw check.unacceptable(NAME, asked);
    }
    return wanted ? new Deduplication(table, check, limits, loops) : table;
  }

  @Override
  public void add(Binding binding) {
    table.add(binding);
  }

  @Override
  public void remove(Binding binding) {
    table.remove(binding);
  }

  @Override
  public void route(RoutingKey key, Message message, MatchSink matched) {
    if (!(matched instanceof LoopSink sink) || comesBack(message) || admits(key, message, sink)) {
      table.route(key, message, matched);
    }
  }

  /** Whether it was here or elsewhere before and is published again by the broker. */
  private static boolean comesBack(Message message) {
    Annotations notes = message.annotations();
    return notes.waitedMs() != 0 || !notes.deaths().isEmpty();
  }

  private boolean admits(RoutingKey key, Message message, LoopSink sink) {
    String id = id(message.properties().headers().get(header));
    if (id == null) {
      return true;
    }
    int loop = sink.here().index();
    if (key != message.routingKey()) { // one of its further keys, by which it comes again
      return admitted[loop] == sink.routing();
    }
    Loop clock = sink.here().loop();
    var seen = new Seen(id, this, sink.here(), TimeUnit.MILLISECONDS.toNanos(ttl(message)));
    Seen before = ids.note(seen, clock.nanoTime());
    if (before != null) {
      sink.here().counts().add(Count.DUPLICATE);
      sink.repeated(before);
      return false;
    }
    admitted[loop] = sink.routing();
    sink.first(seen);
    clock.atTurnEnd(seen::answered);
    return true;
  }

  private long ttl(Message message) {
    Object own = message.properties().headers().get(HeaderNames.CACHE_TTL);
    try {
      long ms = own == null ? ttlMs : Long.parseLong(own.toString());
      return ms >= 0 ? ms : ttlMs;
    } catch (NumberFormatException e) {
      return ttlMs;
    }
  }

  /** Returns an id as both protocols can say it, null for none. */
  private static @Nullable String id(@Nullable Object value) {
    String id = null;
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      id = value.toString();
    } else if (value instanceof byte[] bytes) {
      id = new String(bytes, ISO_8859_1);
    }
    return id == null || id.length() <= LONGEST_ID ? id : hash(id);
  }

  private static String hash(String id) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  void forget(Seen seen) {
    ids.forget(seen);
  }

  long heldBytes() {
    return ids.heldBytes();
  }
}

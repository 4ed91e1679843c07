package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.ExchangeType.MatchSink;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bindings of one session's queue, to decide again about messages whose tag was not kept. The
 * way that a message took to the sources of the bindings is not asked for: it has come to this
 * queue. Filled before it is shared, then confined to the queue's loop.
 */
final class Rematch implements MatchSink {

  private final Map<String, RoutingTable> tables = new HashMap<>();
  private final List<@Nullable Object> matched = new ArrayList<>();

  /**
   * Adds a binding.
   *
   * @param newTable makes an empty table of the source's type
   */
  void add(Binding binding, Supplier<RoutingTable> newTable) {
    tables.computeIfAbsent(binding.exchange(), exchange -> newTable.get()).add(binding);
  }

  @Override
  public void matched(Binding binding) {
    matched.add(Destination.attachmentOf(binding));
  }

  /** Returns the tag; null if the message would not be queued by these bindings. */
  @Nullable Object tagOf(Message message, Admission admission) {
    matched.clear();
    for (RoutingTable table : tables.values()) {
      table.route(message.routingKey(), message, this);
    }
    if (matched.isEmpty()) {
      return null;
    }
    @Nullable Object[] attachments = matched.toArray();
    Verdict verdict = admission.admit(message, attachments, attachments.length);
    return verdict.kind() == Kind.ENQUEUE ? verdict.tag() : null;
  }
}

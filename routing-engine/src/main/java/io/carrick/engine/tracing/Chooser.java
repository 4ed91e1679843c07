package io.carrick.engine.tracing;

import io.carrick.ConnectionInfo;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.TraceFilter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a filter says of messages as they arrive, so that those which it does not let through cost
 * little. Immutable; what is null is not asked for.
 */
record Chooser(
    @Nullable String virtualHost,
    @Nullable String exchange,
    @Nullable RoutingKey pattern,
    @Nullable String publisher,
    @Nullable String protocol) {

  static Chooser of(TraceFilter filter) {
    return new Chooser(
        filter.virtualHost().orElse(null),
        filter.exchange().orElse(null),
        filter.pattern().orElse(null),
        filter.publisher().orElse(null),
        filter.protocol().map(name -> name.toLowerCase(Locale.ROOT)).orElse(null));
  }

  boolean wants(Message message, Source from) {
    return (virtualHost == null || virtualHost.equals(from.virtualHost()))
        && (exchange == null || exchange.equals(message.exchange()))
        && (pattern == null || matches(pattern, message))
        && (publisher == null || isFrom(publisher, message, from))
        && (protocol == null || isBy(protocol, from));
  }

  private static boolean matches(RoutingKey pattern, Message message) {
    if (pattern.matches(message.routingKey())) {
      return true;
    }
    List<RoutingKey> further = message.annotations().furtherKeys();
    for (int i = 0; i < further.size(); i++) {
      if (pattern.matches(further.get(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isFrom(String who, Message message, Source from) {
    if (message.publisher().clientId().equals(who)) {
      return true;
    }
    ConnectionInfo client = from.client().orElse(null);
    return client != null && (client.name().equals(who) || client.id().equals(who));
  }

  private static boolean isBy(String beginning, Source from) {
    ConnectionInfo client = from.client().orElse(null);
    return client != null && client.protocol().toLowerCase(Locale.ROOT).startsWith(beginning);
  }
}

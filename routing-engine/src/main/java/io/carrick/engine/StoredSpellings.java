package io.carrick.engine;

import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.VirtualHosts;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How topics were spelled in the virtual hosts of a store, which must not change while queues,
 * retained messages or wills of theirs are stored: filters would not meet topics any more (MAP-9).
 * Confined to the thread that starts the broker, except {@link #note}.
 */
final class StoredSpellings {

  private final VirtualHosts hosts;
  private final Definitions definitions;
  private final Map<String, String> byHost = new HashMap<>();

  /** Virtual hosts in which something is stored that goes by the spelling. */
  private final Set<String> inUse = new HashSet<>();

  StoredSpellings(VirtualHosts hosts, Definitions definitions) {
    this.hosts = hosts;
    this.definitions = definitions;
  }

  /** The store says how topics are spelled in a virtual host. */
  void take(String virtualHost, String spelling) {
    byHost.put(virtualHost, spelling);
  }

  /** The store has something of a virtual host that goes by its spelling. */
  void used(String virtualHost) {
    inUse.add(virtualHost);
  }

  /**
   * Checks that topics are spelled as they were.
   *
   * @throws IOException if they are not, with a message fit for a user
   */
  void check() throws IOException {
    for (String host : inUse) {
      String now = spelling(host);
      String before = byHost.getOrDefault(host, now);
      if (!before.equals(now)) {
        throw new IOException(
            "what is stored in the virtual host '%s' goes by the mapping of topics '%s', not by '%s':"
                    .formatted(host, before, now)
                + " start with that one, or with a store that has no queues and no retained"
                + " messages there");
      }
    }
  }

  private String spelling(String host) {
    return hosts.mapping(host).spelling().name();
  }

  /** Notes how topics are spelled from now on. Called in a loop. */
  void note(LoopContext here) {
    hosts
        .all()
        .forEach(
            host -> {
              String now = spelling(host.name());
              if (!now.equals(byHost.get(host.name()))) {
                definitions.spelling(here, host.name(), now);
              }
            });
  }
}

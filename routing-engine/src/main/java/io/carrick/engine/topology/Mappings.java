package io.carrick.engine.topology;

import io.carrick.Mapping;
import java.util.Map;

/**
 * What becomes in each virtual host of what crosses between protocols. Immutable.
 *
 * @param otherwise where none is said
 * @param byHost what is said of single ones
 */
public record Mappings(Mapping otherwise, Map<String, Mapping> byHost) {

  public Mappings {
    byHost = Map.copyOf(byHost);
  }

  /** Returns that of a virtual host, which need not be there. */
  public Mapping of(String virtualHost) {
    return byHost.getOrDefault(virtualHost, otherwise);
  }
}

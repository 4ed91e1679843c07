package io.carrick.engine;

import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredReceipt;
import io.carrick.engine.definitions.StoredTarget;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.receipt.Receipts;
import io.carrick.engine.topology.VirtualHost;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the store has of receipts that are not answered: what was asked for, and what became of the
 * copies. Used by the thread that starts the broker.
 */
final class StoredReceipts {

  private final Definitions definitions;
  private final Map<Long, StoredReceipt> receipts = new TreeMap<>();

  /** By the number of the receipt and the name of the queue. */
  private final Map<Long, Map<String, StoredTarget>> targets = new HashMap<>();

  /** Finds the virtual host of a receipt. */
  @FunctionalInterface
  interface Hosts {
    Optional<VirtualHost> find(long id, StoredReceipt receipt);
  }

  StoredReceipts(Definitions definitions) {
    this.definitions = definitions;
  }

  // ---- from the store

  void receipt(long id, StoredReceipt receipt) {
    receipts.put(id, receipt);
  }

  void target(String key, StoredTarget target) {
    int slash = key.indexOf('/');
    targets
        .computeIfAbsent(Long.parseLong(key.substring(0, slash)), id -> new HashMap<>())
        .put(key.substring(slash + 1), target);
  }

  // ---- to the broker

  /** Makes them again; called before there are queues. */
  void restore(Receipts made, Hosts hosts) {
    receipts.forEach(
        (id, stored) ->
            hosts
                .find(id, stored)
                .ifPresent(
                    host -> made.restore(id, host, stored, targets.getOrDefault(id, Map.of()))));
  }

  /** Removes what the store has of one. Called in a loop. */
  void remove(long id, LoopContext here) {
    definitions.deleteReceipt(here, id);
    removeTargets(id, here);
  }

  private void removeTargets(long id, LoopContext here) {
    targets
        .getOrDefault(id, Map.of())
        .keySet()
        .forEach(queue -> definitions.deleteReceiptTarget(here, id, queue));
  }

  /** Removes what became of copies while their receipt was answered already. Called in a loop. */
  void removeOrphans(LoopContext here) {
    targets.keySet().stream()
        .filter(id -> !receipts.containsKey(id))
        .forEach(id -> removeTargets(id, here));
  }
}

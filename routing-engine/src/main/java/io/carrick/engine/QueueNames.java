package io.carrick.engine;

import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.RecordFormatException;
import io.carrick.engine.definitions.Records;
import io.carrick.storage.MessageStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What queues are called in a store that no broker has open, for tools that know them by their ids:
 * is shown definitions, then tells names. Confined to one thread.
 */
public final class QueueNames implements MessageStore.Recovery {

  private final Map<Long, String> names = new HashMap<>();

  /** Starts with no name. */
  public QueueNames() {}

  @Override
  public void definition(String table, String key, byte[] record) {
    if (!table.equals(Definitions.QUEUES)) {
      return;
    }
    try {
      names.put(Long.parseLong(key), Records.queueName(record));
    } catch (RecordFormatException | NumberFormatException unknownForm) {
      // It stays without a name.
    }
  }

  @Override
  public void queue(long queueId, long messages) {}

  /** Returns the name of a queue; empty if no definition has told it. */
  public Optional<String> of(long queueId) {
    return Optional.ofNullable(names.get(queueId));
  }
}

package io.carrick.engine;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.SessionTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The protocol state of sessions by name. The map is thread-safe; a session's records are used by
 * the loop that holds its lease, and the lease hands them over.
 */
final class SessionTables {

  private static final String TABLE = "session/";

  private final Map<String, Map<Integer, byte[]>> tables = new ConcurrentHashMap<>();

  SessionTable open(String session, LoopContext context) {
    Map<Integer, byte[]> records = tables.computeIfAbsent(session, s -> new LinkedHashMap<>());
    return new OpenTable(session, records, context);
  }

  private void drop(String session) {
    tables.remove(session);
  }

  /** One session's records as the loop that holds its lease sees them. */
  private final class OpenTable implements SessionTable {

    private final String session;
    private final Map<Integer, byte[]> records;
    private final LoopContext context;

    OpenTable(String session, Map<Integer, byte[]> records, LoopContext context) {
      this.session = session;
      this.records = records;
      this.context = context;
    }

    @Override
    public long put(int key, byte[] record) {
      records.put(key, record);
      tables.putIfAbsent(session, records);
      return context.appender().put(TABLE + session, Integer.toString(key), record);
    }

    @Override
    public long remove(int key) {
      records.remove(key);
      return context.appender().delete(TABLE + session, Integer.toString(key));
    }

    @Override
    public void forEach(Reader reader) {
      List.copyOf(records.entrySet()).forEach(e -> reader.read(e.getKey(), e.getValue()));
    }

    @Override
    public void clear() {
      for (Integer key : List.copyOf(records.keySet())) {
        remove(key);
      }
      drop(session);
    }
  }
}

package io.carrick.engine.topology;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.SessionTable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The protocol state of sessions by name. The map is thread-safe; a session's records are used by
 * the loop that holds its lease, and the lease hands them over.
 */
public final class SessionTables {

  private static final String TABLE = "session";

  private final Map<String, Records> tables = new ConcurrentHashMap<>();
  private final String virtualHost;
  private final boolean kept;

  /** One session's records, in the order of their first storing. */
  private static final class Records {
    private final Map<Integer, byte[]> byKey = new LinkedHashMap<>();
    private final String table;

    Records(String table) {
      this.table = table;
    }
  }

  /**
   * Makes the tables of a virtual host.
   *
   * @param kept whether the store outlives the process
   */
  SessionTables(String virtualHost, boolean kept) {
    this.virtualHost = virtualHost;
    this.kept = kept;
  }

  public SessionTable open(String session, LoopContext context) {
    return new OpenTable(session, records(session), context);
  }

  private Records records(String session) {
    return tables.computeIfAbsent(session, s -> new Records(TABLE + '\0' + virtualHost + '\0' + s));
  }

  /**
   * Takes a record as the store has it.
   *
   * @param table as the store names it
   * @param restore takes virtual host and session of a session's record
   */
  public static boolean isSessionTable(String table, BiConsumer<String, String> restore) {
    int first = table.indexOf('\0');
    int second = table.indexOf('\0', first + 1);
    if (first < 0 || second < 0 || !table.substring(0, first).equals(TABLE)) {
      return false;
    }
    restore.accept(table.substring(first + 1, second), table.substring(second + 1));
    return true;
  }

  public void restore(String session, int key, byte[] record) {
    records(session).byKey.put(key, record);
  }

  /** A session has ended, and nobody uses its table any more. */
  void end(String session, LoopContext context) {
    if (tables.containsKey(session)) {
      open(session, context).clear();
    }
  }

  /** Removes a record of any session that is not there any more; returns whether there was one. */
  boolean clearOne(LoopContext here) {
    Iterator<Map.Entry<String, Records>> all = tables.entrySet().iterator();
    if (!all.hasNext()) {
      return false;
    }
    Map.Entry<String, Records> table = all.next();
    Map<Integer, byte[]> records = table.getValue().byKey;
    if (records.isEmpty()) {
      all.remove();
    } else {
      int key = records.keySet().iterator().next();
      new OpenTable(table.getKey(), table.getValue(), here).remove(key);
    }
    return true;
  }

  private void drop(String session) {
    tables.remove(session);
  }

  /** One session's records as the loop that holds its lease sees them. */
  private final class OpenTable implements SessionTable {

    private final String session;
    private final Records records;
    private final LoopContext context;

    OpenTable(String session, Records records, LoopContext context) {
      this.session = session;
      this.records = records;
      this.context = context;
    }

    @Override
    public long put(int key, byte[] record) {
      records.byKey.put(key, record);
      tables.putIfAbsent(session, records);
      return kept ? context.appender().put(records.table, Integer.toString(key), record) : 0;
    }

    @Override
    public long remove(int key) {
      boolean there = records.byKey.remove(key) != null;
      return there && kept ? context.appender().delete(records.table, Integer.toString(key)) : 0;
    }

    @Override
    public void forEach(Reader reader) {
      List.copyOf(records.byKey.entrySet()).forEach(e -> reader.read(e.getKey(), e.getValue()));
    }

    @Override
    public void clear() {
      for (Integer key : List.copyOf(records.byKey.keySet())) {
        remove(key);
      }
      drop(session);
    }
  }
}

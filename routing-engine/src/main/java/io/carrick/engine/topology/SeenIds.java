package io.carrick.engine.topology;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids of messages that came to one exchange lately: so many of them, the oldest goes first.
 * Guarded by {@code this}: any loop may come.
 */
final class SeenIds {

  /** About what one takes beside its text. */
  private static final long ENTRY_BYTES = 120;

  private final int most;
  private final Map<String, Seen> byId = new LinkedHashMap<>();
  private long bytes;

  SeenIds(int most) {
    this.most = most;
  }

  /**
   * Notes the message that comes with an id, unless one has come before that is not too old.
   *
   * @param now the loop's {@code nanoTime}
   * @return that one; null if this is the first
   */
  synchronized @Nullable Seen note(Seen seen, long now) {
    Seen before = byId.get(seen.id);
    if (before != null && !before.isOver(now)) {
      return before;
    }
    forget(seen.id);
    if (byId.size() >= most) {
      Iterator<String> oldest = byId.keySet().iterator();
      forget(oldest.next());
    }
    byId.put(seen.id, seen);
    bytes += bytes(seen.id);
    return null;
  }

  private void forget(String id) {
    if (byId.remove(id) != null) {
      bytes -= bytes(id);
    }
  }

  private static long bytes(String id) {
    return ENTRY_BYTES + id.length();
  }

  /** A message with that id may come again. */
  synchronized void forget(Seen seen) {
    if (byId.get(seen.id) == seen) {
      forget(seen.id);
    }
  }

  /** Returns about how many bytes of memory they take. From any thread. */
  synchronized long heldBytes() {
    return bytes;
  }
}

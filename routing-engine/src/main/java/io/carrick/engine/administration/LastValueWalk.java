package io.carrick.engine.administration;

import io.carrick.LastValueInfo;
import io.carrick.Message;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.LastValueCursor;
import java.util.Optional;
import java.util.function.Consumer;

/** Goes through the last values of one virtual host. Confined to the loop that lists. */
final class LastValueWalk {

  private final VirtualHost host;
  private final LastValueCursor cursor;
  private int at;

  LastValueWalk(VirtualHost host, LastValueCursor cursor) {
    this.host = host;
    this.cursor = cursor;
  }

  /** Shows some as {@link Reader#read} does; to get to where a page begins takes calls as well. */
  int read(int from, int most, Consumer<LastValueInfo> into) {
    for (int i = 0; i < most; i++) {
      Optional<Message> next = cursor.next();
      if (next.isEmpty()) {
        return cursor.atEnd() ? Reader.ALL : Math.max(at, from);
      }
      if (at++ >= from) {
        into.accept(new LastValueInfo(host.name(), next.get()));
      }
    }
    return Math.max(at, from);
  }
}

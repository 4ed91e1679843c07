package io.carrick.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * Files of queues of which nothing is needed any more once an image says so. Confined to the
 * compactor's thread.
 */
final class DeadFiles {

  private final List<Dead> files = new ArrayList<>();
  private long bytes;

  /** One of them. Immutable. */
  record Dead(String name, long bytes) {}

  void add(String name, long fileBytes) {
    add(new Dead(name, fileBytes));
  }

  void add(Dead file) {
    files.add(file);
    bytes += file.bytes;
  }

  List<Dead> files() {
    return files;
  }

  /** Returns the bytes of all of them. */
  long bytes() {
    return bytes;
  }

  /** Returns them, for an image that is going to be made, and forgets them. */
  List<Dead> take() {
    List<Dead> taken = List.copyOf(files);
    files.clear();
    bytes = 0;
    return taken;
  }
}

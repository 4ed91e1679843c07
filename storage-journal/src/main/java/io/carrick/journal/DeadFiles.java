package io.carrick.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * Files of queues of which nothing is needed any more once an image says so. Confined to the
 * keeper's thread.
 */
final class DeadFiles {

  private final List<ColdFile> files = new ArrayList<>();
  private long bytes;

  void add(ColdFile file) {
    files.add(file);
    bytes += file.end();
  }

  List<ColdFile> files() {
    return files;
  }

  /** Returns the bytes of all of them. */
  long bytes() {
    return bytes;
  }

  /** Returns them, for an image that is going to be made, and forgets them. */
  List<ColdFile> take() {
    List<ColdFile> taken = List.copyOf(files);
    files.clear();
    bytes = 0;
    return taken;
  }
}

package io.carrick.journal;

import java.util.List;

/**
 * What is written of one stream, for those who read it. Written in the compactor's thread, read in
 * any.
 */
final class StreamView {

  private volatile List<StreamFile> files = List.of();
  private volatile long end;

  /** Shows other files. */
  void show(List<StreamFile> now) {
    files = now;
  }

  /** Everything before an offset is written. */
  void writtenTo(long offset) {
    end = offset;
  }

  /** Returns the offset behind what is written. */
  long end() {
    return end;
  }

  boolean has(StreamFile file) {
    return files.contains(file);
  }

  /** Returns the first file that has an offset or a later one; null if none has. */
  @org.jspecify.annotations.Nullable
  StreamFile fileOf(long offset) {
    List<StreamFile> now = files;
    int low = 0;
    int high = now.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (now.get(middle).end() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < now.size() ? now.get(low) : null;
  }
}

package io.carrick.benchmarks.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes batches of as many bytes as so many messages have to a zeroed file, syncs each, and does
 * nothing else. Confined to one thread.
 */
final class BareLoop implements AutoCloseable {

  private static final int FILE_BYTES = 64 << 20;

  /** About what a stored message has beside its payload. */
  private static final int OVERHEAD_BYTES = 24;

  private final Path path;
  private final FileChannel file;
  private final int messages;
  private final ByteBuffer batch;
  private long at;

  BareLoop(Path path, int messages, int payload) throws IOException {
    this.path = path;
    this.messages = messages;
    this.batch = ByteBuffer.allocateDirect(messages * (payload + OVERHEAD_BYTES));
    this.file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    file.write(ByteBuffer.allocateDirect(FILE_BYTES), 0);
    file.force(true);
  }

  /** Runs for a while, and returns how many messages a second that would have been. */
  double run(double seconds) throws IOException {
    long count = 0;
    var meter = new Meter();
    while (meter.seconds() < seconds) {
      if (at + batch.capacity() > FILE_BYTES) {
        at = 0;
      }
      at += file.write(batch.clear(), at);
      file.force(false);
      count += messages;
    }
    return count / meter.seconds();
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.delete(path);
  }
}

package io.carrick.journal;

import io.carrick.Message;
import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.Worker.Idle;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.StreamLog;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads streams, in a thread of its own, so that who reads what was written long ago keeps nobody
 * from writing. Confined to that thread, except {@link #read}, {@link #start} and {@link #close}.
 */
final class StreamReader {

  private static final int WINDOW_BYTES = 128 << 10;
  private static final int MOST_OPEN = 16;
  private static final int MOST_REMEMBERED = 4_096;

  private final FileSystem files;
  private final MessageCodec codec;
  private final BlockScan.Damage damage;
  private final Durability durability;
  private final Worker worker;

  private final Map<String, StoredFile> open = new Oldest<>(MOST_OPEN);

  /** Where blocks start that come behind those that were read last. */
  private final Map<Place, Long> next = new Oldest<>(MOST_REMEMBERED);

  private byte[] window = {};
  private long windowAt;
  private int windowBytes;

  /** An offset in a file. Immutable. */
  private record Place(String file, long offset) {}

  /** A map that forgets what was not used for longest. Confined to one thread. */
  private static final class Oldest<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    private final int most;

    Oldest(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      if (size() <= most) {
        return false;
      }
      if (eldest.getValue() instanceof StoredFile file) {
        closeFile(file);
      }
      return true;
    }
  }

  StreamReader(
      FileSystem files, MessageCodec codec, BlockScan.Damage damage, Durability durability) {
    this.files = files;
    this.codec = codec;
    this.damage = damage;
    this.durability = durability;
    this.worker =
        new Worker(
            "carrick-journal-reader",
            waited -> Idle.WHEN_ASKED,
            e -> durability.fail("streams cannot be read", e));
  }

  // ---- from any thread

  void start() {
    worker.start();
  }

  /**
   * Reads from an offset on.
   *
   * @param done gets what there is, in the reader's thread
   */
  void read(StreamView view, long from, long maxBytes, StreamLog.Reader done) {
    worker.execute(() -> readNow(view, from, maxBytes, done));
  }

  void close() {
    worker.close();
    open.values().forEach(StreamReader::closeFile);
    open.clear();
  }

  private static void closeFile(StoredFile file) {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a stream's file cannot be closed", e);
    }
  }

  // ---- in the thread

  private void readNow(StreamView view, long from, long maxBytes, StreamLog.Reader done) {
    var batch = new Batch(from, maxBytes);
    if (!durability.failed()) {
      try {
        read(view, batch);
      } catch (IOException | RuntimeException | Error e) {
        durability.fail("a stream cannot be read", e);
        batch = new Batch(from, maxBytes);
      }
    }
    done.read(batch.first, batch.messages);
  }

  private void read(StreamView view, Batch batch) throws IOException {
    StreamFile file = view.fileOf(batch.from);
    while (file != null && batch.messages.isEmpty()) {
      try {
        read(file, batch);
        if (batch.messages.isEmpty()) {
          file = view.fileOf(file.end()); // the rest of it is damaged, and that is passed over
        }
      } catch (NoSuchFileException | FileNotFoundException e) {
        if (view.has(file)) {
          throw e;
        }
        file = view.fileOf(batch.from); // it was dropped meanwhile
      }
    }
  }

  /** Messages that are read together. Confined to the thread. */
  private final class Batch {

    final long from;
    final long maxBytes;
    final List<Message> messages = new ArrayList<>();
    long first;
    private long bytes;

    Batch(long from, long maxBytes) {
      this.from = from;
      this.maxBytes = maxBytes;
      this.first = from;
    }

    boolean full() {
      return bytes >= maxBytes;
    }

    /** Takes the messages of a block, and returns the offset behind them. */
    long take(byte[] block, int at, int end, long base) {
      var in = new Input(block, at, end);
      long offset = base;
      for (; !in.atEnd(); offset++) {
        if (offset < from) {
          in.skipBytes();
          in.skipBytes();
          continue;
        }
        if (messages.isEmpty()) {
          first = offset;
        } else if (first + messages.size() != offset) {
          return offset; // damage has left a hole: what is behind it is another batch
        }
        byte[] head = in.bytes();
        Message message = codec.message(head, in.bytes());
        messages.add(message);
        bytes += message.payload().length + StreamLog.EACH_BYTES;
      }
      return offset;
    }
  }

  private void read(StreamFile stream, Batch batch) throws IOException {
    StoredFile file = opened(stream.name());
    long end = stream.extent().end();
    Long remembered = next.remove(new Place(stream.name(), batch.from));
    long at = remembered == null ? stream.startBefore(batch.from) : remembered;
    windowBytes = 0;
    while (at < end && !batch.full()) {
      Block.Header header = header(file, stream, at, end);
      if (header == null || !loaded(file, at, header, end)) {
        readDamaged(stream, batch);
        return;
      }
      stream.note(header.base(), at);
      long behind = at + Block.HEADER_BYTES + header.length();
      if (isBefore(file, stream, behind, end, batch.from)) {
        at = behind;
        continue;
      }
      int records = (int) (at - windowAt) + Block.HEADER_BYTES;
      if (!header.matches(window, records)) {
        readDamaged(stream, batch);
        return;
      }
      long offset = batch.take(window, records, records + header.length(), header.base());
      at = behind;
      if (batch.full()) {
        next.put(new Place(stream.name(), offset), at);
      }
    }
  }

  private StoredFile opened(String name) throws IOException {
    StoredFile there = open.get(name);
    if (there == null) {
      there = files.open(name);
      open.put(name, there);
    }
    return there;
  }

  private Block.@Nullable Header header(StoredFile file, StreamFile stream, long at, long end)
      throws IOException {
    load(file, at, Block.HEADER_BYTES, end);
    return at + Block.HEADER_BYTES > windowAt + windowBytes
        ? null
        : Block.header(
            ByteBuffer.wrap(window), (int) (at - windowAt), stream.blocks.header.epoch(), at);
  }

  private boolean loaded(StoredFile file, long at, Block.Header header, long end)
      throws IOException {
    int whole = Block.HEADER_BYTES + header.length();
    if (at + whole > end) {
      return false;
    }
    load(file, at, whole, end);
    return at + whole <= windowAt + windowBytes;
  }

  /** Returns whether a block ends before an offset, as what is behind it starts before that. */
  private boolean isBefore(StoredFile file, StreamFile stream, long behind, long end, long offset)
      throws IOException {
    if (behind >= end || behind + Block.HEADER_BYTES > windowAt + windowBytes) {
      return false; // then its messages are passed over one by one
    }
    Block.Header header = header(file, stream, behind, end);
    return header != null && header.base() <= offset;
  }

  /** Fills the window so that it has bytes from one place of a file on, if they are there. */
  private void load(StoredFile file, long at, int wanted, long end) throws IOException {
    if (at >= windowAt && at + wanted <= windowAt + windowBytes) {
      return;
    }
    int count = (int) Math.min(Math.max(wanted, WINDOW_BYTES), end - at);
    if (window.length < count || (window.length > WINDOW_BYTES && count <= WINDOW_BYTES)) {
      window = new byte[Math.max(count, WINDOW_BYTES)];
    }
    windowAt = at;
    windowBytes = file.readFully(ByteBuffer.wrap(window, 0, count), at);
  }

  /** Reports damage, and reads the first whole block behind it if it is to be passed over. */
  private void readDamaged(StreamFile stream, Batch batch) throws IOException {
    if (!batch.messages.isEmpty()) {
      return; // next time
    }
    StoredFile file = opened(stream.name());
    long end = stream.extent().end();
    var scan = new BlockScan(file, stream.name(), stream.blocks.header, end, damage);
    while (batch.messages.isEmpty() && scan.next()) {
      batch.take(scan.bytes(), scan.from(), scan.to(), scan.base());
    }
  }
}

package io.carrick.journal;

import io.carrick.Message;
import io.carrick.journal.Input.MalformedException;
import io.carrick.journal.RecoveredMessages.Source;
import io.carrick.storage.MessageCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages that several queues have out of memory, each once: queues' own files only say where. A
 * file goes when no file of a queue refers to it any more. Confined to the compactor's thread.
 */
final class SharedFiles {

  /** How many messages are remembered that were written last: queues ask for them soon or never. */
  private static final int REMEMBERED = 1 << 14;

  /** How many blocks are kept that were read last, for queues that read at about the same time. */
  private static final int READ_BLOCKS = 4;

  private static final int MOST_READ_BYTES = 256 << 10;
  private static final int FIRST_BYTES = 16 << 10;
  private static final int FIRST_MESSAGES = 16;

  private final OpenFiles files;
  private final long journalId;
  private final long fileBytes;
  private final Source source;
  private final DeadFiles dead;

  private final TreeMap<Long, SharedFile> all = new TreeMap<>();
  private @Nullable SharedFile writing;
  private long written;

  // the block that is being made
  private @Nullable Output out;
  private final List<Remembered> added = new ArrayList<>();

  /** By the lower bits of their sequences; null until something is shared. */
  private Remembered @Nullable [] remembered;

  private final Loaded[] loaded = new Loaded[READ_BLOCKS];
  private int oldest;

  /**
   * Where a message is. Immutable.
   *
   * @param file the number of the file
   * @param block where its block starts there
   * @param index how many messages are before it in the block
   */
  record Place(long file, long block, int index) {}

  private record Remembered(long sequence, Place place) {}

  /** A block that was read, and its messages that were. Confined to the compactor's thread. */
  private static final class Loaded {
    final long file;
    final long block;

    /** Null if it is damaged, which was reported. */
    final byte @Nullable [] bytes;

    private int[] offsets = {};
    private @Nullable Message[] messages = {};

    Loaded(long file, long block, byte @Nullable [] bytes) {
      this.file = file;
      this.block = block;
      this.bytes = bytes;
    }

    /** Finds out where each message starts. */
    private void index(byte[] there) {
      var in = new Input(there, Block.HEADER_BYTES, there.length);
      int count = 0;
      while (!in.atEnd()) {
        if (count == offsets.length) {
          offsets = Arrays.copyOf(offsets, Math.max(FIRST_MESSAGES, 2 * count));
        }
        offsets[count++] = in.at();
        in.skipBytes();
        in.skipBytes();
      }
      offsets = Arrays.copyOf(offsets, count);
      messages = new @Nullable Message[count];
    }

    @Nullable Message message(int index, MessageCodec codec) {
      byte[] there = bytes;
      if (there == null) {
        return null;
      }
      if (offsets.length == 0) {
        index(there);
      }
      if (index >= offsets.length) {
        throw new MalformedException("message " + index + " of " + offsets.length);
      }
      Message message = messages[index];
      if (message == null) {
        var in = new Input(there, offsets[index], there.length);
        byte[] head = in.bytes();
        message = codec.message(head, in.bytes());
        messages[index] = message;
      }
      return message;
    }
  }

  SharedFiles(OpenFiles files, long journalId, long fileBytes, Source source, DeadFiles dead) {
    this.files = files;
    this.journalId = journalId;
    this.fileBytes = fileBytes;
    this.source = source;
    this.dead = dead;
  }

  Collection<SharedFile> all() {
    return all.values();
  }

  /** Returns the bytes of all of them. */
  long bytes() {
    long bytes = 0;
    for (SharedFile file : all.values()) {
      bytes += file.end();
    }
    return bytes;
  }

  /** Returns how many bytes were ever written. */
  long written() {
    return written;
  }

  // ---- an earlier run

  /** Takes over a file that an image knows. */
  void recovered(long number, long end) throws IOException {
    SharedFile file = SharedFile.recovered(files, journalId, number, end);
    if (file.blocks.check(source.damage())) {
      all.put(number, file);
    }
  }

  /** Everything of the earlier run is known now. */
  void recoveryComplete() {
    all.values().removeIf(file -> !file.isReferredTo());
  }

  // ---- who refers to them

  void refer(long number) {
    SharedFile file = all.get(number);
    if (file != null) {
      file.refer();
    }
  }

  void release(long number) {
    SharedFile file = all.get(number);
    if (file != null) {
      file.release();
      if (!file.isReferredTo()) {
        discard(file);
      }
    }
  }

  private void discard(SharedFile file) {
    if (file == writing) {
      writing = null;
    }
    all.remove(file.number());
    file.blocks.close();
    dead.add(file.blocks.name, file.end());
  }

  // ---- writing

  /** Returns where a message is, or will be once {@link #write} was called. */
  Place place(long sequence, Message message) throws IOException {
    Remembered there = remember()[slot(sequence)];
    if (there != null && there.sequence == sequence && all.containsKey(there.place.file)) {
      return there.place;
    }
    Output open = out;
    if (open == null) {
      roll();
      open = Block.start(FIRST_BYTES);
      out = open;
    }
    SharedFile file = java.util.Objects.requireNonNull(writing);
    var place = new Place(file.number(), file.end(), added.size());
    open.bytes(source.codec().head(message));
    open.bytes(message.payload());
    added.add(new Remembered(sequence, place));
    return place;
  }

  private Remembered[] remember() {
    Remembered[] there = remembered;
    if (there == null) {
      there = new Remembered[REMEMBERED];
      remembered = there;
    }
    return there;
  }

  private static int slot(long sequence) {
    return (int) sequence & REMEMBERED - 1;
  }

  private void roll() throws IOException {
    SharedFile file = writing;
    if (file != null && file.end() >= fileBytes) {
      writing = null;
      if (!file.isReferredTo()) {
        discard(file);
      }
      file = null;
    }
    if (file == null) {
      file = SharedFile.create(files, journalId, files.newNumber());
      all.put(file.number(), file);
      writing = file;
    }
  }

  /** Writes what was added, if anything was. */
  void write() throws IOException {
    Output open = out;
    if (open != null) {
      java.util.Objects.requireNonNull(writing).blocks.append(Block.of(open, 0));
      written += open.length();
      for (Remembered one : added) {
        remember()[slot(one.sequence)] = one;
      }
      abandon();
    }
  }

  /** Forgets what was added and not written. */
  void abandon() {
    out = null;
    added.clear();
  }

  // ---- reading

  /** Reads a message; returns null if it is damaged and that is to be passed over. */
  @Nullable Message read(Place place) throws IOException {
    try {
      return block(place).message(place.index, source.codec());
    } catch (MalformedException | IllegalArgumentException e) {
      String name = LogFileNames.shared(place.file);
      source.damage().found(name, place.block, place.block, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private Loaded block(Place place) throws IOException {
    for (Loaded one : loaded) {
      if (one != null && one.block == place.block && one.file == place.file) {
        return one;
      }
    }
    var read = new Loaded(place.file, place.block, load(place));
    if (read.bytes == null || read.bytes.length <= MOST_READ_BYTES) {
      loaded[oldest] = read;
      oldest = (oldest + 1) % READ_BLOCKS;
    }
    return read;
  }

  private byte @Nullable [] load(Place place) throws IOException {
    String name = LogFileNames.shared(place.file);
    SharedFile file = all.get(place.file);
    if (file == null) {
      source.damage().found(name, place.block, place.block, "the file is missing");
      return null;
    }
    byte[] bytes = BlockScan.block(file.blocks.file, file.blocks.header, place.block);
    if (bytes == null) {
      source.damage().found(name, place.block, place.block, "the checksum is wrong");
    }
    return bytes;
  }
}

package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier run has left of a queue, read in the order of sequences: from the log, and from
 * files of the queue's own. Confined to the compactor's thread.
 */
final class RecoveredMessages {

  private static final int FIRST = 8;

  /** What only the log has. */
  private LogPlaces logged = new LogPlaces();

  /** Everything up to this sequence has been read. */
  private long readUpTo;

  private final List<ColdFile> unopened = new ArrayList<>();
  private final List<FileIndex> opened = new ArrayList<>();

  /** What is to come of one file. Confined to the compactor's thread. */
  private static final class FileIndex {
    final ColdFile file;
    final FileWindow window;
    long[] sequences = new long[FIRST];

    /** Offset in the file, and the ordinal below it. */
    long[] places = new long[FIRST];

    /** Which of {@link #behind} the record reads on from; empty if none is in a shared file. */
    int[] behinds = {};

    /** Blocks of shared files: number and offset of each. */
    long[] behind = {};

    int behindSize;

    int size;
    int next;

    FileIndex(ColdFile file) {
      this.file = file;
      this.window = new FileWindow(file.blocks.name, FileWindow.SMALL_BYTES);
    }

    void add(long sequence, long offset, int ordinal) {
      if (size == sequences.length) {
        sequences = Arrays.copyOf(sequences, size * 2);
        places = Arrays.copyOf(places, size * 2);
      }
      sequences[size] = sequence;
      places[size++] = offset << Integer.SIZE | ordinal;
    }

    /** Notes which block of a shared file the records before the last one had come to. */
    void lastIsBehind(long file, long block) {
      if (file == 0) {
        return;
      }
      if (behindSize == 0 || behind[behindSize - 2] != file || behind[behindSize - 1] != block) {
        if (behindSize == behind.length) {
          behind = Arrays.copyOf(behind, Math.max(FIRST, 2 * behindSize));
        }
        behind[behindSize++] = file;
        behind[behindSize++] = block;
      }
      if (behinds.length < sequences.length) {
        behinds = Arrays.copyOf(behinds, sequences.length);
      }
      behinds[size - 1] = behindSize;
    }

    Chunk.Reader reader(Input in, MessageCodec codec, int index) {
      var reader = new Chunk.Reader(in, codec);
      int end = index < behinds.length ? behinds[index] : 0;
      return end == 0 ? reader : reader.behind(behind[end - 2], behind[end - 1]);
    }

    /** Puts it in the order of sequences. */
    void sort() {
      int[] order = sorted(sequences, size);
      sequences = permuted(sequences, order);
      places = permuted(places, order);
      if (behinds.length > 0) {
        int[] all = Arrays.copyOf(behinds, sequences.length);
        behinds = Arrays.stream(order).map(i -> i < all.length ? all[i] : 0).toArray();
      }
    }
  }

  LogPlaces logged() {
    return logged;
  }

  /** Returns the indexes in the order of their keys, which differ from each other. */
  private static int[] sorted(long[] keys, int count) {
    long[] rising = Arrays.copyOf(keys, count);
    Arrays.sort(rising);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[Arrays.binarySearch(rising, keys[i])] = i;
    }
    return order;
  }

  private static long[] permuted(long[] values, int[] order) {
    return Arrays.stream(order).mapToLong(i -> values[i]).toArray();
  }

  /** Everything has been noted: what follows is reading. */
  void complete() {
    logged.complete();
  }

  void add(ColdFile file) {
    unopened.add(file);
    unopened.sort(Comparator.comparingLong(ColdFile::lowest));
  }

  // ---- while it is read

  boolean needs(ColdFile file) {
    return unopened.contains(file) || opened.stream().anyMatch(index -> index.file == file);
  }

  /** Forgets a file that has been settled as a whole. */
  void forget(ColdFile file) {
    unopened.remove(file);
    opened.removeIf(index -> index.file == file);
  }

  /** Takes what was read. */
  interface Taker {
    /** A message of the log. */
    void fromLog(StoredMessage message);

    /** A message of a file. */
    void fromFile(StoredMessage message, ColdFile file, int ordinal);

    /** Returns the files to which those of the queue refer. */
    SharedFiles shared();

    /** A file has been read to its end. */
    void finished(ColdFile file);
  }

  /** What reading needs. Immutable. */
  record Source(LogFiles log, MessageCodec codec, BlockScan.Damage damage) {}

  /** Reads the next message; returns false if there is none. */
  boolean read(LiveQueue queue, Source source, Taker taker) throws IOException {
    FileIndex index = lowest();
    while (!unopened.isEmpty() && unopened.get(0).lowest() <= candidate(index)) {
      open(unopened.remove(0), queue, source, taker);
      index = lowest();
    }
    long fromLog = logged.first();
    if (index == null && fromLog == LogPlaces.NOTHING) {
      return false;
    }
    if (index == null || fromLog < index.sequences[index.next]) {
      Message message = source.log.read(logged.takeFirst(), in -> message(in, source.codec));
      readUpTo = fromLog;
      taker.fromLog(new StoredMessage(fromLog, message, null));
    } else {
      readFrom(index, source, taker);
    }
    return true;
  }

  private static Message message(Input in, MessageCodec codec) {
    LogRecords.skipToMessage(in);
    byte[] head = in.bytes();
    return codec.message(head, in.bytes());
  }

  private long candidate(@Nullable FileIndex index) {
    long fromLog = logged.first();
    return index == null ? fromLog : Math.min(fromLog, index.sequences[index.next]);
  }

  private @Nullable FileIndex lowest() {
    FileIndex lowest = null;
    for (FileIndex index : opened) {
      if (lowest == null || index.sequences[index.next] < lowest.sequences[lowest.next]) {
        lowest = index;
      }
    }
    return lowest;
  }

  private void readFrom(FileIndex index, Source source, Taker taker) throws IOException {
    long sequence = index.sequences[index.next];
    int at = index.next++;
    long place = index.places[at];
    Chunk.Entry entry =
        index.window.read(
            index.file.blocks.file,
            place >>> Integer.SIZE,
            in -> index.reader(in, source.codec, at).next());
    StoredMessage read = entry.read(taker.shared());
    readUpTo = sequence;
    if (read == null) {
      index.file.settleLost((int) place, (int) place + 1);
    } else {
      taker.fromFile(
          new StoredMessage(sequence, read.message(), read.tag()), index.file, (int) place);
    }
    if (index.next == index.size) {
      opened.remove(index);
      taker.finished(index.file);
    }
  }

  /** Looks through a file for what is live in it. */
  private void open(ColdFile file, LiveQueue queue, Source source, Taker taker) throws IOException {
    var index = new FileIndex(file);
    var scan = file.blocks.scan(source.damage).ahead(BlockScan.SMALL_WINDOW_BYTES);
    boolean rising = true;
    int ordinal = 0;
    while (scan.next()) {
      file.settleLost(ordinal, (int) scan.base());
      var reader = new Chunk.Reader(new Input(scan.bytes(), scan.from(), scan.to()), source.codec);
      for (ordinal = (int) scan.base(); !reader.atEnd(); ordinal++) {
        long offset = scan.bufferAt() + reader.at();
        long sharedFile = reader.sharedFile();
        long sharedBlock = reader.sharedBlock();
        long sequence = reader.skip();
        if (sequence == 0 || file.isSettled(ordinal)) {
          continue;
        }
        if (queue.settledEarlier.remove(sequence)) {
          // From here on the file knows it itself, and says so in the next image.
          file.settle(ordinal);
          continue;
        }
        rising &= index.size == 0 || index.sequences[index.size - 1] < sequence;
        index.add(sequence, offset, ordinal);
        index.lastIsBehind(sharedFile, sharedBlock);
      }
    }
    file.settleLost(ordinal, file.records());
    if (!rising) {
      index.sort();
    }
    if (index.size > 0) {
      opened.add(index);
    } else {
      taker.finished(file);
    }
  }

  /** The log's older part was written anew: says where messages are now. */
  void moved(LogPlaces places) {
    places.complete();
    places.removeUpTo(readUpTo);
    logged = places;
  }
}

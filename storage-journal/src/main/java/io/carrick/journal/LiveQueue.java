package io.carrick.journal;

import io.carrick.journal.LiveQueueRecord.FileRecord;
import io.carrick.journal.RecoveredMessages.Source;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the journal knows of one queue: which of its messages only the log has, and its own files
 * with those that are out of memory. Confined to the compactor's thread.
 */
final class LiveQueue {

  /** In {@link #inWal}: a message that no other queue has, or that is small. */
  static final long ITS_OWN = 0;

  /** In {@link #inWal}: a message that other queues have as well. */
  static final long SHARED = 1;

  /** Messages that only the log has, but for those that an earlier run has left unread. */
  final SequenceRing inWal = new SequenceRing();

  /** What an earlier run settled of the files, known by sequence alone. */
  final Ranges settledEarlier = new Ranges();

  private final long id;

  private @Nullable RecoveredMessages recovered;

  /** What there is of it beside if it is a stream; null if it is none, as far as that is known. */
  private @Nullable LiveStream stream;

  // files of the queue's own
  private final Map<Long, ColdFile> files = new HashMap<>();
  private final ArrayDeque<ColdFile> unread = new ArrayDeque<>();
  private @Nullable ColdFile writing;

  /** Messages of the files that were read and are not settled, with file and ordinal. */
  private final SequenceRing out = new SequenceRing();

  // where the reading of the first unread file is
  private @Nullable BlockScan scan;
  private Chunk.@Nullable Reader reader;
  private int ordinal;

  /** What a queue needs of the journal. Immutable. */
  record Surroundings(
      OpenFiles files,
      long journalId,
      long coldBytes,
      Source source,
      DeadFiles dead,
      SharedFiles shared) {

    static Surroundings of(OpenFiles files, long journalId, long coldBytes, Source source) {
      var dead = new DeadFiles();
      var shared = new SharedFiles(files, journalId, coldBytes, source, dead);
      return new Surroundings(files, journalId, coldBytes, source, dead, shared);
    }
  }

  LiveQueue(long id) {
    this.id = id;
  }

  long id() {
    return id;
  }

  boolean isEmpty() {
    return inWal.count() == 0
        && files.isEmpty()
        && unreadInLog() == null
        && (stream == null || stream.isEmpty());
  }

  // ---- streams

  /** Returns what there is of it beside if it is a stream, else null. */
  @Nullable LiveStream stream() {
    return stream;
  }

  /** It is a stream. */
  LiveStream asStream() {
    LiveStream there = stream;
    if (there == null) {
      there = new LiveStream(id);
      stream = there;
    }
    return there;
  }

  /** Returns how many messages an earlier run has left: of a queue those that are to be read. */
  long leftMessages() {
    return recoveredCount() + (stream == null ? 0 : stream.messages());
  }

  /** Returns about how many bytes they have. */
  long leftBytes() {
    return recoveredBytes() + (stream == null ? 0 : stream.bytes());
  }

  /** Returns the files of its own. */
  List<BlockFile> blockFiles() {
    var all = new ArrayList<BlockFile>();
    files.values().forEach(file -> all.add(file.blocks));
    if (stream != null) {
      stream.files().forEach(file -> all.add(file.blocks));
    }
    return all;
  }

  /** Returns what an earlier run has left in the log alone; null without any. */
  @Nullable LogPlaces leftInLog() {
    return unreadInLog();
  }

  /** Nothing that an earlier run has left in the log is needed any more. */
  void forgetLeft() {
    recovered = null;
    settledEarlier.clear();
  }

  // ---- an earlier run

  RecoveredMessages recovered() {
    RecoveredMessages there = recovered;
    if (there == null) {
      there = new RecoveredMessages();
      recovered = there;
    }
    return there;
  }

  /** Takes over the queue's files. */
  void recovered(LiveQueueRecord record, Surroundings with) throws IOException {
    with.files.numbersFrom(record.nextFile());
    for (FileRecord file : record.files()) {
      ColdFile there = ColdFile.recovered(with.files, with.journalId, id, file);
      if (there.blocks.check(with.source.damage())) {
        files.put(file.number(), there);
        there.shared().forEach(with.shared::refer);
        recovered().add(there);
      }
    }
  }

  /** Everything of the earlier run is known now. */
  void recoveryComplete() {
    RecoveredMessages there = recovered;
    if (there != null) {
      there.complete();
    }
    if (stream != null && unreadInLog() == null) {
      stream.forgetPlaces();
    }
  }

  /** Returns what an earlier run has left in the log and nobody has read; null without any. */
  private @Nullable LogPlaces unreadInLog() {
    RecoveredMessages there = recovered;
    return there == null || there.logged().count() == 0 ? null : there.logged();
  }

  /** Returns how many messages are to be read. */
  long recoveredCount() {
    LogPlaces unread = unreadInLog();
    long count = (unread == null ? 0 : unread.count()) - settledEarlier.count();
    for (ColdFile file : files.values()) {
      count += file.unsettled();
    }
    return Math.max(0, count);
  }

  /** Returns about how many bytes they have. */
  long recoveredBytes() {
    if (recoveredCount() == 0) {
      return 0;
    }
    LogPlaces unread = unreadInLog();
    long bytes = unread == null ? 0 : unread.payloadBytes();
    for (ColdFile file : files.values()) {
      bytes += file.unsettledBytes();
    }
    return bytes;
  }

  // ---- out of memory and back

  /** Adds messages behind all others, and returns how many bytes were written. */
  int append(List<StoredMessage> messages, Surroundings with) throws IOException {
    long sharedBefore = with.shared.written();
    Chunk chunk = chunk(messages, with);
    ColdFile file = writing;
    if (file == null || file.end() >= with.coldBytes || !file.hasRoomFor(chunk)) {
      file = ColdFile.create(with.files, with.journalId, id, with.files.newNumber());
      files.put(file.number(), file);
      unread.add(file);
      writing = file;
    }
    int first = file.records();
    file.append(chunk);
    for (long number : chunk.shared()) {
      if (file.refersTo(number)) {
        with.shared.refer(number);
      }
    }
    for (int i = 0; i < chunk.count(); i++) {
      long sequence = chunk.sequence(i);
      if (sequence != 0 && inWal.remove(sequence) == SequenceRing.ABSENT) {
        // The queue was dropped or the message settled meanwhile: not to come back.
        file.settle(first + i);
      }
    }
    return chunk.block().length() + (int) (with.shared.written() - sharedBefore);
  }

  private Chunk chunk(List<StoredMessage> messages, Surroundings with) throws IOException {
    try {
      Chunk chunk = Chunk.of(messages, with.source.codec(), m -> place(m, with));
      with.shared.write();
      return chunk;
    } catch (IOException e) {
      with.shared.abandon();
      throw e;
    }
  }

  private SharedFiles.@Nullable Place place(StoredMessage m, Surroundings with) throws IOException {
    return m.sequence() != 0 && inWal.place(m.sequence()) == SHARED
        ? with.shared.place(m.sequence(), m.message())
        : null;
  }

  /** What was read. Confined to the compactor's thread. */
  final class Read implements RecoveredMessages.Taker {
    final List<StoredMessage> messages = new ArrayList<>();
    private final Surroundings with;
    private long bytes;

    Read(Surroundings with) {
      this.with = with;
    }

    @Override
    public void fromLog(StoredMessage message) {
      take(message);
      inWal.add(message.sequence(), ITS_OWN);
    }

    @Override
    public void fromFile(StoredMessage message, ColdFile file, int at) {
      take(message);
      if (message.sequence() != 0 && !file.isSettled(at)) {
        out.add(message.sequence(), file.number() << Integer.SIZE | at);
      }
    }

    @Override
    public SharedFiles shared() {
      return with.shared;
    }

    @Override
    public void finished(ColdFile file) {
      retireIfDone(file, with);
    }

    private void take(StoredMessage message) {
      messages.add(message);
      bytes += message.message().payload().length;
    }
  }

  /** Reads the next messages; fewer than asked for if no more are there. */
  List<StoredMessage> read(int maxMessages, long maxBytes, Surroundings with) throws IOException {
    var read = new Read(with);
    boolean more = true;
    while (more && read.messages.size() < maxMessages && read.bytes < maxBytes) {
      RecoveredMessages earlier = recovered;
      if (earlier == null) {
        more = readOne(read, with);
      } else if (!earlier.read(this, with.source, read)) {
        recovered = null;
        settledEarlier.clear();
      }
    }
    return read.messages;
  }

  private boolean readOne(Read read, Surroundings with) throws IOException {
    while (reader == null || reader.atEnd()) {
      if (!nextBlock(with)) {
        return false;
      }
    }
    ColdFile file = unread.getFirst();
    int at = ordinal++;
    StoredMessage message = reader.next().read(with.shared);
    if (message == null) {
      file.settleLost(at, at + 1);
    } else {
      read.fromFile(message, file, at);
    }
    return true;
  }

  private boolean nextBlock(Surroundings with) throws IOException {
    reader = null;
    ColdFile file = unread.peekFirst();
    if (file == null) {
      return false;
    }
    BlockScan blocks = scan;
    if (blocks == null) {
      blocks = file.blocks.scan(with.source.damage()).ahead(BlockScan.SMALL_WINDOW_BYTES);
      scan = blocks;
    }
    blocks.endsAt(file.end());
    if (!blocks.next()) {
      file.settleLost(ordinal, file.records());
      ordinal = 0;
      unread.removeFirst();
      scan = null;
      if (file == writing) {
        writing = null;
      }
      retireIfDone(file, with);
      return !unread.isEmpty();
    }
    reader =
        new Chunk.Reader(
            new Input(blocks.bytes(), blocks.from(), blocks.to()), with.source.codec());
    file.settleLost(ordinal, (int) blocks.base());
    ordinal = (int) blocks.base();
    return true;
  }

  // ---- settling

  /** Settles a message; returns whether the queue had it. */
  boolean settle(long sequence, Surroundings with) {
    if (inWal.remove(sequence) != SequenceRing.ABSENT) {
      return true;
    }
    RecoveredMessages earlier = recovered;
    if (earlier != null && earlier.logged().remove(sequence)) {
      return true;
    }
    long place = out.remove(sequence);
    if (place == SequenceRing.ABSENT) {
      return false;
    }
    ColdFile file = files.get(place >>> Integer.SIZE);
    if (file != null) {
      file.settle((int) place);
      retireIfDone(file, with);
    }
    return true;
  }

  /**
   * Returns whether one of its files may have a message: what none has was settled before, and is
   * not to be taken from the count once more.
   */
  boolean mayHaveInFiles(long sequence) {
    for (ColdFile file : files.values()) {
      if (file.lowest() <= sequence && sequence <= file.highest()) {
        return true;
      }
    }
    return false;
  }

  private void retireIfDone(ColdFile file, Surroundings with) {
    boolean needed =
        file.unsettled() > 0
            || unread.contains(file)
            || (recovered != null && recovered.needs(file));
    if (!needed && files.remove(file.number()) != null) {
      retire(file, with);
    }
  }

  private static void retire(ColdFile file, Surroundings with) {
    file.blocks.close();
    with.dead.add(file.blocks.name, file.end());
    file.shared().forEach(with.shared::release);
  }

  /** Settles what was not read. */
  void clear(Surroundings with) {
    recovered = null;
    settledEarlier.clear();
    unread.clear();
    scan = null;
    reader = null;
    ordinal = 0;
    writing = null;
    Map<Long, BitSet> kept = new HashMap<>();
    for (long sequence : out.toArray()) {
      long place = out.place(sequence);
      kept.computeIfAbsent(place >>> Integer.SIZE, number -> new BitSet()).set((int) place);
    }
    for (ColdFile file : List.copyOf(files.values())) {
      file.settleAllBut(kept.getOrDefault(file.number(), new BitSet()));
      retireIfDone(file, with);
    }
  }

  /** Forgets everything. */
  void drop(Surroundings with) {
    if (stream != null) {
      stream.drop(with);
    }
    clear(with);
    inWal.removeRange(0, Long.MAX_VALUE);
    out.removeRange(0, Long.MAX_VALUE);
    files.values().forEach(file -> retire(file, with));
    files.clear();
  }

  // ---- for an image

  /** Returns what an image says of the files; null without any. */
  @Nullable LiveQueueRecord toRecord(Surroundings with) {
    if (files.isEmpty()) {
      return null;
    }
    var records = new ArrayList<FileRecord>();
    files.values().forEach(file -> records.add(file.toRecord()));
    return new LiveQueueRecord(id, with.files.nextNumber(), records);
  }

  List<ColdFile> files() {
    return List.copyOf(files.values());
  }

  /** Returns a copy of what an earlier run has left in the log; null if all of it is read. */
  @Nullable LogPlaces unread() {
    LogPlaces unread = unreadInLog();
    return unread == null ? null : unread.copy();
  }

  /** The log's older part was written anew: says where unread messages are now. */
  void moved(LogPlaces places) {
    RecoveredMessages earlier = recovered;
    if (earlier != null) {
      earlier.moved(places);
    }
  }
}

package io.carrick.journal;

import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.LogRecords.MessageBytes;
import io.carrick.journal.StreamRecord.FileRecord;
import io.carrick.storage.StreamLog.Segment;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the journal knows of one stream beside what it knows of any queue: its files, and what is on
 * the way there. A message comes by the log, waits until the log says at which offset it is, and is
 * written as the bytes that it is in the log. Confined to the compactor's thread.
 */
final class LiveStream {

  private static final int BLOCK_BYTES = 64 << 10;

  /** So much of an earlier run is in memory at a time. */
  private static final long MOVED_BYTES = 1 << 20;

  private final long id;
  private StreamView view = new StreamView();
  private List<StreamFile> files = List.of();

  /** Messages that have no offset yet, by sequence. */
  private final Map<Long, Raw> unplaced = new HashMap<>();

  /** What is to be written, in order. */
  private final ArrayDeque<Placed> waiting = new ArrayDeque<>();

  /** What is to be written behind what an earlier run has left. */
  private final ArrayDeque<Placed> behind = new ArrayDeque<>(0);

  /** Offsets that begin a file, with when the last message before them arrived. */
  private final TreeMap<Long, Long> starts = new TreeMap<>();

  /** Who waits until an offset is written. */
  private final List<Wait> waits = new ArrayList<>();

  /** Where messages of an earlier run are that only the log has. */
  private PlaceRuns left = new PlaceRuns();

  /** What is before this is to go. */
  private long dropped;

  /** Whether nothing of an earlier run is only in the log any more, and more may be written. */
  private boolean opened;

  /** The bytes of a message in the log: head and payload. Immutable. */
  private record Raw(byte[] bytes, int at, int end, int payload) {}

  private record Placed(long offset, long sequence, Raw raw) {}

  private record Wait(long offset, Runnable task) {}

  LiveStream(long id) {
    this.id = id;
  }

  boolean isEmpty() {
    return !opened && files.isEmpty() && left.isEmpty();
  }

  List<StreamFile> files() {
    return files;
  }

  private long end() {
    return files.isEmpty() ? 0 : files.get(files.size() - 1).end();
  }

  // ---- an earlier run

  /** Takes over the stream's files. */
  void recovered(StreamRecord record, Surroundings with) throws IOException {
    with.files().numbersFrom(record.nextFile());
    var there = new ArrayList<StreamFile>();
    for (FileRecord file : record.files()) {
      StreamFile recovered = StreamFile.recovered(with.files(), with.journalId(), id, file);
      if (recovered.blocks.check(with.source().damage())) {
        there.add(recovered);
      }
    }
    files = List.copyOf(there);
  }

  /** Notes where messages are that the log has. */
  void recoveredPlaces(long offset, long sequence, long count) {
    left.add(offset, sequence, count);
  }

  /** Only the log has none. */
  void forgetPlaces() {
    left.clear();
  }

  /** Returns how many messages are in files. */
  long messages() {
    return files.stream().mapToLong(f -> f.extent().messages()).sum();
  }

  long bytes() {
    return files.stream().mapToLong(f -> f.extent().payloadBytes()).sum();
  }

  /**
   * Returns the segments, with what only the log has as part of the last one.
   *
   * @param more how many messages that is
   * @param moreBytes of their payloads
   */
  List<Segment> segments(long more, long moreBytes) {
    var segments = new ArrayList<Segment>();
    for (StreamFile file : files) {
      StreamFile.Extent e = file.extent();
      if (e.messages() > 0) {
        segments.add(new Segment(file.first(), e.messages(), e.payloadBytes(), file.lastMs()));
      }
    }
    if (more > 0) {
      Segment last =
          segments.isEmpty() ? new Segment(end(), 0, 0, 0) : segments.remove(segments.size() - 1);
      segments.add(new Segment(last.first(), last.messages() + more, last.bytes() + moreBytes, 0));
    }
    return segments;
  }

  // ---- the loop's side

  /**
   * Lets the stream be written and read from now on: what only the log has of an earlier run is
   * written first. What it throws says that there is more to write: it is called again then.
   */
  void open(StreamView shown, LiveQueue queue, Surroundings with) throws IOException {
    view = shown;
    view.show(files);
    view.writtenTo(end());
    LogPlaces logged = queue.leftInLog();
    if (logged != null) {
      left = left.resolved(logged, end());
      for (PlaceRuns.Run run : left.all()) {
        move(run, logged, queue, with);
      }
      write(queue, with);
      queue.forgetLeft();
    }
    left.clear();
    opened = true;
    waiting.addAll(behind);
    behind.clear();
    write(queue, with);
  }

  private void move(PlaceRuns.Run run, LogPlaces logged, LiveQueue queue, Surroundings with)
      throws IOException {
    long bytes = 0;
    for (long i = 0; i < run.count(); i++) {
      long offset = run.offset() + i;
      // After a failed attempt some of it is written.
      if (offset >= end() + waiting.size()) {
        long sequence = run.sequence() + i;
        Raw raw = with.source().log().read(logged.place(sequence), LiveStream::raw);
        waiting.add(new Placed(offset, sequence, raw));
        bytes += raw.end;
        if (bytes >= MOVED_BYTES) {
          write(queue, with);
          bytes = 0;
        }
      }
    }
  }

  private static Raw raw(Input in) {
    LogRecords.skipToMessage(in);
    int at = in.at();
    in.skipBytes();
    int payload = in.skipBytes();
    byte[] bytes = java.util.Arrays.copyOfRange(in.array(), at, in.at());
    return new Raw(bytes, 0, bytes.length, payload);
  }

  void startsFile(long offset, long lastMs) {
    starts.put(offset, lastMs);
  }

  /** Runs a task once an offset is written. */
  void whenWritten(long offset, Runnable task) {
    if (view.end() > offset) {
      task.run();
    } else {
      waits.add(new Wait(offset, task));
    }
  }

  // ---- the log

  void appended(long sequence, MessageBytes m) {
    unplaced.put(sequence, new Raw(m.bytes(), m.at(), m.end(), m.payloadLength()));
  }

  void settled(long sequence) {
    unplaced.remove(sequence);
  }

  void placed(long offset, long sequence, long count) {
    for (long i = 0; i < count; i++) {
      Raw raw = unplaced.remove(sequence + i);
      if (raw != null) {
        (opened ? waiting : behind).add(new Placed(offset + i, sequence + i, raw));
      }
    }
  }

  // ---- files

  /** Writes what is to be written; what it throws says that some of it waits on. */
  void writeWaiting(LiveQueue queue, Surroundings with) throws IOException {
    if (opened) {
      write(queue, with);
    }
  }

  private void write(LiveQueue queue, Surroundings with) throws IOException {
    while (!waiting.isEmpty()) {
      writeBlock(queue, with);
    }
    view.writtenTo(end());
    for (Wait wait : List.copyOf(waits)) {
      if (wait.offset < end()) {
        waits.remove(wait);
        wait.task.run();
      }
    }
  }

  private void writeBlock(LiveQueue queue, Surroundings with) throws IOException {
    var written = new ArrayList<Placed>();
    Output out = Block.start(BLOCK_BYTES);
    long payload = 0;
    for (Placed next : waiting) {
      boolean first = written.isEmpty();
      long offset = next.offset;
      if (!first
          && (out.length() >= BLOCK_BYTES
              || starts.containsKey(offset)
              || offset != written.get(written.size() - 1).offset + 1)) {
        break;
      }
      out.raw(next.raw.bytes, next.raw.at, next.raw.end - next.raw.at);
      payload += next.raw.payload;
      written.add(next);
    }
    long offset = written.get(0).offset;
    file(offset, with).append(Block.of(out, 0), written.size(), payload);
    starts.headMap(offset, true).clear();
    dropFiles(with);
    for (Placed each : written) {
      waiting.remove();
      queue.settle(each.sequence, with);
    }
  }

  /** Returns the file that an offset goes to: a hole that damage has left begins another one. */
  private StreamFile file(long offset, Surroundings with) throws IOException {
    StreamFile last = files.isEmpty() ? null : files.get(files.size() - 1);
    if (last != null && last.end() == offset && !starts.containsKey(offset)) {
      return last;
    }
    StreamFile made = StreamFile.create(with.files(), with.journalId(), id, offset);
    if (last != null) {
      last.closedAt(starts.getOrDefault(offset, last.lastMs()));
      last.blocks.close();
    }
    var more = new ArrayList<>(files);
    more.add(made);
    files = List.copyOf(more);
    view.show(files);
    return made;
  }

  /** Drops files of which everything is before an offset. */
  void dropBefore(long offset, Surroundings with) {
    dropped = Math.max(dropped, offset);
    dropFiles(with);
  }

  /** The last file says which offset comes next, so it stays until there is another. */
  private void dropFiles(Surroundings with) {
    var kept = new ArrayList<StreamFile>();
    for (StreamFile file : files) {
      if (file.end() <= dropped && file.end() < end()) {
        retire(file, with);
      } else {
        kept.add(file);
      }
    }
    if (kept.size() < files.size()) {
      files = List.copyOf(kept);
      view.show(files);
    }
  }

  private static void retire(StreamFile file, Surroundings with) {
    file.blocks.close();
    with.dead().add(file.name(), file.extent().end());
  }

  /** Forgets everything. */
  void drop(Surroundings with) {
    files.forEach(file -> retire(file, with));
    files = List.of();
    view.show(files);
    unplaced.clear();
    waiting.clear();
    behind.clear();
    left.clear();
    List<Wait> waited = List.copyOf(waits);
    waits.clear();
    waited.forEach(wait -> wait.task.run());
  }

  // ---- for an image

  StreamRecord toRecord(Surroundings with) {
    return new StreamRecord(
        id, with.files().nextNumber(), files.stream().map(StreamFile::toRecord).toList());
  }

  /** Returns where messages are that only the log has, as far as they have an offset. */
  PlaceRuns places() {
    var places = new PlaceRuns();
    left.all().forEach(run -> places.add(run.offset(), run.sequence(), run.count()));
    waiting.forEach(each -> places.add(each.offset, each.sequence, 1));
    behind.forEach(each -> places.add(each.offset, each.sequence, 1));
    return places;
  }
}

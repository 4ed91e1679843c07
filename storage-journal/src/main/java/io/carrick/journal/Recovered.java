package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.ImageWriter.DefinitionKey;
import io.carrick.journal.Input.MalformedException;
import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.LiveQueues.SealedSegment;
import io.carrick.journal.LogRecords.MessageBytes;
import io.carrick.journal.LogRecords.Visitor;
import io.carrick.storage.MessageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is in a directory: the newest image, then the segments behind it. Confined to the
 * thread that starts the journal.
 */
final class Recovered {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.journal");

  private final FileSystem files;
  private final Surroundings with;
  private final LiveQueues live;
  private final LogRecords records = new LogRecords();
  private final Progress progress;
  private long bytesRead;
  private long bytesToRead;

  private final Map<DefinitionKey, Changed> changed = new HashMap<>();
  private final List<SealedSegment> segments = new ArrayList<>();
  private final Map<Long, Long> segmentFileBytes = new HashMap<>();

  private long image;
  private long imageBytes;
  private long lastSequence;
  private long lastSegment;
  private long lastEnd;
  private boolean imageEnded;

  private final BlockScan.Damage damage = this::damaged;
  private boolean passedOver;
  private boolean showing;

  private record Changed(long sequence, byte @Nullable [] record) {}

  /** Is told how far the reading is. */
  @FunctionalInterface
  interface Progress {
    /**
     * More was read.
     *
     * @param bytes that were read so far
     * @param all bytes that there are to read
     */
    void read(long bytes, long all);
  }

  Recovered(FileSystem files, Surroundings with, Progress progress) {
    this.files = files;
    this.with = with;
    this.live = new LiveQueues(with);
    this.progress = progress;
  }

  LiveQueues live() {
    return live;
  }

  List<SealedSegment> segments() {
    return segments;
  }

  /** Returns the bytes that each segment's file has. */
  Map<Long, Long> segmentFileBytes() {
    return segmentFileBytes;
  }

  /** Returns the bytes of the image and the segments. */
  long bytesToRead() {
    return bytesToRead;
  }

  long image() {
    return image;
  }

  long imageBytes() {
    return imageBytes;
  }

  long lastSequence() {
    return lastSequence;
  }

  long lastSegment() {
    return lastSegment;
  }

  long lastEnd() {
    return lastEnd;
  }

  // ---- reading

  private void damaged(String file, long from, long to, String what) throws IOException {
    if (showing) {
      // It was reported when it was read first.
      return;
    }
    with.source().damage().found(file, from, to, what);
    passedOver = true;
  }

  /** Reads everything but the definitions of the image, which {@link #show} reads. */
  void read() throws IOException {
    List<String> names = files.list();
    with.files().numbersFrom(LogFileNames.lastCold(names) + 1);
    NavigableSet<Long> images = LogFileNames.images(names);
    if (!images.isEmpty()) {
      image = images.last();
      lastSegment = image - 1;
      bytesToRead = size(LogFileNames.image(image));
    }
    with.source().log().near(image);
    NavigableSet<Long> numbers = LogFileNames.wals(names).tailSet(image, true);
    for (long number : numbers) {
      bytesToRead += size(LogFileNames.wal(number));
    }
    if (image != 0) {
      readImage(live);
      bytesRead = imageBytes;
    }
    if (image == 0 && !numbers.isEmpty() && numbers.first() != 1) {
      throw new DamagedException(
          LogFileNames.wal(numbers.first()), 0, "there is no image of what was before");
    }
    if (image != 0 && numbers.isEmpty()) {
      missing(image);
    }
    for (long number : numbers) {
      if (number != lastSegment + 1) {
        missing(lastSegment + 1);
      }
      if (!readSegment(number, numbers.higher(number))) {
        break;
      }
    }
    progress.read(bytesToRead, bytesToRead);
    live.recoveryComplete();
  }

  private void missing(long segment) throws IOException {
    damage.found(LogFileNames.wal(segment), 0, 0, "this segment of the log is missing");
  }

  private long size(String name) throws IOException {
    try (StoredFile file = files.open(name)) {
      return file.size();
    }
  }

  private void readImage(Visitor visitor) throws IOException {
    String name = LogFileNames.image(image);
    imageEnded = false;
    try (StoredFile file = files.open(name)) {
      var header = new FileHeader(FileHeader.Kind.IMAGE, with.journalId(), image, 0);
      checkStart(file, name, header);
      imageBytes = file.size();
      var scan = new BlockScan(file, name, header, imageBytes, damage);
      var both = new Noting(visitor);
      while (scan.next()) {
        if (visitor == live) {
          live.recovering(LogFiles.placeInImage(image, scan.bufferAt()));
          progress.read(scan.end(), bytesToRead);
        }
        readBlock(scan, name, both);
      }
    }
    if (!imageEnded) {
      damage.found(name, imageBytes, imageBytes, "the end is missing");
    }
  }

  private void checkStart(StoredFile file, String name, FileHeader expected) throws IOException {
    if (headerOf(file, name, expected) == null) {
      damage.found(name, 0, FileHeader.BYTES, "the file does not start as it should");
    }
  }

  private void readBlock(BlockScan scan, String name, Visitor visitor) throws IOException {
    try {
      records.read(scan.bytes(), scan.from(), scan.to(), scan.base(), visitor);
    } catch (MalformedException e) {
      damage.found(name, scan.offset(), scan.end(), String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Notes the last sequence and the end of an image beside what another one sees. */
  private class Noting implements Visitor {

    private final Visitor visitor;

    Noting(Visitor visitor) {
      this.visitor = visitor;
    }

    @Override
    public void append(long sequence, long[] queueIds, int count, MessageBytes message) {
      lastSequence = Math.max(lastSequence, sequence);
      visitor.append(sequence, queueIds, count, message);
    }

    @Override
    public void settle(long queueId, long from, long to) {
      visitor.settle(queueId, from, to);
    }

    @Override
    public void drop(long sequence, long queueId) {
      lastSequence = Math.max(lastSequence, sequence);
      visitor.drop(sequence, queueId);
    }

    @Override
    public void definition(long sequence, String table, String key, byte @Nullable [] record) {
      lastSequence = Math.max(lastSequence, sequence);
      visitor.definition(sequence, table, key, record);
    }

    @Override
    public void queue(LiveQueueRecord queue) {
      queue.files().forEach(file -> lastSequence = Math.max(lastSequence, file.highest()));
      visitor.queue(queue);
    }

    @Override
    public void stream(StreamRecord stream) {
      visitor.stream(stream);
    }

    @Override
    public void places(long queueId, long offset, long sequence, long count) {
      visitor.places(queueId, offset, sequence, count);
    }

    @Override
    public void sharedFile(long number, long end) {
      visitor.sharedFile(number, end);
    }

    @Override
    public void end(long last) {
      imageEnded = true;
      lastSequence = Math.max(lastSequence, last);
    }
  }

  /** Reads a segment; returns whether it was begun at all. */
  private boolean readSegment(long number, @Nullable Long next) throws IOException {
    String name = LogFileNames.wal(number);
    try (StoredFile file = files.open(name)) {
      var header = new FileHeader(FileHeader.Kind.WAL, with.journalId(), number, 0);
      if (headerOf(file, name, header) == null) {
        var scan = new BlockScan(file, name, header, BlockScan.END_UNKNOWN, damage);
        if (next == null && !scan.anyBlock()) {
          // The broker ended before anything was written to it: the next one takes its place.
          return false;
        }
        damage.found(name, 0, FileHeader.BYTES, "the file does not start as it should");
      }
      long end = next == null ? BlockScan.END_UNKNOWN : endOf(number, next);
      var scan = new BlockScan(file, name, header, end, damage);
      var visitor = new NotingChanges();
      live.sealed(0, 0);
      while (scan.next()) {
        live.recovering(LogFiles.placeInWal(number, scan.bufferAt()));
        readBlock(scan, name, visitor);
        lastSequence = Math.max(lastSequence, scan.base());
        progress.read(bytesRead + scan.end(), bytesToRead);
      }
      bytesRead += file.size();
      if (scan.torn()) {
        log.warn("{} was being written when the broker ended: cut off at {}", name, scan.end());
      }
      segments.add(live.sealed(number, scan.end()));
      segmentFileBytes.put(number, file.size());
      lastSegment = number;
      lastEnd = scan.end();
      return true;
    }
  }

  private static @Nullable FileHeader headerOf(StoredFile file, String name, FileHeader expected)
      throws IOException {
    FileHeader header = FileHeader.read(file, name, expected.kind());
    return header != null && header.epoch() == expected.epoch() ? header : null;
  }

  /** Returns where a segment ends, by what the next one says. */
  private long endOf(long number, long next) throws IOException {
    if (next != number + 1) {
      return BlockScan.END_UNKNOWN;
    }
    String name = LogFileNames.wal(next);
    try (StoredFile file = files.open(name)) {
      var expected = new FileHeader(FileHeader.Kind.WAL, with.journalId(), next, 0);
      FileHeader header = headerOf(file, name, expected);
      return header == null ? BlockScan.END_UNKNOWN : header.extra();
    }
  }

  /** Remembers what segments say of definitions, too. */
  private final class NotingChanges extends Noting {

    NotingChanges() {
      super(live);
    }

    @Override
    public void definition(long sequence, String table, String key, byte @Nullable [] record) {
      super.definition(sequence, table, key, record);
      changed.merge(
          new DefinitionKey(table, key),
          new Changed(sequence, record),
          (a, b) -> a.sequence > b.sequence ? a : b);
    }
  }

  // ---- showing

  /** Shows definitions, then queues. */
  void show(MessageStore.Recovery recovery) throws IOException {
    showing = true;
    if (image != 0) {
      readImage(
          new Visitor() {
            @Override
            public void definition(
                long sequence, String table, String key, byte @Nullable [] record) {
              if (record != null && !changed.containsKey(new DefinitionKey(table, key))) {
                recovery.definition(table, key, record);
              }
            }
          });
    }
    changed.forEach(
        (name, change) -> {
          byte[] record = change.record;
          if (record != null) {
            recovery.definition(name.table(), name.key(), record);
          }
        });
    changed.clear();
    for (LiveQueue queue : live.all()) {
      long count = queue.leftMessages();
      if (count > 0) {
        recovery.queue(queue.id(), count);
      }
    }
  }

  /** Deletes what nothing refers to: parts of images, older ones, files of queues. */
  void deleteLeftovers() throws IOException {
    Set<String> needed = new HashSet<>();
    for (LiveQueue queue : live.all()) {
      queue.blockFiles().forEach(file -> needed.add(file.name));
    }
    with.shared().all().forEach(file -> needed.add(file.blocks.name));
    with.dead().files().forEach(file -> needed.add(file.name()));
    List<String> names = files.list();
    for (String name : names) {
      boolean superfluous =
          name.endsWith(LogFileNames.TEMPORARY)
              || name.startsWith(LogFileNames.SPARE)
              || (LogFileNames.isCold(name) && !needed.contains(name));
      if (superfluous && passedOver && LogFileNames.isCold(name)) {
        log.error("left aside, as what it belonged to may be damaged: {}", name);
        files.rename(name, name + LogFileNames.ASIDE);
      } else if (superfluous) {
        files.delete(name);
      }
    }
    for (long older : LogFileNames.images(names).headSet(image)) {
      files.delete(LogFileNames.image(older));
    }
    for (long older : LogFileNames.wals(names).headSet(image)) {
      files.delete(LogFileNames.wal(older));
    }
  }
}

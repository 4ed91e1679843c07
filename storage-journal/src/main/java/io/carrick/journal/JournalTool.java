package io.carrick.journal;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.LiveQueues.SealedSegment;
import io.carrick.journal.RecoveredMessages.Source;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a journal that no broker has open, checks it, and makes it smaller. Immutable; what it
 * finds is printed to a writer.
 */
public final class JournalTool {

  private static final int QUEUES_SHOWN = 50;

  private final FileSystem files;
  private final PrintWriter out;
  private final boolean bar;

  JournalTool(FileSystem files, PrintWriter out, boolean bar) {
    this.files = files;
    this.out = out;
    this.bar = bar;
  }

  /**
   * Makes a tool for the journal in a directory.
   *
   * @param out gets what is found; it is not closed
   * @param bar whether a bar shows how far the reading is: for a terminal, where a line can be
   *     written over
   * @throws IOException if there is no journal, with a message for a user
   */
  public static JournalTool in(Path directory, PrintWriter out, boolean bar) throws IOException {
    if (!Files.exists(directory.resolve(LogFileNames.IDENTITY))) {
      throw new FileNotFoundException("there is no journal in " + directory);
    }
    return new JournalTool(DiskFileSystem.in(directory), out, bar);
  }

  /**
   * Knows what queues are called by what definitions say.
   *
   * @param definitions is shown every definition first
   * @param names returns the name of a queue by its id, empty for one that no definition tells
   */
  public record Naming(MessageStore.Recovery definitions, LongFunction<Optional<String>> names) {}

  /** What was found to be damaged. Confined to one call. */
  private final class Report implements BlockScan.Damage {
    private final ProgressBar progress = new ProgressBar(out, bar);
    private int places;

    @Override
    public void found(String file, long from, long to, String what) {
      found("damaged: " + file + " at offset " + from + " to " + to + ": " + what);
    }

    void found(String line) {
      places++;
      progress.erase();
      out.println(line);
    }
  }

  /** Looks at what was read. */
  private interface Look {
    void at(Recovered recovered, Report report) throws IOException;
  }

  /**
   * Reads everything, with no broker in the way.
   *
   * @return whether nothing was found to be damaged
   */
  @SuppressWarnings("try") // the lock is held and not used
  private boolean read(long bytesBeyond, Look look) throws IOException {
    var report = new Report();
    try (Closeable lock = files.lock()) {
      var log = new LogFiles(files);
      var with =
          Surroundings.of(
              new OpenFiles(files),
              JournalIdentity.read(files),
              Journal.Settings.DEFAULT.coldBytes(),
              new Source(log, new NoMessages(), report));
      var recovered =
          new Recovered(files, with, (done, all) -> report.progress.at(done, all + bytesBeyond));
      recovered.read();
      look.at(recovered, report);
      log.close();
      with.files().close();
    } catch (DamagedException beyondWhatCanBePassedOver) {
      report.found(String.valueOf(beyondWhatCanBePassedOver.getMessage()));
    }
    report.progress.erase();
    out.flush();
    return report.places == 0;
  }

  /** Nobody asks what is in a message. */
  private static final class NoMessages implements MessageCodec {

    @Override
    public byte[] head(Message message) {
      throw new IllegalStateException("nothing is written");
    }

    @Override
    public Message message(byte[] head, byte[] payload) {
      throw new IllegalStateException("nothing is read");
    }

    @Override
    public byte[] tag(Object tag) {
      throw new IllegalStateException("nothing is written");
    }

    @Override
    public @Nullable Object tag(byte[] bytes) {
      throw new IllegalStateException("nothing is read");
    }
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  // ---- inspect

  /**
   * Prints the log's files, how many definitions and messages there are, and the queues.
   *
   * @param naming what queues are called
   * @return whether it could be read without meeting damage
   * @throws IOException if a broker has the journal open or it cannot be read
   */
  public boolean inspect(Naming naming) throws IOException {
    return read(
        0,
        (recovered, report) -> {
          report.progress.erase();
          printFiles(recovered);
          printDefinitions(recovered, naming.definitions);
          printQueues(recovered, naming);
        });
  }

  private void printFiles(Recovered recovered) {
    line("the journal in %s", files.name());
    if (recovered.image() != 0) {
      line("  %s  %,15d bytes", LogFileNames.image(recovered.image()), recovered.imageBytes());
    }
    for (SealedSegment segment : recovered.segments()) {
      line(
          "  %s    %,15d bytes of %,d",
          LogFileNames.wal(segment.number()),
          segment.end(),
          recovered.segmentFileBytes().getOrDefault(segment.number(), 0L));
    }
    line("last sequence: %,d", recovered.lastSequence());
  }

  private void printDefinitions(Recovered recovered, MessageStore.Recovery shown)
      throws IOException {
    var tables = new TreeMap<String, Integer>();
    recovered.show(
        new MessageStore.Recovery() {
          @Override
          public void definition(String table, String key, byte[] record) {
            tables.merge(table, 1, Integer::sum);
            shown.definition(table, key, record);
          }

          @Override
          public void queue(long queueId, long messages) {
            shown.queue(queueId, messages);
          }
        });
    line("definitions: %,d", tables.values().stream().mapToInt(i -> i).sum());
    tables.forEach((table, count) -> line("  %s: %,d", table, count));
  }

  private void printQueues(Recovered recovered, Naming naming) {
    List<LiveQueue> queues =
        recovered.live().all().stream()
            .sorted(Comparator.comparingLong(LiveQueue::leftMessages).reversed())
            .toList();
    long messages = queues.stream().mapToLong(LiveQueue::leftMessages).sum();
    line("messages: %,d in %,d queues", messages, queues.size());
    for (LiveQueue queue : queues.subList(0, Math.min(QUEUES_SHOWN, queues.size()))) {
      line(
          "  %s: %,d messages, about %,d bytes, %,d files of its own",
          naming.names.apply(queue.id()).orElse("queue " + queue.id()),
          queue.leftMessages(),
          queue.leftBytes(),
          queue.blockFiles().size());
    }
    if (queues.size() > QUEUES_SHOWN) {
      line("  and %,d more", queues.size() - QUEUES_SHOWN);
    }
    SharedFiles shared = recovered.live().with().shared();
    if (!shared.all().isEmpty()) {
      line("files that queues share: %,d, %,d bytes", shared.all().size(), shared.bytes());
    }
  }

  // ---- verify

  /**
   * Checks every checksum: of the image, the segments and the files of queues.
   *
   * @return whether everything is as it was written
   * @throws IOException if a broker has the journal open or it cannot be read
   */
  public boolean verify() throws IOException {
    long beyond = 0;
    for (String name : files.list()) {
      if (LogFileNames.isCold(name)) {
        beyond += size(name);
      }
    }
    boolean fine = read(beyond, this::verifyFilesOfQueues);
    if (fine) {
      line("all is as it was written");
    }
    out.flush();
    return fine;
  }

  private long size(String name) throws IOException {
    try (StoredFile file = files.open(name)) {
      return file.size();
    }
  }

  private void verifyFilesOfQueues(Recovered recovered, Report report) throws IOException {
    var colds = new ArrayList<BlockFile>();
    for (LiveQueue queue : recovered.live().all()) {
      colds.addAll(queue.blockFiles());
    }
    int ofQueues = colds.size();
    for (SharedFile f : recovered.live().with().shared().all()) {
      colds.add(f.blocks);
    }
    long before = recovered.bytesToRead();
    long all = before + colds.stream().mapToLong(BlockFile::end).sum();
    for (BlockFile cold : colds) {
      try {
        BlockScan scan = cold.scan(report);
        while (scan.next()) {
          report.progress.at(before + scan.end(), all);
        }
      } finally {
        cold.file.close();
      }
      before += cold.end();
    }
    report.progress.at(all, all);
    report.progress.erase();
    long unneeded = files.list().stream().filter(LogFileNames::isCold).count() - colds.size();
    if (unneeded > 0) {
      line(
          "not read: %,d files of queues, as the log has all of it; a start deletes them",
          unneeded);
    }
    line(
        "read: %s%,d segments, %,d files of queues, %,d shared ones, %,d bytes",
        recovered.image() == 0 ? "" : "1 image, ",
        recovered.segments().size(),
        ofQueues,
        colds.size() - ofQueues,
        all);
  }

  // ---- compact

  /**
   * Writes what is live to a new image and deletes the rest. A file of a queue stays as it is for
   * as long as one of its messages is live.
   *
   * @return false if it is damaged, and was left as it is
   * @throws IOException if a broker has the journal open or it cannot be read or written
   */
  @SuppressWarnings("try") // the lock is held and not used
  public boolean compact() throws IOException {
    long before = bytes();
    var progress = new ProgressBar(out, bar);
    try {
      rewrite(progress);
    } catch (DamagedException e) {
      progress.erase();
      out.println(e.getMessage());
      out.flush();
      return false;
    }
    try (Closeable lock = files.lock()) {
      for (String name : files.list()) {
        if (name.startsWith(LogFileNames.SPARE)) {
          files.delete(name);
        }
      }
    }
    progress.erase();
    line("%,d bytes before, %,d bytes now", before, bytes());
    out.flush();
    return true;
  }

  private void rewrite(ProgressBar progress) throws IOException {
    var context = new StoreContext(new NoMessages(), Limits.defaults());
    try (JournalStore store = JournalStore.open(files, Journal.Settings.DEFAULT, context)) {
      store.recover(
          new MessageStore.Recovery() {
            @Override
            public void definition(String table, String key, byte[] record) {}

            @Override
            public void queue(long queueId, long messages) {}
          },
          progress::at);
      // Closing it is what writes the image.
    }
    if (LogFileNames.wals(files.list()).size() > 1) {
      throw new IOException("the log could not be written anew, as it says in the broker's log");
    }
  }

  private long bytes() throws IOException {
    long bytes = 0;
    for (String name : files.list()) {
      // Not the lock: who closes it loses it.
      if (name.endsWith(LogFileNames.SUFFIX)) {
        bytes += size(name);
      }
    }
    return bytes;
  }
}

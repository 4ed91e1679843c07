package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that forgets what was never made safe, and fails when it is told to.
 * Guarded by itself.
 */
final class MemoryFiles implements FileSystem {

  private static final int PIECE = 512;

  private final TreeMap<String, Content> names = new TreeMap<>();
  private final List<Operation> history = new ArrayList<>();

  /** What was there before the first operation. */
  private final List<Earlier> earlier = new ArrayList<>();

  private record Earlier(String name, Content file, byte[] bytes) {}

  private boolean locked;
  private int open;
  private int mostOpen;

  /** Bytes by the first part of the names of files. */
  private final Map<String, Long> written = new TreeMap<>();

  // faults
  private long roomBytes = Long.MAX_VALUE;
  private @Nullable String forceFails;
  private volatile String heldPrefix = "";
  private volatile @Nullable HeldForces held;
  private boolean shortWrites;
  private int stepsToError = Integer.MAX_VALUE;

  /** What happened to the directory, in order. */
  private sealed interface Operation {
    record Create(Content file, String name) implements Operation {}

    record Write(Content file, long offset, byte[] bytes) implements Operation {}

    record Force(Content file) implements Operation {}

    record Rename(String from, String to) implements Operation {}

    record Delete(String name) implements Operation {}

    record SyncNames() implements Operation {}
  }

  /** Bytes of a file. */
  private static final class Content {
    private byte[] bytes = {};
    private int size;

    void write(long offset, byte[] from, int count) {
      int end = (int) offset + count;
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
      }
      System.arraycopy(from, 0, bytes, (int) offset, count);
      size = Math.max(size, end);
    }
  }

  // ---- faults

  /** From now on there is room for as many more bytes. */
  synchronized void roomFor(long bytes) {
    roomBytes = bytes;
  }

  /** The operation that comes as so many-th throws what no disk does: memory is short. */
  synchronized void errorAt(int operation) {
    stepsToError = operation;
  }

  /** Returns whether that operation has come. */
  synchronized boolean errorCame() {
    return stepsToError <= 0;
  }

  private void step() {
    if (stepsToError != Integer.MAX_VALUE && --stepsToError == 0) {
      throw new OutOfMemoryError("on purpose, at the disk");
    }
  }

  synchronized void failForce() {
    failForceOf("");
  }

  /** Fails to make files safe whose names begin so. */
  synchronized void failForceOf(String prefix) {
    forceFails = prefix;
  }

  /** From now on whoever makes something safe waits. */
  synchronized HeldForces holdForces() {
    return holdForcesOf("");
  }

  /** From now on whoever makes a file safe waits whose name begins so. */
  synchronized HeldForces holdForcesOf(String prefix) {
    heldPrefix = prefix;
    held = new HeldForces();
    return held;
  }

  /** Those who wait to make something safe. Thread-safe. */
  static final class HeldForces {
    private final CountDownLatch waits = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** Waits until one of them waits. */
    void awaitOne() throws InterruptedException {
      assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Lets all go on, now and later. */
    void release() {
      released.countDown();
    }

    private void hold() throws IOException {
      waits.countDown();
      try {
        assertThat(released.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  /** Returns how many handles are open. */
  synchronized int open() {
    return open;
  }

  /** Returns how many handles were open at most. */
  synchronized int mostOpen() {
    return mostOpen;
  }

  synchronized void writeInPieces() {
    shortWrites = true;
  }

  /** Changes one bit of a file. */
  synchronized void flip(String name, int offset) {
    content(name).bytes[offset] ^= 0x10;
  }

  /** Cuts a file off. */
  synchronized void cut(String name, int bytes) {
    content(name).size = bytes;
  }

  synchronized void overwrite(String name, int offset, byte[] bytes) {
    content(name).write(offset, bytes, bytes.length);
  }

  synchronized byte[] bytes(String name) {
    Content there = content(name);
    return Arrays.copyOf(there.bytes, there.size);
  }

  private Content content(String name) {
    Content there = names.get(name);
    if (there == null) {
      throw new AssertionError("no file " + name + " among " + names.keySet());
    }
    return there;
  }

  // ---- crashes

  /** Returns how many operations there have been. */
  synchronized int operations() {
    return history.size();
  }

  /** Returns how often a file was renamed. */
  synchronized int renamed(String fromPrefix, String toPrefix) {
    int count = 0;
    for (Operation operation : history) {
      if (operation instanceof Operation.Rename r
          && r.from.startsWith(fromPrefix)
          && r.to.startsWith(toPrefix)) {
        count++;
      }
    }
    return count;
  }

  /** Returns how often something was made safe. */
  synchronized int forces() {
    return (int) history.stream().filter(Operation.Force.class::isInstance).count();
  }

  /** Returns the bytes that the operation wrote, 0 if it was no write. */
  synchronized int writtenBy(int operation) {
    return history.get(operation) instanceof Operation.Write w ? w.bytes.length : 0;
  }

  /** Returns the bytes that were ever written to files whose names begin so. */
  synchronized long written(String prefix) {
    return written.getOrDefault(prefix, 0L);
  }

  /** What survives of the operations that nothing had made safe. */
  interface Survival {
    /** Everything. */
    Survival ALL = (operation, bytes) -> bytes;

    /** Nothing. */
    Survival NONE = (operation, bytes) -> 0;

    /** Each may or may not. */
    static Survival random(long seed) {
      var random = new Random(seed);
      return (operation, bytes) -> random.nextInt(3) == 0 ? 0 : random.nextInt(bytes + 1);
    }

    /** Everything but the end of one write. */
    static Survival torn(int torn, int at) {
      return (operation, bytes) -> operation == torn ? at : bytes;
    }

    /** Each piece of a write may or may not, as disks write them in any order. */
    static Survival pieces(long seed) {
      var random = new Random(seed);
      return new Survival() {
        @Override
        public int of(int operation, int bytes) {
          return random.nextInt(3) == 0 ? 0 : bytes;
        }

        @Override
        public boolean keepsPiece() {
          return random.nextBoolean();
        }
      };
    }

    /** Returns how many of the bytes survive. */
    int of(int operation, int bytes);

    /** Returns whether the next 512 bytes of them do. */
    default boolean keepsPiece() {
      return true;
    }
  }

  /** Returns the directory as it is when the process is killed now: what was written is there. */
  synchronized MemoryFiles killed() {
    var killed = new MemoryFiles();
    names.forEach(
        (name, file) -> {
          var copy = new Content();
          copy.write(0, file.bytes, file.size);
          killed.names.put(name, copy);
        });
    return killed;
  }

  /** Returns the directory as it is after a crash behind so many operations. */
  synchronized MemoryFiles crashedAfter(int operations, Survival survival) {
    int namesSafe = 0;
    Map<Content, Integer> forced = new java.util.IdentityHashMap<>();
    for (int i = 0; i < operations; i++) {
      if (history.get(i) instanceof Operation.SyncNames) {
        namesSafe = i;
      } else if (history.get(i) instanceof Operation.Force force) {
        forced.put(force.file, i);
      }
    }
    Map<Content, Content> copies = new java.util.IdentityHashMap<>();
    var crashed = new MemoryFiles();
    for (Earlier file : earlier) {
      var copy = new Content();
      copy.write(0, file.bytes, file.bytes.length);
      copies.put(file.file, copy);
      crashed.names.put(file.name, copy);
    }
    for (int i = 0; i < operations; i++) {
      crashed.survived(i, history.get(i), namesSafe, forced, copies, survival);
    }
    crashed.names.forEach(
        (name, file) ->
            crashed.earlier.add(new Earlier(name, file, Arrays.copyOf(file.bytes, file.size))));
    return crashed;
  }

  private void survived(
      int i,
      Operation operation,
      int namesSafe,
      Map<Content, Integer> forced,
      Map<Content, Content> copies,
      Survival survival) {
    boolean named = i < namesSafe || survival.of(i, 1) > 0;
    if (operation instanceof Operation.Write w) {
      Content copy = copies.computeIfAbsent(w.file, f -> new Content());
      if (i < forced.getOrDefault(w.file, 0)) {
        copy.write(w.offset, w.bytes, w.bytes.length);
      } else {
        writeSome(copy, w, Math.min(w.bytes.length, survival.of(i, w.bytes.length)), survival);
      }
    } else if (operation instanceof Operation.Create c && named) {
      names.put(c.name, copies.computeIfAbsent(c.file, f -> new Content()));
    } else if (operation instanceof Operation.Rename r && named && names.containsKey(r.from)) {
      names.put(r.to, names.remove(r.from));
    } else if (operation instanceof Operation.Delete d && named) {
      names.remove(d.name);
    }
  }

  private static void writeSome(Content file, Operation.Write write, int count, Survival survival) {
    for (int at = 0; at < count; at += PIECE) {
      byte[] piece = Arrays.copyOfRange(write.bytes, at, Math.min(count, at + PIECE));
      if (survival.keepsPiece()) {
        file.write(write.offset + at, piece, piece.length);
      }
    }
  }

  // ---- the port

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public synchronized List<String> list() {
    step();
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized StoredFile open(String name) throws IOException {
    step();
    Content there = names.get(name);
    if (there == null) {
      throw new FileNotFoundException(name);
    }
    return opened(name, there);
  }

  @Override
  public synchronized StoredFile create(String name) {
    step();
    var file = new Content();
    names.put(name, file);
    history.add(new Operation.Create(file, name));
    return opened(name, file);
  }

  private StoredFile opened(String name, Content file) {
    open++;
    mostOpen = Math.max(mostOpen, open);
    return new MemoryFile(name, file);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    step();
    Content there = names.remove(from);
    if (there == null) {
      throw new FileNotFoundException(from);
    }
    names.put(to, there);
    history.add(new Operation.Rename(from, to));
  }

  @Override
  public synchronized void delete(String name) {
    Content there = names.remove(name);
    if (there != null) {
      history.add(new Operation.Delete(name));
      if (roomBytes != Long.MAX_VALUE) {
        roomBytes += there.size;
      }
    }
  }

  @Override
  public synchronized long usableBytes() {
    return roomBytes;
  }

  @Override
  public synchronized void syncNames() {
    step();
    history.add(new Operation.SyncNames());
  }

  @Override
  public synchronized Closeable lock() throws IOException {
    if (locked) {
      throw new IOException("the journal in memory is in use by another broker");
    }
    locked = true;
    return this::unlock;
  }

  private synchronized void unlock() {
    locked = false;
  }

  /** One open file. */
  private final class MemoryFile implements StoredFile {
    private final String name;
    private final Content file;
    private boolean closed;

    MemoryFile(String name, Content file) {
      this.name = name;
      this.file = file;
    }

    private void checkOpen() throws IOException {
      if (closed) {
        throw new ClosedChannelException();
      }
    }

    @Override
    public int write(ByteBuffer from, long offset) throws IOException {
      synchronized (MemoryFiles.this) {
        checkOpen();
        step();
        int count = shortWrites ? (from.remaining() + 1) / 2 : from.remaining();
        long grown = Math.max(0, offset + count - file.size);
        if (grown > roomBytes) {
          throw new IOException("no space left");
        }
        if (roomBytes != Long.MAX_VALUE) {
          roomBytes -= grown;
        }
        byte[] bytes = new byte[count];
        from.get(bytes);
        file.write(offset, bytes, count);
        history.add(new Operation.Write(file, offset, bytes));
        written.merge(name.substring(0, name.indexOf('-') + 1), (long) count, Long::sum);
        return count;
      }
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      synchronized (MemoryFiles.this) {
        checkOpen();
        step();
        int count = (int) Math.min(into.remaining(), file.size - offset);
        if (count <= 0) {
          return -1;
        }
        into.put(file.bytes, (int) offset, count);
        return count;
      }
    }

    @Override
    public void force() throws IOException {
      HeldForces holding = held;
      if (holding != null && name.startsWith(heldPrefix)) {
        holding.hold();
      }
      synchronized (MemoryFiles.this) {
        checkOpen();
        step();
        if (forceFails != null && name.startsWith(forceFails)) {
          throw new IOException("the disk has an error");
        }
        history.add(new Operation.Force(file));
      }
    }

    @Override
    public long size() {
      synchronized (MemoryFiles.this) {
        return file.size;
      }
    }

    @Override
    public void close() {
      synchronized (MemoryFiles.this) {
        if (!closed) {
          closed = true;
          open--;
        }
      }
    }
  }
}

package io.carrick.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;

/** A directory on the disk. Immutable. */
final class DiskFileSystem implements FileSystem {

  /** Keeps other processes out. Whoever finds the journal in use by this JVM never opens it. */
  private static final String LOCK = "journal.lock";

  /** Keeps other brokers of this JVM out. */
  private static final String JVM_LOCK = "journal.jvm-lock";

  private final Path directory;

  private DiskFileSystem(Path directory) {
    this.directory = directory;
  }

  /** Opens a directory, which is made if it is not there. */
  static DiskFileSystem in(Path directory) throws IOException {
    var parents = new ArrayDeque<Path>();
    Path parent = directory.toAbsolutePath();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
      if (parent != null) {
        parents.push(parent);
      }
    }
    Files.createDirectories(directory);
    for (Path one : parents) {
      // So that the directory is as safe as what will be in it.
      sync(one);
    }
    return new DiskFileSystem(directory);
  }

  @Override
  public String name() {
    return directory.toString();
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public StoredFile open(String name) throws IOException {
    return new DiskFile(
        FileChannel.open(
            directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public StoredFile create(String name) throws IOException {
    return new DiskFile(
        FileChannel.open(
            directory.resolve(name),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public void syncNames() throws IOException {
    sync(directory);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    } catch (AccessDeniedException windows) {
      // There a directory cannot be opened, and need not be.
    }
  }

  @Override
  public Closeable lock() throws IOException {
    FileChannel inJvm = lock(JVM_LOCK);
    try {
      FileChannel outside = lock(LOCK);
      return () -> {
        try (inJvm) {
          outside.close();
        }
      };
    } catch (IOException e) {
      inJvm.close();
      throw e;
    }
  }

  // Two files, because a process loses its lock when it closes the file anywhere (POSIX), and a
  // second broker of this JVM has to open one to see that the first has it.
  private FileChannel lock(String name) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(name), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException bySameJvm) {
      // As if another process had it.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new IOException("the journal in " + directory + " is in use by another broker");
  }

  /** One file. Immutable. */
  private record DiskFile(FileChannel channel) implements StoredFile {

    @Override
    public int write(ByteBuffer from, long offset) throws IOException {
      return channel.write(from, offset);
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      return channel.read(into, offset);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}

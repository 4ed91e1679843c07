package io.carrick.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory on the disk. Immutable. */
final class DiskFileSystem implements FileSystem {

  private static final String LOCK = "journal.lock";

  private final Path directory;

  private DiskFileSystem(Path directory) {
    this.directory = directory;
  }

  /** Opens a directory, which is made if it is not there. */
  static DiskFileSystem in(Path directory) throws IOException {
    Files.createDirectories(directory);
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
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public void syncNames() throws IOException {
    FileChannel names = directoryChannel();
    if (names != null) {
      try (names) {
        names.force(true);
      }
    }
  }

  /** Opens the directory itself; null where the system has no such thing and needs none. */
  private @Nullable FileChannel directoryChannel() {
    try {
      return FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException notWithThisSystem) {
      return null;
    }
  }

  @Override
  public Closeable lock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    if (locked(channel) == null) {
      channel.close();
      throw new IOException("the journal in " + directory + " is in use by another broker");
    }
    return channel;
  }

  private static @Nullable FileLock locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException bySameJvm) {
      return null;
    }
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

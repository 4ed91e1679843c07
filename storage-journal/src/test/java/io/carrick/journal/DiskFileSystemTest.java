package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the disk does for the journal. */
class DiskFileSystemTest {

  @TempDir Path directory;

  @Test
  void aSecondBrokerOfThisJvmIsKeptOutUntilTheFirstHasClosed() throws IOException {
    DiskFileSystem files = DiskFileSystem.in(directory);
    try (Closeable first = files.lock()) {
      assertThat(first).isNotNull();
      assertThatThrownBy(files::lock)
          .isInstanceOf(IOException.class)
          .hasMessage("the journal in " + directory + " is in use by another broker");
    }

    files.lock().close();
  }

  @Test
  void anotherProcessIsKeptOutAlsoAfterThisOneHasTriedTwice() throws Exception {
    DiskFileSystem files = DiskFileSystem.in(directory);
    try (Closeable first = files.lock()) {
      assertThat(first).isNotNull();
      assertThat(LockAttempt.inOtherProcess(directory)).contains("in use by another broker");
      assertThatThrownBy(files::lock).isInstanceOf(IOException.class);

      assertThat(LockAttempt.inOtherProcess(directory)).contains("in use by another broker");
    }

    assertThat(LockAttempt.inOtherProcess(directory)).isEqualTo("has it: true");
  }

  @Test
  void theRoomThatIsLeftIsThatOfTheDisk() throws IOException {
    assertThat(DiskFileSystem.in(directory).usableBytes())
        .isBetween(1L, Files.getFileStore(directory).getTotalSpace());
  }

  @Test
  void aFileTakesThePlaceOfAnother() throws IOException {
    DiskFileSystem files = DiskFileSystem.in(directory.resolve("made/on/the/way"));
    files.create("a").close();
    files.create("b").close();

    files.rename("a", "b");
    files.syncNames();
    files.delete("not there");

    assertThat(files.list()).containsExactly("b");
    assertThat(Files.exists(directory.resolve("made/on/the/way/b"))).isTrue();
  }
}

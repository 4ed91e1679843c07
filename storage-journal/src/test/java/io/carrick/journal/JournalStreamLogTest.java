package io.carrick.journal;

import io.carrick.storage.DurableStreamLogContract;
import io.carrick.storage.MessageStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class JournalStreamLogTest extends DurableStreamLogContract {

  @TempDir Path directory;

  @Override
  protected MessageStore open() throws IOException {
    return Journal.in(directory).segmentBytes(128 << 10).open(StoreProbe.CONTEXT);
  }
}

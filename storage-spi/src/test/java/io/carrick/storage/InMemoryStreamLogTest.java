package io.carrick.storage;

import java.io.IOException;

class InMemoryStreamLogTest extends StreamLogContract {

  @Override
  protected MessageStore open() throws IOException {
    return MessageStore.inMemory().open(MessageStoreContract.CONTEXT);
  }
}

package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class InMemoryStoreTest extends MessageStoreContract {

  @Override
  protected MessageStore open() throws IOException {
    return MessageStore.inMemory().open(CONTEXT);
  }

  @Test
  void whateverIsAppendedIsDurableAtOnceSoThatNothingWaits() {
    long sequence = store.appender().append(Message.of("m"), new long[] {1}, 1);

    assertThat(store.durableSequence()).isGreaterThanOrEqualTo(sequence);
  }

  @Test
  void nothingButMemoryBoundsItAndNothingWaits() {
    store.appender().append(Message.of("m"), new long[] {1}, 1);

    assertThat(store.freeBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(store.waitingBytes()).isZero();
  }
}

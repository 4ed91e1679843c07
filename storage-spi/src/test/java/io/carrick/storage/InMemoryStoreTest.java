package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class InMemoryStoreTest extends MessageStoreContract {

  /** A store that keeps nothing needs no bytes. */
  private static final MessageCodec UNUSED =
      new MessageCodec() {
        @Override
        public byte[] encode(Message message) {
          throw new AssertionError("nothing is to be encoded");
        }

        @Override
        public Message decode(byte[] record) {
          throw new AssertionError("nothing is to be decoded");
        }
      };

  @Override
  protected MessageStore open() throws IOException {
    return MessageStore.inMemory().open(UNUSED);
  }

  @Test
  void whateverIsAppendedIsDurableAtOnceSoThatNothingWaits() {
    long sequence = store.appender().append(Message.of("m"), new long[] {1}, 1);

    assertThat(store.durableSequence()).isGreaterThanOrEqualTo(sequence);
  }
}

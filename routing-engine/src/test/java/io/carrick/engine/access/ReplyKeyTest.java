package io.carrick.engine.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Proofs that somebody was asked. */
class ReplyKeyTest {

  private final ReplyKey key = ReplyKey.random();

  @Test
  void aProofIsOfOneQueueInOneVirtualHost() {
    String proof = key.proof("/", "q");

    assertThat(proof).matches("[-_A-Za-z0-9]{22}").isEqualTo(key.proof("/", "q"));
    assertThat(key.proves(proof, "/", "q")).isTrue();
    assertThat(key.proves(proof, "/", "r")).isFalse();
    assertThat(key.proves(proof, "other", "q")).isFalse();
    assertThat(key.proves("", "/", "q")).isFalse();
    assertThat(key.proves(proof + "A", "/", "q")).isFalse();
  }

  @Test
  void namesAreNotTakenForOthersBesideEachOther() {
    assertThat(key.proves(key.proof("a", "bc"), "ab", "c")).isFalse();
  }

  @Test
  void itIsAnotherOneInEachStoreAndTheSameFromOne() {
    String proof = key.proof("/", "q");

    assertThat(ReplyKey.random().proves(proof, "/", "q")).isFalse();
    assertThat(new ReplyKey(key.secret()).proves(proof, "/", "q")).isTrue();
  }
}

package io.carrick.exchange;

/**
 * Hashes that are the same in every JVM and version, so that a key stays with its queue over a
 * restart. They make no object. Stateless.
 */
final class Hash {

  private static final long STEP = 0x9E3779B97F4A7C15L;

  private Hash() {}

  /** Returns the hash of a text. */
  static long of(CharSequence text) {
    long hash = 0;
    for (int i = 0; i < text.length(); i++) {
      hash = step(hash, text.charAt(i));
    }
    return mix(hash);
  }

  /** Returns the hash of bytes; that of a text of ASCII characters is the same. */
  static long of(byte[] bytes) {
    long hash = 0;
    for (byte b : bytes) {
      hash = step(hash, b);
    }
    return mix(hash);
  }

  private static long step(long hash, int next) {
    long stepped = (hash ^ next) * STEP;
    return stepped ^ (stepped >>> 32);
  }

  /** Spreads a number over all 64 bits. */
  static long mix(long number) {
    long mixed = (number ^ (number >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 32);
  }
}

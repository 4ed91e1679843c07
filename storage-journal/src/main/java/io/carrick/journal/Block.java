package io.carrick.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Records that are in a file all or none: a header with checksums, then the records. Whoever fills
 * it need not know where it will be; {@link #place} says so, and only there it is valid. Confined
 * to who holds it.
 *
 * <pre>
 *  0  int   bytes of the records
 *  4  int   check of this header, with the file's epoch and the block's offset
 *  8  int   CRC32C of the records
 * 12  long  base: what sequences count from
 * 20  int   offset in this file up to which all was safe when this was written
 * </pre>
 */
final class Block {

  static final int HEADER_BYTES = 24;

  private static final int CHECK_AT = 4;
  private static final int CRC_AT = 8;
  private static final int BASE_AT = 12;
  private static final int SAFE_AT = 20;

  private final byte[] bytes;
  private final int length;

  /**
   * Makes a block of a buffer that starts with room for the header.
   *
   * @param length bytes with the header
   * @param base what sequences in it count from
   */
  Block(byte[] bytes, int length, long base) {
    this.bytes = bytes;
    this.length = length;
    var crc = new CRC32C();
    crc.update(bytes, HEADER_BYTES, length - HEADER_BYTES);
    ByteBuffer.wrap(bytes)
        .putInt(0, length - HEADER_BYTES)
        .putInt(CRC_AT, (int) crc.getValue())
        .putLong(BASE_AT, base);
  }

  /** Closes a buffer that was started with {@link #start}. */
  static Block of(Output out, long base) {
    return new Block(out.array(), out.length(), base);
  }

  static Output start(int capacity) {
    var out = new Output(Math.max(capacity, 2 * HEADER_BYTES));
    out.skip(HEADER_BYTES);
    return out;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  long base() {
    return ByteBuffer.wrap(bytes).getLong(BASE_AT);
  }

  /** Sets another base; before {@link #place}. */
  void rebase(long newBase) {
    ByteBuffer.wrap(bytes).putLong(BASE_AT, newBase);
  }

  /** Makes the block valid at one place of one file. */
  void place(long epoch, long offset, long safeTo) {
    ByteBuffer header = ByteBuffer.wrap(bytes).putInt(SAFE_AT, (int) safeTo);
    header.putInt(CHECK_AT, check(header, epoch, offset));
  }

  private static int check(ByteBuffer header, long epoch, long offset) {
    long first = (long) header.getInt(0) << Integer.SIZE | (header.getInt(CRC_AT) & 0xFFFF_FFFFL);
    long h = mix(epoch ^ mix(offset));
    h = mix(h ^ first);
    h = mix(h ^ header.getLong(BASE_AT));
    h = mix(h ^ header.getInt(SAFE_AT));
    return (int) h;
  }

  /** Spreads every bit over all others (the finaliser of MurmurHash3). */
  static long mix(long value) {
    long h = value + 0x9E37_79B9_7F4A_7C15L;
    h = (h ^ h >>> 33) * 0xFF51_AFD7_ED55_8CCDL;
    h = (h ^ h >>> 33) * 0xC4CE_B9FE_1A85_EC53L;
    return h ^ h >>> 33;
  }

  /**
   * What a header says. Immutable.
   *
   * @param length bytes of the records
   * @param crc of the records
   * @param base what sequences count from
   * @param safeTo offset up to which all was safe then
   */
  record Header(int length, int crc, long base, long safeTo) {

    boolean matches(byte[] bytes, int from) {
      var actual = new CRC32C();
      actual.update(bytes, from, length);
      return (int) actual.getValue() == crc;
    }
  }

  /** Reads a header; null if there is none of this file at this offset. */
  static @org.jspecify.annotations.Nullable Header header(
      ByteBuffer bytes, int at, long epoch, long offset) {
    ByteBuffer header = bytes.slice(at, HEADER_BYTES);
    int length = header.getInt(0);
    if (length <= 0 || header.getInt(CHECK_AT) != check(header, epoch, offset)) {
      return null;
    }
    return new Header(
        length, header.getInt(CRC_AT), header.getLong(BASE_AT), header.getInt(SAFE_AT));
  }
}

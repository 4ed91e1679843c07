package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.journal.Input.MalformedException;
import io.carrick.storage.PlainCodec;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What is written is read again, and sets are sets. */
class StructuresTest {

  @Property(tries = 300)
  void numbersComeBack(@ForAll @Size(max = 50) List<Long> numbers) {
    var out = new Output(1);
    for (long number : numbers) {
      out.number(number);
      out.difference(number);
      out.text(Long.toString(number));
    }

    var in = new Input(out.array(), 0, out.length());
    for (long number : numbers) {
      assertThat(in.number()).isEqualTo(number);
      assertThat(in.difference()).isEqualTo(number);
      assertThat(in.text()).isEqualTo(Long.toString(number));
    }
    assertThat(in.atEnd()).isTrue();
  }

  @Property(tries = 300)
  void cutRecordsAreMalformedAndNothingWorse(@ForAll byte[] bytes) {
    try {
      new LogRecords().read(bytes, 0, bytes.length, 1, new LogRecords.Visitor() {});
    } catch (MalformedException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
  }

  @Property(tries = 200)
  void aRingIsASortedSet(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int spread) {
    var random = new Random(seed);
    var ring = new SequenceRing();
    var model = new TreeSet<Long>();
    long newest = 0;
    for (int i = 0; i < 400; i++) {
      int what = random.nextInt(20);
      if (what < 10) {
        newest++;
        long sequence = Math.max(1, newest * 3 - random.nextInt(spread));
        ring.add(sequence, sequence * 2);
        model.add(sequence);
      } else if (what < 19) {
        Long oldest = model.isEmpty() || random.nextInt(4) == 0 ? null : model.first();
        long sequence = oldest == null ? random.nextInt(1_200) : oldest;
        long place = ring.remove(sequence);
        assertThat(place).isEqualTo(model.remove(sequence) ? sequence * 2 : SequenceRing.ABSENT);
      } else {
        long from = random.nextInt(1_200);
        int removed = ring.removeRange(from, from + 20);
        assertThat(removed).isEqualTo(model.subSet(from, true, from + 20, true).size());
        model.subSet(from, true, from + 20, true).clear();
      }
      assertThat(ring.count()).isEqualTo(model.size());
      long asked = random.nextInt(1_200);
      assertThat(ring.contains(asked)).isEqualTo(model.contains(asked));
      assertThat(ring.place(asked))
          .isEqualTo(model.contains(asked) ? asked * 2 : SequenceRing.ABSENT);
      Long next = model.higher(asked);
      assertThat(next == null || ring.place(next) == next * 2).isTrue();
    }
    assertThat(ring.toArray()).containsExactly(model.stream().mapToLong(l -> l).toArray());
  }

  @Property(tries = 200)
  void placesInTheLogAreASetThatIsTakenInOrder(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int loops) {
    var random = new Random(seed);
    var places = new LogPlaces();
    var model = new TreeMap<Long, Long>();
    long[] lasts = new long[loops];
    for (int i = 0; i < 2_000; i++) {
      if (random.nextInt(3) > 0) {
        int loop = random.nextInt(loops);
        lasts[loop] += loops * (1L + random.nextInt(20));
        long sequence = lasts[loop] + loop;
        places.add(sequence, sequence << Integer.SIZE | i, i);
        model.put(sequence, sequence << Integer.SIZE | i);
      } else {
        Long oldest = model.isEmpty() || random.nextInt(4) == 0 ? null : model.firstKey();
        long sequence = oldest == null ? random.nextInt(10_000) : oldest;
        assertThat(places.remove(sequence)).isEqualTo(model.remove(sequence) != null);
      }
      long asked = random.nextInt(10_000);
      assertThat(places.contains(asked)).isEqualTo(model.containsKey(asked));
      assertThat(places.count()).isEqualTo(model.size());
    }
    LogPlaces copy = places.copy();
    places.complete();
    assertThat(places.payloadBytes())
        .isEqualTo(model.values().stream().mapToInt(p -> p.intValue()).sum());
    long middle = model.isEmpty() ? 0 : model.floorKey((model.firstKey() + model.lastKey()) / 2);
    places.removeUpTo(middle);
    assertThat(taken(places)).containsExactlyElementsOf(model.tailMap(middle, false).values());
    assertThat(taken(copy)).containsExactlyElementsOf(model.values());
  }

  private static List<Long> taken(LogPlaces places) {
    var taken = new ArrayList<Long>();
    while (places.first() != LogPlaces.NOTHING) {
      taken.add(places.takeFirst());
    }
    assertThat(places.count()).isZero();
    assertThat(places.payloadBytes()).isZero();
    return taken;
  }

  @Property(tries = 200)
  void rangesAreASet(@ForAll long seed) {
    var random = new Random(seed);
    var ranges = new Ranges();
    var model = new BitSet();
    for (int i = 0; i < 100; i++) {
      int from = random.nextInt(300);
      int to = from + random.nextInt(5);
      ranges.add(from, to);
      model.set(from, to + 1);
    }
    for (int i = 0; i < 100; i++) {
      int gone = random.nextInt(310);
      assertThat(ranges.remove(gone)).isEqualTo(model.get(gone));
      model.clear(gone);
    }
    var numbers = new BitSet();
    for (int i = 0; i < ranges.size(); i++) {
      assertThat(ranges.from(i)).isLessThanOrEqualTo(ranges.to(i));
      assertThat(i == 0 || ranges.from(i) > ranges.to(i - 1) + 1).as("apart").isTrue();
      numbers.set((int) ranges.from(i), (int) ranges.to(i) + 1);
    }
    assertThat(numbers).isEqualTo(model);
    assertThat(ranges.count()).isEqualTo(model.cardinality());
  }

  @Property(tries = 200)
  void aBlockIsValidInItsPlaceAloneAndAsItWasWritten(
      @ForAll @Size(min = 1, max = 200) byte[] records,
      @ForAll long epoch,
      @ForAll @IntRange(min = 0, max = 1_000_000) int offset,
      @ForAll int flipped) {
    Output out = Block.start(16);
    out.raw(records, 0, records.length);
    Block block = Block.of(out, 7);
    block.place(epoch, offset, 3);
    byte[] bytes = java.util.Arrays.copyOf(block.bytes(), block.length());

    assertThat(valid(bytes, epoch, offset)).isTrue();
    assertThat(valid(bytes, epoch + 1, offset)).isFalse();
    assertThat(valid(bytes, epoch, offset + 1)).isFalse();
    int bit = Math.floorMod(flipped, bytes.length * 8);
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    assertThat(valid(bytes, epoch, offset)).isFalse();
  }

  private static boolean valid(byte[] bytes, long epoch, long offset) {
    Block.Header header = Block.header(ByteBuffer.wrap(bytes), 0, epoch, offset);
    return header != null
        && header.length() == bytes.length - Block.HEADER_BYTES
        && header.matches(bytes, Block.HEADER_BYTES);
  }

  @Property(tries = 100)
  void aChunkGivesItsMessagesBack(@ForAll @Size(max = 30) List<Integer> numbers)
      throws IOException {
    var messages = new ArrayList<StoredMessage>();
    for (int number : numbers) {
      long sequence = number % 3 == 0 ? 0 : number & 0xFFFFL;
      Object tag = number % 2 == 0 ? null : "tag" + number;
      messages.add(new StoredMessage(sequence, Message.of("m" + number), tag));
    }
    var codec = new PlainCodec();
    Chunk chunk = Chunk.of(messages, codec, Chunk.Places.NONE);

    var in = new Input(chunk.block().bytes(), Block.HEADER_BYTES, chunk.block().length());
    var reader = new Chunk.Reader(in, codec);
    for (StoredMessage expected : messages) {
      Chunk.Entry read = reader.next();
      assertThat(read.sequence()).isEqualTo(expected.sequence());
      assertThat(java.util.Objects.requireNonNull(read.message()).text())
          .isEqualTo(expected.message().text());
      assertThat(read.tag()).isEqualTo(expected.tag());
    }
    assertThat(reader.atEnd()).isTrue();
  }

  @Property(tries = 200)
  void aPlaceTellsFileAndOffsetHoweverHighTheyAre(
      @ForAll @LongRange(min = 1, max = 1L << 50) long number,
      @ForAll @LongRange(min = 0, max = (1L << 40) - 1) long offset,
      @ForAll @IntRange(min = -2_000_000, max = 2_000_000) int newer) {
    var log = new LogFiles(new MemoryFiles());
    log.near(Math.max(1, number + newer));

    long inImage = LogFiles.placeInImage(number, offset);
    long inWal = LogFiles.placeInWal(number, offset);

    assertThat(log.name(inImage)).isEqualTo(LogFileNames.image(number));
    assertThat(log.name(inWal)).isEqualTo(LogFileNames.wal(number));
    assertThat(LogFiles.offset(inImage)).isEqualTo(offset);
    assertThat(LogFiles.offset(inWal)).isEqualTo(offset);
    assertThat(inImage).isNotNegative();
  }

  @Property(tries = 20)
  void aSegmentHasASensibleSize(@ForAll @IntRange(min = -5, max = 65_535) int bytes) {
    Journal journal = Journal.in(java.nio.file.Path.of("data"));

    assertThatThrownBy(() -> journal.segmentBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

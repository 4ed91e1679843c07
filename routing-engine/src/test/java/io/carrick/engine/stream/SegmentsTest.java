package io.carrick.engine.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.storage.StreamLog.Segment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes of a stream, and when. */
class SegmentsTest {

  private static final long HOUR_MS = 3_600_000;
  private static final long NOW_MS = 1_000 * HOUR_MS;

  private static final Limits SMALL = Limits.defaults().with(Limit.STREAM_SEGMENT_BYTES, 1);

  private static final StreamSettings HOUR =
      StreamSettings.of(Map.of("x-max-age", "1h", "x-stream-max-segment-size-bytes", 1_000), SMALL);

  @Test
  void aSegmentOfUnknownAgeCountsFromNow() {
    var left = List.of(new Segment(0, 10, 1_000, 0), new Segment(10, 10, 1_000, 0));
    var segments = new Segments(HOUR, left, NOW_MS);
    segments.startNew();

    segments.trim(NOW_MS + HOUR_MS - 1);
    assertThat(segments.first()).isZero();
    segments.trim(NOW_MS + HOUR_MS);
    assertThat(segments.first()).isEqualTo(20);
  }

  @Test
  void theOneThatIsWrittenToStaysHoweverOldAndLargeItIs() {
    var bounds = StreamSettings.of(Map.of("x-max-age", "1s", "x-max-length-bytes", 10), SMALL);
    var segments = new Segments(bounds, List.of(new Segment(5, 10, 1_000, 1)), NOW_MS);

    segments.trim(NOW_MS);
    assertThat(segments.first()).isEqualTo(5);
    assertThat(segments.end()).isEqualTo(15);
    segments.startNew();
    segments.added(1, 0, NOW_MS);
    segments.trim(NOW_MS);
    assertThat(segments.first()).isEqualTo(15);
    assertThat(segments.bytes()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"1s,1000", "2m,120000", "1h,3600000", "7D,604800000", "1M,2592000000"})
  void anAgeIsANumberAndAUnit(String text, long ms) {
    assertThat(StreamSettings.milliseconds(text)).hasValue(ms);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s", "1", "1w", "1S", "-1s", "0s", "1 s", "1.5h", "99999999999999999999s"})
  void whatIsNoneIsNotRead(String text) {
    assertThat(StreamSettings.milliseconds(text)).isEmpty();
  }

  @Test
  void aSegmentIsNoSmallerThanTheLimitWhateverIsAskedFor() {
    var asked = Map.<String, Object>of("x-stream-max-segment-size-bytes", 1);
    assertThat(StreamSettings.of(asked, Limits.defaults()).segmentBytes()).isEqualTo(64 << 10);
    assertThat(StreamSettings.of(asked, SMALL).segmentBytes()).isEqualTo(1);
  }
}

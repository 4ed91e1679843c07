package io.carrick.testing;

import io.carrick.transport.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The time of one broker under test. Confined to the test's thread. */
final class TestTime {

  /** More than one, so that what crosses loops is tested too. */
  private static final int LOOPS = 2;

  private final TimeMode mode;
  private final @Nullable VirtualTime virtual;

  private TestTime(TimeMode mode, @Nullable VirtualTime virtual) {
    this.mode = mode;
    this.virtual = virtual;
  }

  static TestTime of(TimeMode mode) {
    return switch (mode) {
      case REAL -> new TestTime(mode, null);
      case STANDING -> new TestTime(mode, VirtualTime.overSockets(LOOPS));
      case IN_TEST_THREAD -> new TestTime(mode, VirtualTime.inThisThread(LOOPS));
    };
  }

  /** Returns whether somebody has to let the loops work. */
  boolean needsThisThread() {
    return mode == TimeMode.IN_TEST_THREAD;
  }

  boolean isVirtual() {
    return virtual != null;
  }

  VirtualTime virtual() {
    if (virtual == null) {
      throw new IllegalStateException("this broker lives in real time");
    }
    return virtual;
  }

  void advance(Duration by) {
    virtual().advance(by);
  }

  void settle() {
    virtual().settle();
  }

  Instant now() {
    return virtual().now();
  }
}

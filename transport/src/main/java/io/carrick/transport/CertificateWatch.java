package io.carrick.transport;

import io.carrick.spi.Loop;
import io.carrick.spi.Loop.Timer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Has a worker look every now and then whether certificates have changed. Confined to its loop, but
 * for {@link #begin} and {@link #end}.
 */
final class CertificateWatch {

  private static final long EVERY_MS = 10_000;

  private final TlsEndpoint tls;
  private final Loop loop;
  private volatile boolean ended;
  private volatile @Nullable Timer timer;

  CertificateWatch(TlsEndpoint tls, Loop loop) {
    this.tls = tls;
    this.loop = loop;
  }

  /** Looks the first time after a while. Thread-safe. */
  void begin() {
    if (!ended) {
      timer = loop.schedule(EVERY_MS, this::due);
    }
  }

  private void due() {
    if (ended) {
      return;
    }
    try {
      tls.workers().execute(this::look);
    } catch (RejectedExecutionException brokerCloses) {
      ended = true;
    }
  }

  /** In a worker. */
  private void look() {
    tls.reloadIfChanged();
    try {
      loop.execute(this::begin);
    } catch (RejectedExecutionException loopHasEnded) {
      ended = true;
    }
  }

  /** Looks no more. Thread-safe. */
  void end() {
    ended = true;
    Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}

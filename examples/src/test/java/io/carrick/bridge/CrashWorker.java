package io.carrick.bridge;

import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A client that works in a thread of its own for as long as the broker lives, and goes on with the
 * next one where it was. Confined to the test's thread, but for its work.
 */
abstract class CrashWorker {

  private static final long PATIENCE_MS = 60_000;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean finishing;
  private volatile CountDownLatch ready = new CountDownLatch(1);
  private Thread thread = new Thread(() -> {});

  /** Works on one broker; ends with an exception when that is gone. */
  abstract void work(CrashBroker broker) throws Exception;

  /** Whether to come to an end: nothing new, only what is under way. */
  final boolean finishing() {
    return finishing;
  }

  /** Says that it is connected and its work has begun. */
  final void ready() {
    ready.countDown();
  }

  final void start(CrashBroker broker) {
    ready = new CountDownLatch(1);
    thread = new Thread(() -> workUntilTheEnd(broker), getClass().getSimpleName());
    thread.start();
  }

  private void workUntilTheEnd(CrashBroker broker) {
    try {
      work(broker);
    } catch (IOException | TimeoutException | ShutdownSignalException lost) {
      if (!broker.over()) {
        failure.compareAndSet(null, lost);
      }
    } catch (Throwable wrong) {
      failure.compareAndSet(null, wrong);
    } finally {
      ready.countDown();
    }
  }

  /** Waits until its work has begun. */
  final void awaitReady() throws InterruptedException {
    if (!ready.await(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
      throw stuck("does not begin");
    }
    throwFailure();
  }

  /** Waits until it has noticed that its broker is gone, or has come to its end. */
  final void join() throws InterruptedException {
    thread.join(PATIENCE_MS);
    if (thread.isAlive()) {
      throw stuck("does not end");
    }
    throwFailure();
  }

  private AssertionError stuck(String how) {
    var stuck = new AssertionError(thread.getName() + " " + how);
    stuck.setStackTrace(thread.getStackTrace());
    return stuck;
  }

  private void throwFailure() {
    Throwable wrong = failure.get();
    if (wrong != null) {
      throw new AssertionError(thread.getName() + " has failed", wrong);
    }
  }

  /** Finishes on a broker that is not killed any more. */
  final void finish(CrashBroker broker) throws InterruptedException {
    finishing = true;
    start(broker);
    join();
  }
}

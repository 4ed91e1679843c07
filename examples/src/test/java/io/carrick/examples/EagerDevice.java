package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.bridge.RawMqtt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Publishes numbered messages with QoS 1 as fast as they are acknowledged, in two threads of its
 * own: one writes, one reads. For the test's thread, but for those.
 */
final class EagerDevice implements AutoCloseable {

  private static final int WINDOW = 100;
  private static final int DIGITS = 9;
  private static final long LAST_ACKS_SECONDS = 5;
  private static final long ENDS_WITHIN_MS = 10_000;

  private final RawMqtt client;
  private final String filling;
  private final Semaphore window = new Semaphore(WINDOW);
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread writer = new Thread(() -> work(this::write), "eager writer");
  private final Thread reader = new Thread(() -> work(this::read), "eager reader");
  private volatile boolean stopping;

  /** Connects and begins. */
  EagerDevice(InetSocketAddress mqtt, int payloadBytes) throws IOException {
    filling = "x".repeat(payloadBytes - DIGITS);
    client = new RawMqtt(mqtt);
    client.connect("eager", true);
    client.patience(0); // it may be held back for as long as the load goes on
    writer.start();
    reader.start();
  }

  /** Returns the number of a message. */
  static int number(String text) {
    return Integer.parseInt(text.substring(0, DIGITS));
  }

  private static int packetId(int number) {
    return number % 65_535 + 1;
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void work(Work work) {
    try {
      work.run();
    } catch (Throwable e) {
      if (!stopping) {
        failure.compareAndSet(null, e);
      }
    }
  }

  private void write() throws IOException, InterruptedException {
    for (int number = 0; !stopping; number++) {
      window.acquire();
      String text = String.format("%0" + DIGITS + "d", number) + filling;
      client.publish("load", text, 1, false, packetId(number));
    }
  }

  private void read() throws IOException {
    while (true) {
      int id = client.read(RawMqtt.PUBACK).id();
      assertThat(id).as("acknowledged in order").isEqualTo(packetId(acknowledged.get()));
      acknowledged.incrementAndGet();
      window.release();
    }
  }

  /** Ends publishing; returns how many messages the broker has taken responsibility for. */
  int finish() throws Exception {
    stopping = true;
    // Whoever is held back gets no more acknowledgements, and that is right.
    boolean all = window.tryAcquire(WINDOW, LAST_ACKS_SECONDS, TimeUnit.SECONDS);
    close();
    if (failure.get() != null) {
      throw new AssertionError("the publisher has failed", failure.get());
    }
    assertThat(acknowledged.get()).as("acknowledged; all: %s", all).isPositive();
    return acknowledged.get();
  }

  @Override
  public void close() throws IOException {
    stopping = true;
    client.close();
    window.release(WINDOW);
    try {
      writer.join(ENDS_WITHIN_MS);
      reader.join(ENDS_WITHIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

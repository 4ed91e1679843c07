package io.carrick.examples;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Publishes numbered messages to a queue without waiting for anything, in a thread of its own. For
 * the test's thread, but for that.
 */
final class EagerService implements AutoCloseable {

  private static final long ENDS_WITHIN_MS = 10_000;

  private final Channel channel;
  private final String queue;
  private final int publisher;
  private final int payloadBytes;
  private final AtomicReference<Socket> socket = new AtomicReference<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final Thread writer = new Thread(this::write, "eager publisher");
  private volatile boolean stopping;

  /**
   * Connects and begins.
   *
   * @param publisher stands in front of each number
   */
  EagerService(ConnectionFactory factory, String queue, int publisher, int payloadBytes)
      throws Exception {
    factory.setSocketConfigurator(socket::set);
    Connection connection = factory.newConnection("eager");
    this.channel = connection.createChannel();
    this.queue = queue;
    this.publisher = publisher;
    this.payloadBytes = payloadBytes;
    writer.start();
  }

  private void write() {
    try {
      while (!stopping) {
        byte[] body = new byte[payloadBytes];
        ByteBuffer.wrap(body).putInt(publisher).putInt(sent.getAndIncrement());
        channel.basicPublish("", queue, null, body);
      }
    } catch (Throwable e) {
      if (!stopping) {
        failure.compareAndSet(null, e);
      }
    }
  }

  /** Ends publishing, in the middle of a message perhaps; returns how many were begun. */
  int finish() throws Exception {
    close();
    if (failure.get() != null) {
      throw new AssertionError("the publisher has failed", failure.get());
    }
    return sent.get();
  }

  /** A client that is held back hangs in its socket, and its own closing would hang behind it. */
  @Override
  public void close() throws IOException {
    stopping = true;
    socket.get().close();
    try {
      writer.join(ENDS_WITHIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

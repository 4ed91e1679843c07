package io.carrick.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A protocol that a broker speaks. One object serves one broker at a time. */
public interface ProtocolAdapter {

  /** Returns the name by which {@link io.carrick.Broker#address} finds it. */
  String name();

  /** Returns the loops that this adapter can bring; the builder takes the first offered. */
  default Optional<LoopGroup.Factory> loops() {
    return Optional.empty();
  }

  /** Returns how a durable store keeps this adapter's objects; none by default. */
  default Optional<ObjectCodec> objectCodec() {
    return Optional.empty();
  }

  /**
   * Binds and accepts. Called once, by the thread that starts the broker.
   *
   * @throws IOException when the port cannot be bound, with a message fit for a user
   */
  Endpoint start(AdapterContext context) throws IOException;

  /** A bound port. Thread-safe. */
  interface Endpoint {

    /** Returns what was bound. */
    InetSocketAddress address();

    /** Stops accepting and leaves connections alone. */
    void stopAccepting();

    /**
     * Stops accepting, closes what is still connected after the engine has {@linkplain
     * AttachmentListener#closeRequested asked} every client to leave.
     *
     * @return completes when every connection is closed
     */
    CompletionStage<Void> close();
  }
}

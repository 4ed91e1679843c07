package io.carrick.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** An endpoint that an adapter has bound. Thread-safe. */
public interface BoundEndpoint {

  /** Returns the name by which {@link io.carrick.Broker#address} finds it. */
  String name();

  /**
   * Returns the address and port that were bound.
   *
   * @throws io.carrick.NotFoundException if it is no port but a Unix socket
   */
  InetSocketAddress address();

  /** Stops accepting and leaves connections alone. */
  void stopAccepting();

  /**
   * Reads the files of its certificates again, for connections that come from now on. Blocks;
   * without TLS there is nothing to do.
   *
   * @throws IOException when they cannot be used, with a message fit for a user; those that were
   *     read before stay in force
   */
  default void reloadCertificates() throws IOException {}

  /**
   * Stops accepting, closes what is still connected after the engine has {@linkplain
   * AttachmentListener#closeRequested asked} every client to leave.
   *
   * @return completes when every connection is closed
   */
  CompletionStage<Void> close();
}

package io.carrick.spi;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A protocol that a broker speaks. One object serves one broker at a time. */
public interface ProtocolAdapter {

  /** Returns the protocol's name, which an endpoint has that was given no other. */
  String name();

  /**
   * Returns the names of the endpoints that it will bind. In one broker each is there once; {@code
   * EmbeddedBroker.Builder.adapter} sees to that.
   */
  default List<String> endpointNames() {
    return List.of(name());
  }

  /** Returns the loops that this adapter can bring; the builder takes the first offered. */
  default Optional<LoopGroup.Factory> loops() {
    return Optional.empty();
  }

  /** Returns how a durable store keeps this adapter's objects; none by default. */
  default Optional<ObjectCodec> objectCodec() {
    return Optional.empty();
  }

  /**
   * Binds and accepts, on every endpoint or none. Called once, by the thread that starts the
   * broker.
   *
   * @return what was bound, under {@link #endpointNames()}
   * @throws IOException when one cannot be bound, with a message fit for a user; nothing is bound
   *     then
   */
  List<BoundEndpoint> start(AdapterContext context) throws IOException;
}

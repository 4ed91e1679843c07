package io.carrick.engine.tracing;

import io.carrick.ConnectionInfo;
import java.util.Optional;

/** Where a message comes from. Called in the publisher's loop. */
public interface Source {

  /** Returns where it is published. */
  String virtualHost();

  /** Returns who publishes it; empty if it was said before what is to be published now. */
  Optional<ConnectionInfo> client();

  /** Returns by which of the client's channels. */
  int channel();

  /** Returns the source of what a client that may have gone left to be published. */
  static Source left(String virtualHost) {
    return new Source() {
      @Override
      public String virtualHost() {
        return virtualHost;
      }

      @Override
      public Optional<ConnectionInfo> client() {
        return Optional.empty();
      }

      @Override
      public int channel() {
        return 0;
      }
    };
  }
}

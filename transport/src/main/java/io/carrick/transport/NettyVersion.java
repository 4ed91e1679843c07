package io.carrick.transport;

import io.netty.util.Version;

/**
 * Refuses a Netty that is too old in one sentence, before the first of its missing types is missed.
 * Stateless.
 */
final class NettyVersion {

  private NettyVersion() {}

  /**
   * Called before loops are made.
   *
   * @throws IllegalStateException when the class path has an older Netty, saying what to do
   */
  static void check() {
    check(NettyVersion.class.getClassLoader());
  }

  /** Looks, in what a class loader sees, for a type of each artifact that 4.1 does not have. */
  static void check(ClassLoader loader) {
    need("netty-common", "io.netty.util.concurrent.Ticker", loader);
    need("netty-transport", "io.netty.channel.ManualIoEventLoop", loader);
    need("netty-transport-classes-epoll", "io.netty.channel.epoll.EpollIoHandler", loader);
  }

  private static void need(String artifact, String type, ClassLoader loader) {
    try {
      Class.forName(type, false, loader);
    } catch (ClassNotFoundException e) {
      Version found = Version.identify(loader).get(artifact);
      throw new IllegalStateException(
          "Carrick's separate modules need Netty 4.2, but the class path has "
              + (found == null ? "no " + artifact : artifact + " " + found.artifactVersion())
              + ". Depend on io.carrick:carrick instead of them, which has a Netty of its own"
              + " inside, or set the version of all of Netty to 4.2.",
          e);
    }
  }
}

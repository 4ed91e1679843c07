package io.carrick;

import java.util.Optional;

/**
 * Where an adapter listens, as a user describes it. Immutable; each method that names something
 * returns a copy.
 *
 * <pre>{@code
 * Mqtt.onPort(1883).endpoint(Endpoint.onPort(8883).named("mqtts").tls(tls))
 * }</pre>
 */
public final class Endpoint {

  private static final int MAX_PORT = 65_535;

  private final int port;
  private final Optional<String> name;
  private final Optional<String> host;
  private final Optional<String> virtualHost;
  private final Optional<Tls> tls;

  private Endpoint(
      int port,
      Optional<String> name,
      Optional<String> host,
      Optional<String> virtualHost,
      Optional<Tls> tls) {
    this.port = port;
    this.name = name;
    this.host = host;
    this.virtualHost = virtualHost;
    this.tls = tls;
  }

  /**
   * Returns the description of a port, with the adapter's name, address and virtual host, and
   * without TLS.
   *
   * @param port 0 for one that the system chooses, which {@link Broker#address} tells
   * @throws IllegalArgumentException unless it is from 0 to 65535
   */
  public static Endpoint onPort(int port) {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("a port is from 0 to " + MAX_PORT + ": " + port);
    }
    return new Endpoint(
        port, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Returns the description of a port that the system chooses. */
  public static Endpoint onAnyPort() {
    return onPort(0);
  }

  /**
   * Returns the same under a name of its own, by which {@link Broker#address} finds it. Each
   * endpoint of a broker needs another; without one it has the adapter's.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public Endpoint named(String own) {
    if (own.isEmpty()) {
      throw new IllegalArgumentException("the name of an endpoint is not empty");
    }
    return new Endpoint(port, Optional.of(own), host, virtualHost, tls);
  }

  /** Returns the same on another address than the adapter's; {@code "0.0.0.0"} for every one. */
  public Endpoint host(String address) {
    return new Endpoint(port, name, Optional.of(address), virtualHost, tls);
  }

  /**
   * Returns the same for one virtual host: everybody who connects here is in it. An AMQP client may
   * name it or leave it at the default {@code "/"}; another name is refused.
   */
  public Endpoint virtualHost(String one) {
    return new Endpoint(port, name, host, Optional.of(one), tls);
  }

  /** Returns the same with TLS, and without a plain word. */
  public Endpoint tls(Tls how) {
    return new Endpoint(port, name, host, virtualHost, Optional.of(how));
  }

  /** Returns the port, 0 for one that the system chooses. */
  public int port() {
    return port;
  }

  /** Returns its own name, if it has one. */
  public Optional<String> name() {
    return name;
  }

  /** Returns its own address, if it has one. */
  public Optional<String> host() {
    return host;
  }

  /** Returns the one virtual host that it leads to, if there is one. */
  public Optional<String> virtualHost() {
    return virtualHost;
  }

  /** Returns how it speaks TLS, if it does. */
  public Optional<Tls> tls() {
    return tls;
  }

  @Override
  public String toString() {
    return "Endpoint[" + name.orElse("") + " " + host.orElse("") + ":" + port + "]";
  }
}

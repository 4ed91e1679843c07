package io.carrick;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an adapter listens and what is spoken there beneath its protocol, as a user describes it.
 * Immutable; each method that names something returns a copy.
 *
 * <pre>{@code
 * Mqtt.onPort(1883).endpoint(Endpoint.onPort(8883).named("mqtts").tls(tls))
 * }</pre>
 */
public final class Endpoint {

  private static final int MAX_PORT = 65_535;

  private final Place place;
  private final Wire wire;
  private final Optional<String> name;
  private final Optional<String> virtualHost;

  private Endpoint(Place place, Wire wire, Optional<String> name, Optional<String> virtualHost) {
    this.place = place;
    this.wire = wire;
    this.name = name;
    this.virtualHost = virtualHost;
  }

  /** Where it is. Immutable. */
  private record Place(int port, Optional<String> host, Optional<Path> unixSocket) {}

  /** What is spoken beneath the adapter's protocol. Immutable. */
  private record Wire(Optional<Tls> tls, Optional<WebSocket> webSocket, boolean proxyProtocol) {

    private static final Wire PLAIN = new Wire(Optional.empty(), Optional.empty(), false);
  }

  private static Endpoint at(Place place) {
    return new Endpoint(place, Wire.PLAIN, Optional.empty(), Optional.empty());
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
    return at(new Place(port, Optional.empty(), Optional.empty()));
  }

  /** Returns the description of a port that the system chooses. */
  public static Endpoint onAnyPort() {
    return onPort(0);
  }

  /**
   * Returns the description of a Unix domain socket, on Linux where Netty's native library can be
   * used. Whoever may open it counts as a client of this machine. The socket is made when the
   * broker starts and removed when it closes; one that a broker has left that is gone is replaced.
   */
  public static Endpoint onUnixSocket(Path file) {
    return at(new Place(0, Optional.empty(), Optional.of(file)));
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
    return new Endpoint(place, wire, Optional.of(own), virtualHost);
  }

  /**
   * Returns the same on another address than the adapter's; {@code "0.0.0.0"} for every one. A Unix
   * socket has none.
   */
  public Endpoint host(String address) {
    var there = new Place(place.port, Optional.of(address), place.unixSocket);
    return new Endpoint(there, wire, name, virtualHost);
  }

  /**
   * Returns the same for one virtual host: everybody who connects here is in it. An AMQP client may
   * name it or leave it at the default {@code "/"}; another name is refused.
   */
  public Endpoint virtualHost(String one) {
    return new Endpoint(place, wire, name, Optional.of(one));
  }

  /** Returns the same with TLS, and without a plain word. */
  public Endpoint tls(Tls how) {
    return with(new Wire(Optional.of(how), wire.webSocket, wire.proxyProtocol));
  }

  /** Returns the same over WebSocket, within TLS if it has that. For MQTT only. */
  public Endpoint webSocket(WebSocket how) {
    return with(new Wire(wire.tls, Optional.of(how), wire.proxyProtocol));
  }

  /**
   * Returns the same for clients that come through a proxy which says first where they come from,
   * in a header of the PROXY protocol, version 1 or 2. Who does not begin with one is closed. What
   * the header names is believed, so nobody but the proxy may be able to connect here.
   */
  public Endpoint proxyProtocol(boolean expected) {
    return with(new Wire(wire.tls, wire.webSocket, expected));
  }

  private Endpoint with(Wire other) {
    return new Endpoint(place, other, name, virtualHost);
  }

  /** Returns the port, 0 for one that the system chooses and for a Unix socket. */
  public int port() {
    return place.port;
  }

  /** Returns the Unix socket, if it is on one and not on a port. */
  public Optional<Path> unixSocket() {
    return place.unixSocket;
  }

  /** Returns its own name, if it has one. */
  public Optional<String> name() {
    return name;
  }

  /** Returns its own address, if it has one. */
  public Optional<String> host() {
    return place.host;
  }

  /** Returns the one virtual host that it leads to, if there is one. */
  public Optional<String> virtualHost() {
    return virtualHost;
  }

  /** Returns how it speaks TLS, if it does. */
  public Optional<Tls> tls() {
    return wire.tls;
  }

  /** Returns how it speaks WebSocket, if it does. */
  public Optional<WebSocket> webSocket() {
    return wire.webSocket;
  }

  /** Returns whether a proxy says where clients come from. */
  public boolean proxyProtocol() {
    return wire.proxyProtocol;
  }

  @Override
  public String toString() {
    String where = place.unixSocket.map(Path::toString).orElse(host().orElse("") + ":" + port());
    return "Endpoint[" + name.orElse("") + " " + where + "]";
  }
}

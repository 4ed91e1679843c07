package io.carrick;

import java.util.List;
import java.util.stream.Stream;

/**
 * How an endpoint speaks WebSocket (RFC 6455): on which path, and with pages from where. Immutable;
 * each method that names something returns a copy.
 *
 * <pre>{@code
 * Mqtt.on(Endpoint.onPort(8080).webSocket(WebSocket.at("/mqtt")))
 * }</pre>
 */
public final class WebSocket {

  private static final String USUAL_PATH = "/mqtt";

  private final String path;
  private final List<String> origins;
  private final List<String> subprotocols;

  private WebSocket(String path, List<String> origins, List<String> subprotocols) {
    this.path = path;
    this.origins = List.copyOf(origins);
    this.subprotocols = List.copyOf(subprotocols);
  }

  /** WebSocket on the path {@code /mqtt}, where MQTT's clients look for it. */
  public static WebSocket atUsualPath() {
    return at(USUAL_PATH);
  }

  /**
   * WebSocket on a path, and on no other. What a client says behind a question mark is not looked
   * at.
   *
   * @throws IllegalArgumentException unless it begins with a slash and has no question mark
   */
  public static WebSocket at(String path) {
    if (!path.startsWith("/") || path.contains("?")) {
      throw new IllegalArgumentException("the path of a WebSocket begins with a slash: " + path);
    }
    return new WebSocket(path, List.of(), List.of());
  }

  /**
   * Returns the same for pages from these origins only, as browsers name them ({@code
   * https://example.org}). Programs that name none are let in; without this every page is.
   */
  public WebSocket origins(String first, String... more) {
    return new WebSocket(path, all(first, more), subprotocols);
  }

  /**
   * Returns the same with other subprotocols than the one that is named as the adapter is. Of those
   * that a client offers, the first of these is chosen; without any it is refused.
   */
  public WebSocket subprotocols(String first, String... more) {
    return new WebSocket(path, origins, all(first, more));
  }

  private static List<String> all(String first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toList();
  }

  /** Returns the path. */
  public String path() {
    return path;
  }

  /** Returns the origins of the pages that are let in, empty for all. */
  public List<String> origins() {
    return origins;
  }

  /** Returns the subprotocols, the preferred one first; empty for the adapter's name. */
  public List<String> subprotocols() {
    return subprotocols;
  }

  @Override
  public String toString() {
    return "WebSocket[" + path + "]";
  }
}

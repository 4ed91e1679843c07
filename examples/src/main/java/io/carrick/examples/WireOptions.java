package io.carrick.examples;

import io.carrick.Endpoint;
import io.carrick.WebSocket;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What {@code serve} is asked of WebSocket, Unix sockets and proxies. Confined to the main thread.
 */
final class WireOptions {

  @Option(
      names = "--ws",
      paramLabel = ServeEndpoints.FORM,
      description = "MQTT over WebSocket; may be repeated.")
  private List<String> ws = List.of();

  @Option(
      names = "--ws-path",
      paramLabel = "PATH",
      description = "Where WebSocket is asked for; /mqtt unless it is said.")
  private @Nullable String path;

  @Option(
      names = "--ws-origin",
      paramLabel = "ORIGIN",
      description = "Let in pages of this origin only, as https://example.org; may be repeated.")
  private List<String> origins = List.of();

  @Option(
      names = "--mqtt-unix",
      paramLabel = "PATH",
      description = "Unix-domain socket for MQTT; may be repeated.")
  private List<Path> mqttSockets = List.of();

  @Option(
      names = "--amqp-unix",
      paramLabel = "PATH",
      description = "Unix-domain socket for AMQP; may be repeated.")
  private List<Path> amqpSockets = List.of();

  @Option(
      names = "--proxy-protocol",
      description = "Every port expects a header of the PROXY protocol, version 1 or 2.")
  private boolean proxyProtocol;

  List<String> ws() {
    return ws;
  }

  List<Path> mqttSockets() {
    return mqttSockets;
  }

  List<Path> amqpSockets() {
    return amqpSockets;
  }

  Endpoint raw(Endpoint port) {
    return port.proxyProtocol(proxyProtocol);
  }

  /**
   * Returns an endpoint that speaks WebSocket.
   *
   * @throws CommandFailure when its path is none
   */
  Endpoint webSocket(Endpoint port) {
    return raw(port).webSocket(how());
  }

  private WebSocket how() {
    try {
      WebSocket there = path == null ? WebSocket.atUsualPath() : WebSocket.at(path);
      return origins.isEmpty()
          ? there
          : there.origins(
              origins.get(0), origins.subList(1, origins.size()).toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          CommandFailure.WRONG_USE, "--ws-path begins with a slash and has no '?': " + path);
    }
  }
}

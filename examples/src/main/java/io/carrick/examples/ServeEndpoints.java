package io.carrick.examples;

import io.carrick.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where {@code serve} is to listen: {@code [HOST:]PORT[/VHOST]}, or nowhere. Stateless. */
final class ServeEndpoints {

  static final String FORM = "[HOST:]PORT[/VHOST]";

  private static final int MAX_PORT = 65_535;
  private static final Pattern PARTS =
      Pattern.compile("(?:(\\[[^]]+]|[^:/]+):)?(-?\\d+)(?:/(.+))?");

  private ServeEndpoints() {}

  /**
   * Reads what stood behind an option and names it: {@code mqtt}, {@code mqtt-2}, {@code mqtt-3}.
   *
   * @param protocol the option's name, and the first endpoint's
   * @param texts {@code none} as the only one for no endpoint
   * @param how what else they have
   * @throws CommandFailure for what is no endpoint
   */
  static List<Endpoint> read(String protocol, List<String> texts, UnaryOperator<Endpoint> how) {
    List<Endpoint> endpoints = new ArrayList<>();
    if (texts.equals(List.of("none"))) {
      return endpoints;
    }
    for (String text : texts) {
      endpoints.add(how.apply(named(read(protocol, text), protocol, endpoints.size())));
    }
    return endpoints;
  }

  /** Returns endpoints on Unix sockets, named in the same way. */
  static List<Endpoint> unix(String name, List<Path> files) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Path file : files) {
      endpoints.add(named(Endpoint.onUnixSocket(file), name, endpoints.size()));
    }
    return endpoints;
  }

  private static Endpoint named(Endpoint endpoint, String name, int before) {
    return endpoint.named(before == 0 ? name : name + "-" + (before + 1));
  }

  private static Endpoint read(String protocol, String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw wrong("--" + protocol + " is " + FORM + ": " + text);
    }
    Endpoint endpoint = Endpoint.onPort(port(protocol, parts.group(2)));
    if (parts.group(1) != null) {
      endpoint = endpoint.host(parts.group(1));
    }
    return parts.group(3) == null ? endpoint : endpoint.virtualHost(parts.group(3));
  }

  private static int port(String protocol, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // far beyond, then
    }
    throw wrong("--" + protocol + " is 0 to " + MAX_PORT + ": " + text);
  }

  private static CommandFailure wrong(String message) {
    return new CommandFailure(CommandFailure.WRONG_USE, message);
  }
}

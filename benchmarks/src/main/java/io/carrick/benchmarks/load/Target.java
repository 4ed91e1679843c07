package io.carrick.benchmarks.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is measured. Immutable.
 *
 * @param name as the table shows it
 * @param mqtt where it speaks MQTT; null if it does not
 * @param amqp where it speaks AMQP; null if it does not
 * @param tls whom it is trusted by; null if it is spoken to without TLS
 * @param process its process on this machine, whose CPU time is read; null if unknown
 */
record Target(
    String name,
    @Nullable InetSocketAddress mqtt,
    @Nullable InetSocketAddress amqp,
    @Nullable SSLContext tls,
    @Nullable ProcessHandle process) {

  /**
   * Reads {@code NAME,mqtt=HOST:PORT,amqp=HOST:PORT,ca=FILE,pid=N}, of which one address is needed.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Target parse(String text) {
    String[] parts = text.split(",", -1);
    var target = new Target(parts[0], null, null, null, null);
    if (parts[0].isEmpty() || !parts[0].matches("[\\w .-]+")) {
      throw new IllegalArgumentException("a broker begins with its name: " + text);
    }
    for (int i = 1; i < parts.length; i++) {
      target = target.with(parts[i]);
    }
    if (target.mqtt == null && target.amqp == null) {
      throw new IllegalArgumentException("a broker has mqtt=HOST:PORT or amqp=HOST:PORT: " + text);
    }
    return target;
  }

  private Target with(String part) {
    int equals = part.indexOf('=');
    String value = part.substring(equals + 1);
    return switch (part.substring(0, Math.max(0, equals))) {
      case "mqtt" -> new Target(name, socket(value), amqp, tls, process);
      case "amqp" -> new Target(name, mqtt, socket(value), tls, process);
      case "ca" -> new Target(name, mqtt, amqp, trusting(Path.of(value)), process);
      case "pid" -> new Target(name, mqtt, amqp, tls, running(Long.parseLong(value)));
      default -> throw new IllegalArgumentException("mqtt=, amqp=, ca= or pid=, not " + part);
    };
  }

  private static InetSocketAddress socket(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  private static SSLContext trusting(Path authority) {
    try (InputStream in = Files.newInputStream(authority)) {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      authorities.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("no certificate in " + authority + ": " + e, e);
    }
  }

  private static ProcessHandle running(long pid) {
    return ProcessHandle.of(pid)
        .orElseThrow(() -> new IllegalArgumentException("no process " + pid));
  }

  InetSocketAddress address(boolean ofMqtt) {
    InetSocketAddress address = ofMqtt ? mqtt : amqp;
    if (address == null) {
      throw new IllegalArgumentException(
          "this scenario needs %s=HOST:PORT of %s".formatted(ofMqtt ? "mqtt" : "amqp", name));
    }
    return address;
  }

  boolean serves(Scenario scenario) {
    return (!scenario.usesMqtt() || mqtt != null) && (!scenario.usesAmqp() || amqp != null);
  }

  /** Returns the CPU time that the broker has used so far, user and system. */
  Optional<Duration> cpu() {
    return Optional.ofNullable(process).flatMap(p -> p.info().totalCpuDuration());
  }
}

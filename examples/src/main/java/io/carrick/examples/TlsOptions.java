package io.carrick.examples;

import io.carrick.Endpoint;
import io.carrick.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code serve} is asked of TLS. Confined to the main thread. */
final class TlsOptions {

  @Option(
      names = "--mqtts",
      paramLabel = ServeEndpoints.FORM,
      description = "MQTT over TLS; may be repeated.")
  private List<String> mqtts = List.of();

  @Option(
      names = "--amqps",
      paramLabel = ServeEndpoints.FORM,
      description = "AMQP over TLS; may be repeated.")
  private List<String> amqps = List.of();

  @Option(
      names = "--wss",
      paramLabel = ServeEndpoints.FORM,
      description = "MQTT over WebSocket over TLS; may be repeated.")
  private List<String> wss = List.of();

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description =
          "Certificate, then those of whoever signed it (PEM). More of them, each with its --key,"
              + " are for clients that ask for the hosts that they name.")
  private List<Path> certificates = List.of();

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key (PEM, PKCS #8).")
  private List<Path> keys = List.of();

  @Option(
      names = "--pkcs12",
      paramLabel = "FILE",
      description = "Certificate and key in one file, instead.")
  private @Nullable Path pkcs12;

  @Option(
      names = "--key-password-file",
      paramLabel = "FILE",
      description = "Its first line is the password of the key, or of the PKCS #12 file.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--client-ca",
      paramLabel = "FILE",
      description = "Whose certificates clients may show (PEM).")
  private @Nullable Path clientAuthority;

  @Option(
      names = "--require-client-cert",
      description = "Let nobody in without such a certificate.")
  private boolean requireClientCertificate;

  List<String> mqtts() {
    return mqtts;
  }

  List<String> amqps() {
    return amqps;
  }

  List<String> wss() {
    return wss;
  }

  /**
   * Returns what makes an endpoint speak TLS.
   *
   * @throws CommandFailure when one of them is to and it is not said how, or the other way round
   */
  UnaryOperator<Endpoint> read() {
    boolean wanted = !mqtts.isEmpty() || !amqps.isEmpty() || !wss.isEmpty();
    boolean named =
        pkcs12 != null || !certificates.isEmpty() || !keys.isEmpty() || clientAuthority != null;
    if (wanted) {
      Tls how = withClients(own());
      return endpoint -> endpoint.tls(how);
    } else if (named || passwordFile != null || requireClientCertificate) {
      throw wrong("certificates are for --mqtts, --amqps and --wss, and there is none");
    }
    return UnaryOperator.identity();
  }

  private Tls own() {
    Path p12 = pkcs12;
    if (p12 != null && certificates.isEmpty() && keys.isEmpty()) {
      return Tls.pkcs12(p12, password());
    } else if (p12 == null && !certificates.isEmpty() && keys.size() == certificates.size()) {
      return pem(password());
    }
    throw wrong("--mqtts, --amqps and --wss need --cert and --key, or --pkcs12");
  }

  private Tls pem(String password) {
    Tls tls = Tls.pem(certificates.get(0), keys.get(0), password);
    for (int i = 1; i < keys.size(); i++) {
      tls = tls.also(new Tls.PemFiles(certificates.get(i), keys.get(i), password));
    }
    return tls;
  }

  private Tls withClients(Tls own) {
    Path authority = clientAuthority;
    if (authority == null) {
      if (requireClientCertificate) {
        throw wrong("--require-client-cert needs --client-ca");
      }
      return own;
    }
    return requireClientCertificate
        ? own.requireClientCertificates(authority)
        : own.askForClientCertificates(authority);
  }

  private String password() {
    Path file = passwordFile;
    if (file == null) {
      return "";
    }
    try {
      return Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new CommandFailure(CommandFailure.FAILED, "cannot read --key-password-file " + file);
    }
  }

  private static CommandFailure wrong(String message) {
    return new CommandFailure(CommandFailure.WRONG_USE, message);
  }
}

package io.carrick.examples;

import io.carrick.Endpoint;
import io.carrick.Tls;
import io.carrick.examples.ServeOptions.Sync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of {@link Server}. Confined to the main thread. */
@Command(
    name = "serve",
    description = "Runs a broker until it is told to stop (SIGTERM or Ctrl-C).",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {

  @Option(names = "--host", paramLabel = "H", description = "Address to listen on.")
  private String host = ServeOptions.DEFAULT_HOST;

  @Option(
      names = "--mqtt",
      paramLabel = ServeEndpoints.FORM,
      description = "MQTT port, 0 for any, or 'none'; may be repeated.")
  private List<String> mqtt = List.of(ServeOptions.DEFAULT_MQTT_PORT);

  @Option(
      names = "--amqp",
      paramLabel = ServeEndpoints.FORM,
      description = "AMQP port, 0 for any, or 'none'; may be repeated.")
  private List<String> amqp = List.of(ServeOptions.DEFAULT_AMQP_PORT);

  @ArgGroup(exclusive = false, heading = "TLS, by usual custom on ports 8883 and 5671:%n")
  private TlsOptions tls = new TlsOptions();

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Threads that do the work; on a machine of its own, one for each processor.")
  private int loops = ServeOptions.DEFAULT_LOOPS;

  @Option(names = "--data", paramLabel = "DIR", description = "Directory to keep messages in.")
  private @Nullable Path data;

  @Option(
      names = "--sync",
      paramLabel = "fsync|os|none",
      description = "When a stored message counts as safe.")
  private Sync sync = Sync.FSYNC;

  @Option(
      names = "--skip-damaged",
      description = "Pass over damaged records, which are logged, instead of refusing to start.")
  private boolean skipDamaged;

  @Option(
      names = "--ctl",
      paramLabel = "PATH",
      description = "Unix-domain socket for 'carrick ctl', for this user only.")
  private @Nullable Path ctl;

  @ArgGroup(exclusive = false, heading = "Who may do what, and how much of it (docs/serve.md):%n")
  private RuleOptions rules = new RuleOptions();

  /** What is asked of TLS. Confined to the main thread. */
  private static final class TlsOptions {

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
        names = "--cert",
        paramLabel = "FILE",
        description = "Certificate, then those of whoever signed it (PEM).")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key (PEM, PKCS #8).")
    private @Nullable Path key;

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

    Optional<Tls> read() {
      boolean wanted = !mqtts.isEmpty() || !amqps.isEmpty();
      Path p12 = pkcs12;
      Path cert = certificate;
      Path pem = key;
      if (!wanted) {
        boolean files = p12 != null || cert != null || pem != null || clientAuthority != null;
        if (files || passwordFile != null || requireClientCertificate) {
          throw wrong("certificates are for --mqtts and --amqps, and there is none");
        }
        return Optional.empty();
      }
      if (p12 != null && cert == null && pem == null) {
        return Optional.of(withClients(Tls.pkcs12(p12, password())));
      } else if (p12 == null && cert != null && pem != null) {
        return Optional.of(withClients(Tls.pem(cert, pem, password())));
      }
      throw wrong("--mqtts and --amqps need --cert and --key, or --pkcs12");
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

  @Override
  public Integer call() throws InterruptedException {
    Optional<Tls> secured = tls.read();
    return Server.run(
        new ServeOptions(
            host,
            both(ServeEndpoints.read("mqtt", mqtt, Optional.empty()), "mqtts", tls.mqtts, secured),
            both(ServeEndpoints.read("amqp", amqp, Optional.empty()), "amqps", tls.amqps, secured),
            loops,
            data,
            sync,
            skipDamaged,
            ctl,
            rules.read()));
  }

  private static List<Endpoint> both(
      List<Endpoint> plain, String protocol, List<String> texts, Optional<Tls> tls) {
    List<Endpoint> all = new ArrayList<>(plain);
    all.addAll(ServeEndpoints.read(protocol, texts, tls));
    return all;
  }
}

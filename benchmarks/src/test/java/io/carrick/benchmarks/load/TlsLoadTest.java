package io.carrick.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.Tls;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.transport.NettyLoops;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The load program over TLS, against a broker in this JVM. */
class TlsLoadTest {

  private static final Path CERTIFICATES =
      Path.of("../transport/src/test/resources/certificates").toAbsolutePath().normalize();

  private static Broker broker;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() {
    Tls tls = Tls.pem(CERTIFICATES.resolve("server.crt"), CERTIFICATES.resolve("server.key"));
    broker =
        EmbeddedBroker.builder()
            .loops(NettyLoops.factory(1))
            .adapter(Mqtt.on(Endpoint.onAnyPort().tls(tls)))
            .start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private int run(String authority, String... arguments) {
    InetSocketAddress address = broker.address("mqtt");
    CommandLine command = CarrickLoad.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 3];
    all[0] =
        "--broker=one,mqtt=%s:%d,ca=%s,pid=%d"
            .formatted(
                address.getHostString(),
                address.getPort(),
                CERTIFICATES.resolve(authority),
                ProcessHandle.current().pid());
    all[1] = "--warm-up=0";
    all[2] = "--duration=1";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return command.execute(all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqtt-0", "mqtt-1", "mqtt-fan-out", "mqtt-2"})
  void nothingIsLostOverTls(String scenario) {
    assertThat(run("ca.crt", scenario)).as("%s%s", out, err).isZero();
    assertThat(out.toString().lines()).hasSize(2).last().asString().endsWith(" 0      0      0");
  }

  @Test
  void nothingIsLostOfPayloadsThatFillARecord() {
    assertThat(run("ca.crt", "--size=16384", "--window=100", "mqtt-0"))
        .as("%s%s", out, err)
        .isZero();
    assertThat(out.toString().lines()).hasSize(2).last().asString().endsWith(" 0      0      0");
  }

  @Test
  void everyConnectionShakesHandsAnew() {
    long before = broker.metrics().value("connections.opened");

    assertThat(run("ca.crt", "--handshakes")).as("%s%s", out, err).isZero();

    String row = out.toString().lines().toList().get(1);
    assertThat(row).startsWith("one").containsPattern("TLSv1\\.[23] TLS_\\S+, (RSA|EC) \\d+");
    long shown = Long.parseLong(row.split("\\s+")[1].replace(",", ""));
    assertThat(shown).isPositive();
    assertThat(broker.metrics().value("connections.opened") - before).isEqualTo(shown + 1);
  }

  @Test
  void aBrokerWhoseCertificateNobodyTrustsIsNotMeasured() {
    assertThat(run("stranger-ca.crt", "--handshakes")).isEqualTo(1);
    assertThat(err.toString()).startsWith("carrick-load: ");
    assertThat(out.toString()).doesNotContain("one ");
  }
}

package io.carrick.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.transport.NettyLoops;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The load program against a broker in this JVM. */
class CarrickLoadTest {

  private static Broker broker;

  @BeforeAll
  static void start() {
    broker =
        EmbeddedBroker.builder()
            .loops(NettyLoops.factory(3))
            .adapter(Mqtt.onAnyPort())
            .adapter(Amqp.onAnyPort())
            .start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static String address(String protocol) {
    InetSocketAddress address = broker.address(protocol);
    return address.getHostString() + ":" + address.getPort();
  }

  static Iterable<Scenario> scenarios() {
    return Scenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyScenarioDeliversEverythingOnceAndInOrder(Scenario scenario) throws Exception {
    var target = new Target("carrick", broker.address("mqtt"), broker.address("amqp"), null, null);
    var logins = new Cast.Logins(new Login("", ""), new Login("guest", "guest"));
    var times =
        new Run.Times(Duration.ofMillis(50), Duration.ofMillis(150), Duration.ofSeconds(20));

    Result result = new Run(scenario, target, logins).measure(times, (phase, perSecond) -> {});

    long received = result.tally().received();
    assertThat(received).isPositive();
    assertThat(result.tally()).isEqualTo(new Result.Tally(received, 0, 0, 0));
    assertThat(result.row()).contains(scenario.name());
  }

  @Test
  void aRunLeavesNoQueueNoSessionAndNoExchange() throws Exception {
    var names = new String[] {"mqtt-1-durable", "amqp-durable", "amqp-fanout", "amqp-topic"};
    for (String name : names) {
      everyScenarioDeliversEverythingOnceAndInOrder(Scenario.named(name));
    }

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          while (!broker.queues().isEmpty()) {
            Thread.onSpinWait(); // the broker learns of a closed socket a little later
          }
        });
  }

  @Test
  void theCommandPrintsATableWritesJsonAndDraws(@TempDir Path folder) throws Exception {
    Path json = folder.resolve("result.json");
    Path svg = folder.resolve("result.svg");
    var out = new StringWriter();
    CommandLine command = CarrickLoad.commandLine();
    command.setOut(new PrintWriter(out));
    String pid = ",pid=" + ProcessHandle.current().pid();

    int status =
        command.execute(
            "--broker=one,mqtt=" + address("mqtt") + pid,
            "--broker=two,mqtt=" + address("mqtt") + ",amqp=" + address("amqp") + pid,
            "--warm-up=0",
            "--duration=1",
            "--rate=500",
            "--json=" + json,
            "--svg=" + svg,
            "mqtt-1");

    assertThat(status).isZero();
    assertThat(out.toString().lines()).hasSize(3);
    assertThat(Files.readString(json))
        .contains("\"broker\":\"two\",\"scenario\":\"mqtt-1\"", "\"lost\":0");
    assertThat(Files.readString(svg)).startsWith("<svg").contains("mqtt-1", ">one<", ">two<");
  }

  @Test
  void aScenarioThatNeedsAnotherProtocolSaysSo() {
    var err = new StringWriter();
    CommandLine command = CarrickLoad.commandLine();
    command.setErr(new PrintWriter(err));

    int status = command.execute("--broker=one,mqtt=" + address("mqtt"), "mqtt-to-amqp");

    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).contains("this scenario needs amqp=HOST:PORT of one");
  }

  @Test
  void connectionsThatAreSilentAreCountedAndLeave() throws Exception {
    var out = new StringWriter();
    CommandLine command = CarrickLoad.commandLine();
    command.setOut(new PrintWriter(out));

    int status = command.execute("--broker=one,mqtt=" + address("mqtt"), "--connections=1000");

    assertThat(status).isZero();
    assertThat(out.toString().lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("one")
        .contains("1,000");
    assertThat(broker.metrics().value("connections.opened")).isGreaterThanOrEqualTo(1_000);
  }

  @Test
  void aBrokerThatCannotPlayIsNamedAndTheOthersGoOn() {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine command = CarrickLoad.commandLine();
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));

    int status =
        command.execute(
            "--broker=nobody,mqtt=" + address("amqp"), // speaks another protocol there
            "--broker=somebody,mqtt=" + address("mqtt"),
            "--warm-up=0",
            "--duration=1",
            "--rate=500",
            "mqtt-1");

    assertThat(status).isEqualTo(1);
    assertThat(err.toString()).contains("nobody mqtt-1: failed: ");
    assertThat(out.toString()).contains("somebody").doesNotContain("nobody");
  }

  @Test
  void aBrokerWithoutAnAddressIsRefused() {
    var err = new StringWriter();
    CommandLine command = CarrickLoad.commandLine();
    command.setErr(new PrintWriter(err));

    assertThat(command.execute("--broker=one", "mqtt-0")).isEqualTo(2);
    assertThat(err.toString()).contains("a broker has mqtt=HOST:PORT or amqp=HOST:PORT");
  }
}

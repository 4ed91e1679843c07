package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Metrics;
import io.carrick.testing.BrokerExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a peer does wrong ends its own connection, is counted, and is no event for the log. */
class BadInputTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private final PrintStream standardError = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void readTheLog() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveTheLogBack() {
    System.setErr(standardError);
  }

  @Test
  void aPeersMistakesAreNotInTheLogAndDisturbNobody() {
    TestClient other = TestClient.clean(broker, "other").subscribe("t", 0);
    byte[][] mistakes = {
      {0x10, 0},
      {0x30, 3, 0, 1, 'a'},
      {(byte) 0xF0, 0},
      {0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 1},
      "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
      connect("c").protocol("MQTT", 77).bytes(),
      connect("").persistent().bytes(),
    };
    for (byte[] mistake : mistakes) {
      TestClient.silent(broker).send(mistake).expectClosed();
    }
    TestClient.clean(broker, "second").send(connect("second").bytes()).expectClosed();
    TestClient.clean(broker, "empty").publish("", "x").expectClosed();
    TestClient.clean(broker, "system").publish("$SYS/x", "x").expectClosed();
    TestClient.clean(broker, "p").publish("t", "x");
    other.expect("PUBLISH t x");
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
    Metrics metrics = broker.broker().metrics();
    assertThat(metrics.value("packets.malformed{protocol=mqtt}")).isEqualTo(7);
    assertThat(broker.broker().connections()).hasSize(2);
  }

  @Test
  void randomBytesBehindAConnectEndOneConnectionAndNothingElse() {
    var random = new Random(20_261_121);
    TestClient other = TestClient.clean(broker, "other").subscribe("still/here", 0);
    for (int i = 0; i < 500; i++) {
      byte[] noise = new byte[1 + random.nextInt(200)];
      random.nextBytes(noise);
      TestClient noisy = TestClient.clean(broker, "noisy");
      noisy.send(noise);
      noisy.vanish();
    }
    TestClient.clean(broker, "p").publish("still/here", "x");
    assertThat(other.received()).contains("PUBLISH still/here x");
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(broker.broker().connections()).hasSize(2);
  }

  @Test
  void countersSayWhatHappened() {
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("t", 1);
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.publish("t", "x").publishAcked("t", "y").publishAcked("nobody", "z");
    subscriber.ack(io.carrick.mqtt.codec.PacketType.PUBACK, 1);
    publisher.vanish();
    subscriber.disconnect();
    Metrics metrics = broker.broker().metrics();
    assertThat(metrics.value("connections.opened")).isEqualTo(2);
    assertThat(metrics.value("connections.closed{reason=peer}")).isEqualTo(1);
    assertThat(metrics.value("connections.closed{reason=local}")).isEqualTo(1);
    assertThat(metrics.value("messages.published")).isEqualTo(3);
    assertThat(metrics.value("messages.unroutable")).isEqualTo(1);
    assertThat(metrics.value("messages.delivered")).isEqualTo(2);
    assertThat(metrics.value("messages.accepted")).isEqualTo(1);
    assertThat(metrics.value("packets.malformed{protocol=mqtt}")).isZero();
  }
}

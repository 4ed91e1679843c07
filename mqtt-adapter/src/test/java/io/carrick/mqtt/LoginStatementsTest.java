package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.spi.Credentials;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What both versions say of user name and password, in both: over sockets, since it takes time. */
@ParameterizedClass(name = "{0}")
@EnumSource
@Timeout(60)
class LoginStatementsTest {

  private final Version version;
  private final ConcurrentLinkedQueue<Credentials> shown = new ConcurrentLinkedQueue<>();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .adapter(Mqtt.onAnyPort())
              .authenticator(
                  credentials -> {
                    shown.add(credentials);
                    return Optional.of(Identity.ofUser(credentials.user()))
                        .filter(who -> !who.user().equals("nobody"));
                  }));

  LoginStatementsTest(Version version) {
    this.version = version;
  }

  @Test
  @Tag("MQTT-3.1.2-19/311")
  @Tag("MQTT-3.1.2-21/311")
  @Tag("MQTT-3.1.3-1/311")
  @Tag("MQTT-3.1.2-17/5")
  @Tag("MQTT-3.1.2-19/5")
  @Tag("MQTT-3.1.3-1/5")
  void userNameAndPasswordAreWhatWasSent() throws IOException {
    try (var client = new SocketClient(broker.address("mqtt"), version)) {
      client.send(version.connect("c", "Zoë", "secret\0"));
      assertThat(client.next()).isEqualTo("CONNACK 0");
    }
    Credentials credentials = shown.remove();
    assertThat(credentials.user()).isEqualTo("Zoë");
    assertThat(credentials.password()).isEqualTo("secret\0".getBytes(StandardCharsets.UTF_8));
    assertThat(credentials.clientId()).isEqualTo("c");
  }

  @Test
  @Tag("MQTT-3.1.4-5/311")
  @Tag("MQTT-3.2.2-4/311")
  @Tag("MQTT-3.2.2-5/311")
  @Tag("MQTT-3.1.4-2/5")
  @Tag("MQTT-3.1.4-6/5")
  @Tag("MQTT-3.2.2-6/5")
  @Tag("MQTT-3.2.2-7/5")
  @Tag("MQTT-4.13.2-1/5")
  void whoIsNotLetInGetsItsCodeAndTheEndAndNothingBehindItIsDone() throws IOException {
    String refused = version == Version.MQTT_5 ? "CONNACK 0x86" : "CONNACK 4";
    try (var watcher = new SocketClient(broker.address("mqtt"), version);
        var client = new SocketClient(broker.address("mqtt"), version)) {
      watcher.send(version.connect("w", "somebody", "x"), version.subscribe(1, 0, "#"));
      assertThat(watcher.next()).isEqualTo("CONNACK 0");
      assertThat(watcher.next()).isEqualTo("SUBACK #1 [0]");
      client.send(version.connect("c", "nobody", "x"), version.publish("t", "behind", 1, 1));
      assertThat(client.rest()).containsExactly(refused);
      watcher.send(version.publish("t", "later", 0, 0));
      assertThat(watcher.next()).isEqualTo("PUBLISH t later");
    }
  }

  @Test
  @Tag("MQTT-7.1.1-1/311")
  @Tag("MQTT-4.2.0-1/5")
  void overTcpEverythingComesInOrderHoweverItIsCut() throws IOException {
    try (var client = new SocketClient(broker.address("mqtt"), version)) {
      byte[] all =
          Packets.join(
              version.connect("c", "somebody", "x"),
              version.subscribe(1, 1, "t"),
              version.publish("t", "x", 1, 2),
              Packets.PINGREQ);
      for (byte b : all) {
        client.send(new byte[] {b});
      }
      assertThat(client.next()).isEqualTo("CONNACK 0");
      assertThat(client.next()).isEqualTo("SUBACK #1 [1]");
      assertThat(client.next()).isEqualTo("PUBACK #2");
      assertThat(client.next()).isEqualTo("PUBLISH t x qos1 #1");
      assertThat(client.next()).isEqualTo("PINGRESP");
    }
  }
}

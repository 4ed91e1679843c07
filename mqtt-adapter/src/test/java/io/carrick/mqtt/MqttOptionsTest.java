package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients get less of than MQTT has, where the user of the adapter says so. */
class MqttOptionsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.onAnyPort().keepAlive(MINUTE).maximumQos(1).retain(false).emptyClientIds(false))
          .inTestThread();

  private TestClient connected(int keepAlive) {
    return TestClient.connected(broker, connect("c" + keepAlive).keepAlive(keepAlive));
  }

  @Test
  void whoAsksForALongerKeepAliveOrNoneIsHeldToTheLongest() {
    TestClient none = connected(0);
    TestClient longer = connected(3_600);
    TestClient shorter = connected(10);
    broker.advance(Duration.ofMillis(14_999));
    assertThat(shorter.closed()).isFalse();
    broker.advance(Duration.ofMillis(75_000));
    shorter.expectClosed();
    none.expectNothing();
    longer.expectNothing();
    broker.advance(Duration.ofSeconds(90));
    none.expectClosed();
    longer.expectClosed();
  }

  @Test
  void aSubscriptionIsGrantedNoMoreThanTheHighestQos() {
    TestClient client = TestClient.clean(broker, "c");
    client
        .send(subscribe(1, 2, "t"), subscribe(2, 0, "u"))
        .expect("SUBACK #1 [1]", "SUBACK #2 [0]");
    client.send(publish("t", "x", 1, 7)).expect("PUBACK #7", "PUBLISH t x qos1 #1");
  }

  @Test
  void aWillThatCouldNotBePublishedIsRefused() {
    byte[] qos2 = connect("c").will("w", "x", 2, false).bytes();
    byte[] retained = connect("c").will("w", "x", 0, true).bytes();
    TestClient.silent(broker).send(qos2).expect("CONNACK 5").expectClosed();
    TestClient.silent(broker).send(retained).expect("CONNACK 5").expectClosed();
    TestClient.connected(broker, connect("c").will("w", "x", 1, false));
  }

  @Test
  void whoGivesNoClientIdIsRefused() {
    TestClient.silent(broker).send(connect("").bytes()).expect("CONNACK 2").expectClosed();
  }

  @Test
  void whatNoBrokerCanBeIsRefusedAtOnce() {
    Mqtt mqtt = Mqtt.onAnyPort();
    assertThatIllegalArgumentException().isThrownBy(() -> mqtt.keepAlive(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> mqtt.keepAlive(Duration.ofDays(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> mqtt.maximumQos(3));
    assertThatIllegalArgumentException().isThrownBy(() -> mqtt.maximumQos(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> mqtt.sessionExpiry(Duration.ZERO));
  }
}

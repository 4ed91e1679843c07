package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients get less of than MQTT has, where the user of the adapter says so. */
class MqttOptionsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.onAnyPort()
                  .keepAlive(MINUTE)
                  .maximumQos(1)
                  .retain(false)
                  .emptyClientIds(false)
                  .sessionExpiry(HOUR))
          .inTestThread();

  private String answer(Packets5.ConnectBuilder connect) {
    return TestClient.five(broker).send(connect.bytes()).next();
  }

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
  @Tag("MQTT-3.2.2-9/5")
  void aClientOfVersion5IsToldWhatThereIsLessOf() {
    assertThat(answer(Packets5.connect("c").keepAlive(0)))
        .contains("maximumQos=1", "retainAvailable=0", "keepAlive=60");
    assertThat(answer(Packets5.connect("c").keepAlive(59))).doesNotContain("keepAlive");
    assertThat(answer(Packets5.connect("c").persistent())).contains("sessionExpiry=3600");
    assertThat(answer(Packets5.connect("c").with(Properties5.sessionExpiry(3_599))))
        .doesNotContain("sessionExpiry");
  }

  @Test
  void aSessionLivesNoLongerThanTheLongest() {
    TestClient.persistent(broker, "three").disconnect();
    TestClient.five(broker, Packets5.connect("five").persistent()).vanish();
    TestClient.five(broker, Packets5.connect("later").with(Properties5.sessionExpiry(1)))
        .send(Packets5.disconnect(0, Properties5.sessionExpiry(0xFFFF_FFFFL)))
        .expectClosed();
    broker.advance(HOUR.minusMillis(1));
    assertThat(broker.broker().sessions()).hasSize(3);
    broker.advance(Duration.ofMillis(1));
    assertThat(broker.broker().sessions()).isEmpty();
  }

  @Test
  void aPublishThatThereIsLessOfClosesItsConnection() {
    for (byte[] packet :
        new byte[][] {
          publish("t", "x", 2, 1), retained(publish("t", "x")), dup(publish("t", "x", 2, 1))
        }) {
      TestClient.clean(broker, "c").send(packet).expect().expectClosed();
    }
    TestClient.five(broker, Packets5.connect("c"))
        .send(Packets5.publish("t", "x", 2, 1))
        .expect("DISCONNECT 0x9B {reason=a QoS of 2}")
        .expectClosed();
    TestClient.five(broker, Packets5.connect("c"))
        .send(retained(Packets5.publish("t", "x", 1, 1)))
        .expect("DISCONNECT 0x9A {reason=a retained message}")
        .expectClosed();
    TestClient.five(broker, Packets5.connect("c"))
        .send(Packets5.publish("t", "x", 1, 1))
        .expect("PUBACK #1 0x10");
  }

  @Test
  @Tag("MQTT-3.2.2-10/5")
  void aSubscriptionIsGrantedNoMoreThanTheHighestQos() {
    TestClient client = TestClient.clean(broker, "c");
    client
        .send(subscribe(1, 2, "t"), subscribe(2, 0, "u"))
        .expect("SUBACK #1 [1]", "SUBACK #2 [0]");
    client.send(publish("t", "x", 1, 7)).expect("PUBACK #7", "PUBLISH t x qos1 #1");
    TestClient.five(broker, Packets5.connect("five"))
        .send(Packets5.subscribe(1, 2, "t"))
        .expect("SUBACK #1 [1]");
  }

  @Test
  @Tag("MQTT-3.2.2-12/5")
  @Tag("MQTT-3.2.2-13/5")
  void aWillThatCouldNotBePublishedIsRefused() {
    byte[] qos2 = connect("c").will("w", "x", 2, false).bytes();
    byte[] retained = connect("c").will("w", "x", 0, true).bytes();
    TestClient.silent(broker).send(qos2).expect("CONNACK 5").expectClosed();
    TestClient.silent(broker).send(retained).expect("CONNACK 5").expectClosed();
    TestClient.connected(broker, connect("c").will("w", "x", 1, false));
    assertThat(answer(Packets5.connect("d").will("w", "x", 2, false))).startsWith("CONNACK 0x9B");
    assertThat(answer(Packets5.connect("d").will("w", "x", 1, true))).startsWith("CONNACK 0x9A");
  }

  @Test
  void whoGivesNoClientIdIsRefused() {
    TestClient.silent(broker).send(connect("").bytes()).expect("CONNACK 2").expectClosed();
    assertThat(answer(Packets5.connect(""))).startsWith("CONNACK 0x85");
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

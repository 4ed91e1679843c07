package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What CONNACK tells a client of version 5 (MQTT 5 §3.2.2.3). */
class ConnAckTest {

  private static final byte[] ASKED = Properties5.requestResponse(1);
  private static final String TERMS =
      "maximumPacketSize=67698696, topicAliasMaximum=10, receiveMaximum=1024";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.onAnyPort().keepAlive(Duration.ofMinutes(1)).responseTopics("replies/%c"))
          .inTestThread();

  private TestClient answered(ConnectBuilder connect) {
    return TestClient.five(broker).send(connect.bytes());
  }

  private String connAck(ConnectBuilder connect) {
    return answered(connect).next();
  }

  @Test
  @Tag("MQTT-3.1.2-28/5")
  void responseInformationIsToldToWhomAsksForIt() {
    assertThat(connAck(connect("c").with(ASKED)))
        .isEqualTo("CONNACK 0 {" + TERMS + ", responseInformation=replies/c}");
    assertThat(connAck(connect("d"))).isEqualTo("CONNACK 0 {" + TERMS + "}");
    assertThat(connAck(connect("d").with(Properties5.requestResponse(0))))
        .isEqualTo("CONNACK 0 {" + TERMS + "}");
  }

  @Test
  void whoGetsItsClientIdGetsItsTopicByThat() {
    assertThat(connAck(connect("").with(ASKED)))
        .matches(".*assigned=(.+), responseInformation=replies/\\1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "+", "a#"})
  void aClientIdThatIsNoLevelHasNoSuchTopic(String id) {
    assertThat(connAck(connect(id).with(ASKED))).isEqualTo("CONNACK 0 {" + TERMS + "}");
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  void itIsLeftOutWhereConnAckWouldBeTooLong() {
    byte[] most = Properties5.maximumPacketSize(20);
    assertThat(connAck(connect("c").with(ASKED, most))).isEqualTo("CONNACK 0 {" + TERMS + "}");
  }

  @Test
  void anAnswerFindsItsWay() {
    TestClient asking = answered(connect("asking").with(ASKED));
    assertThat(asking.next()).endsWith("responseInformation=replies/asking}");
    asking.send(subscribe(1, 1, "replies/asking/#")).expect("SUBACK #1 [1]");
    TestClient service = TestClient.five(broker, connect("service")).subscribe("ask", 0);
    asking.send(publish("ask", "?", Properties5.responseTopic("replies/asking/7")));
    service.expect("PUBLISH ask ? {response=replies/asking/7}");
    service.publish("replies/asking/7", "!");
    asking.expect("PUBLISH replies/asking/7 !");
  }

  @Test
  @Tag("MQTT-3.2.2-22/5")
  @Tag("MQTT-3.1.2-22/5")
  void aClientIsHeldToTheKeepAliveThatItIsTold() {
    TestClient none = answered(connect("none").keepAlive(0));
    TestClient longer = answered(connect("longer").keepAlive(61));
    TestClient its = answered(connect("its").keepAlive(60));
    TestClient shorter = answered(connect("shorter").keepAlive(10));
    none.expect("CONNACK 0 {" + TERMS + ", keepAlive=60}");
    longer.expect("CONNACK 0 {" + TERMS + ", keepAlive=60}");
    its.expect("CONNACK 0 {" + TERMS + "}");
    shorter.expect("CONNACK 0 {" + TERMS + "}");
    broker.advance(Duration.ofSeconds(15));
    shorter.expect("DISCONNECT 0x8D {reason=keep alive expired}").expectClosed();
    broker.advance(Duration.ofMillis(74_999));
    its.expect();
    broker.advance(Duration.ofMillis(1));
    for (TestClient client : new TestClient[] {none, longer, its}) {
      client.expect("DISCONNECT 0x8D {reason=keep alive expired}").expectClosed();
    }
  }

  @Test
  void aTopicForAnswersIsATopicName() {
    Mqtt mqtt = Mqtt.onAnyPort();
    for (String wrong : new String[] {"", "a/+", "#", "$SYS/x", "a\0", "to-%c/x", "a/%u%c"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> mqtt.responseTopics(wrong));
    }
  }

  /** Without an option for it. */
  @Nested
  class ByDefault {

    @RegisterExtension
    final BrokerExtension plain = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

    @Test
    @Tag("MQTT-3.2.2-9/5")
    @Tag("MQTT-3.2.2-22/5")
    void connAckIsShort() {
      byte[] asked = connect("c").keepAlive(0).with(ASKED).bytes();
      TestClient client = TestClient.five(plain).send(asked);
      client.expect("CONNACK 0 {" + TERMS + "}");
    }
  }
}

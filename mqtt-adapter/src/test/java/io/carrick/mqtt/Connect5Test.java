package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.disconnect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 5 §3.1, §3.2 and §3.14: what version 5 says of coming, staying and going. */
class Connect5Test {

  private static final Pattern ASSIGNED = Pattern.compile("assigned=([^,}]+)");

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient client(ConnectBuilder connect) {
    return TestClient.five(broker, connect.keepAlive(0));
  }

  /** Connects and returns what CONNACK says. */
  private String connAck(ConnectBuilder connect) {
    return TestClient.five(broker).send(connect.bytes()).next();
  }

  // ---- CONNACK

  @Test
  @Tag("MQTT-3.1.3-6/5")
  @Tag("MQTT-3.1.3-7/5")
  @Tag("MQTT-3.2.2-16/5")
  void whoHasNoIdIsToldWhichItHasGotAndMayComeBackWithIt() {
    TestClient other = TestClient.five(broker);
    String connAck = other.send(connect("").persistent().bytes()).next();
    String assigned = assigned(connAck);
    assertThat(connAck).startsWith("CONNACK 0 {");
    assertThat(assigned(connAck(connect("")))).isNotEqualTo(assigned);
    other.subscribe("t", 1).disconnect();

    client(connect("p")).publishAcked("t", "x");

    TestClient again = TestClient.five(broker).send(connect(assigned).persistent().bytes());
    assertThat(again.next()).startsWith("CONNACK 0 present").doesNotContain("assigned");
    again.expect("PUBLISH t x qos1 #1");
  }

  private static String assigned(String connAck) {
    var found = ASSIGNED.matcher(connAck);
    assertThat(found.find()).as(connAck).isTrue();
    return found.group(1);
  }

  @Test
  @Tag("MQTT-3.2.2-1/5")
  @Tag("MQTT-3.2.2-8/5")
  @Tag("MQTT-3.2.2-9/5")
  void connackSaysNothingOfWhatIsThereAnyway() {
    // The reader refuses reserved flags.
    assertThat(connAck(connect("c")))
        .startsWith("CONNACK 0")
        .doesNotContain("maximumQos", "Available", "keepAlive", "sessionExpiry", "assigned");
  }

  @Test
  @Tag("MQTT-3.2.2-9/5")
  @Tag("MQTT-3.2.2-10/5")
  @Tag("MQTT-3.2.2-12/5")
  @Tag("MQTT-3.2.2-13/5")
  void everyQosAndRetainAreTakenOfPublishesSubscriptionsAndWills() {
    TestClient watcher = client(connect("w")).subscribe("#", 2);
    for (int qos = 0; qos <= 2; qos++) {
      client(connect("c").will("will/" + qos, "gone", qos, true)).vanish();
    }
    watcher.expect(
        "PUBLISH will/0 gone", "PUBLISH will/1 gone qos1 #1", "PUBLISH will/2 gone qos2 #2");
    assertThat(client(connect("late")).subscribe("will/+", 2).received())
        .hasSize(3)
        .allMatch(packet -> packet.endsWith(" retain"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @Tag("MQTT-3.1.2-28/5")
  void responseInformationIsNotGiven(int asked) {
    assertThat(connAck(connect("c").with(Properties5.requestResponse(asked))))
        .doesNotContain("responseInformation");
    assertThat(connAck(connect("d"))).doesNotContain("responseInformation");
  }

  @Test
  @Tag("MQTT-4.12.0-6/5")
  void whoNamesNoMethodGetsNeitherAuthNorAMethod() {
    assertThat(connAck(connect("c").user("u").password("p"))).startsWith("CONNACK 0");
    assertThat(connAck(connect("c"))).startsWith("CONNACK 0").doesNotContain("method", "data");
  }

  @Test
  void aPasswordWithoutAUserNameIsTaken() {
    client(connect("c").password("secret")).expectNothing(); // §3.1.2.9
  }

  @Test
  @Tag("MQTT-3.1.4-3/5")
  @Tag("MQTT-3.14.2-1/5")
  @Tag("MQTT-3.14.2-2/5")
  @Tag("MQTT-3.14.4-1/5")
  @Tag("MQTT-3.14.4-2/5")
  void whoIsTakenOverIsToldSoAndNothingElse() {
    TestClient first = client(connect("c").persistent()).subscribe("t", 0);
    TestClient second = TestClient.five(broker).send(connect("c").persistent().bytes());
    assertThat(second.next()).startsWith("CONNACK 0 present");
    client(connect("p")).publish("t", "x");
    assertThat(first.received())
        .hasSize(1)
        .allMatch(packet -> packet.matches("DISCONNECT 0x8E( \\{reason=.*})?"));
    first.expectClosed();
    second.expect("PUBLISH t x");
  }

  // ---- how long a session lasts

  private void expectPresent(boolean present, String id) {
    assertThat(connAck(connect(id).resume().keepAlive(0)).startsWith("CONNACK 0 present"))
        .isEqualTo(present);
  }

  @Test
  @Tag("MQTT-4.1.0-2/5")
  void withoutAnExpiryIntervalASessionEndsWithItsConnection() {
    client(connect("s").resume()).subscribe("t", 1).disconnect();
    expectPresent(false, "s");
    client(connect("z").with(Properties5.sessionExpiry(0))).vanish();
    expectPresent(false, "z");
  }

  @Test
  @Tag("MQTT-3.1.2-23/5")
  @Tag("MQTT-4.1.0-1/5")
  @Tag("MQTT-4.1.0-2/5")
  void aSessionLastsForItsExpiryIntervalFromTheEndOfItsConnectionOn() {
    TestClient one = client(connect("s").with(Properties5.sessionExpiry(100)));
    TestClient two = client(connect("t").with(Properties5.sessionExpiry(100)));
    broker.advance(Duration.ofSeconds(1_000));
    one.subscribe("t", 1).vanish();
    two.subscribe("t", 1).disconnect();
    broker.advance(Duration.ofMillis(99_999));
    assertThat(broker.broker().sessions()).hasSize(2);
    expectPresent(true, "s");
    broker.advance(Duration.ofMillis(1));
    expectPresent(false, "t");
  }

  @Test
  @Tag("MQTT-3.1.2-23/5")
  void anExpiryIntervalOfAllOnesNeverEnds() {
    client(connect("s").persistent()).disconnect();
    broker.advance(Duration.ofDays(365L * 200)); // longer than 0xFFFFFFFE seconds
    expectPresent(true, "s");
  }

  @Test
  @Tag("MQTT-4.1.0-2/5")
  void disconnectMaySayAnotherExpiryInterval() {
    client(connect("s").with(Properties5.sessionExpiry(1_000)))
        .send(disconnect(0, Properties5.sessionExpiry(10)))
        .expectClosed();
    client(connect("t").with(Properties5.sessionExpiry(10)))
        .send(disconnect(0, Properties5.sessionExpiry(1_000)))
        .expectClosed();
    client(connect("u").with(Properties5.sessionExpiry(1_000)))
        .send(disconnect(0, Properties5.sessionExpiry(0)))
        .expectClosed();
    expectPresent(false, "u");
    broker.advance(Duration.ofSeconds(11));
    expectPresent(false, "s");
    expectPresent(true, "t");
  }

  // ---- wills

  @Test
  @Tag("MQTT-3.1.2-8/5")
  @Tag("MQTT-3.1.3-10/5")
  void aWillWaitsForItsDelayAndHasItsPropertiesInOrder() {
    TestClient watcher = client(connect("w")).subscribe("will", 1);
    client(
            connect("c")
                .persistent()
                .will(
                    "will",
                    "gone",
                    1,
                    false,
                    Properties5.user("b", "2"),
                    Properties5.willDelay(30),
                    Properties5.contentType("text"),
                    Properties5.user("a", "1"),
                    Properties5.user("b", "0")))
        .vanish();
    broker.advance(Duration.ofMillis(29_999));
    watcher.expectNothing();
    broker.advance(Duration.ofMillis(1));
    watcher.expect("PUBLISH will gone qos1 #1 {user=b:2, content=text, user=a:1, user=b:0}");
  }

  @Test
  @Tag("MQTT-3.1.3-9/5")
  @Tag("MQTT-3.1.2-8/5")
  void whoComesBackWithinTheDelayHasNoWillPublished() {
    TestClient watcher = client(connect("w")).subscribe("will", 0);
    byte[] delay = Properties5.willDelay(30);
    client(connect("c").persistent().will("will", "gone", 0, false, delay)).vanish();
    broker.advance(Duration.ofSeconds(29));
    client(connect("c").persistent().will("will", "newer", 0, false, delay)).vanish();
    broker.advance(Duration.ofSeconds(29));
    watcher.expectNothing();
    broker.advance(Duration.ofSeconds(1));
    watcher.expect("PUBLISH will newer");
  }

  @Test
  @Tag("MQTT-3.1.2-8/5")
  void aWillDoesNotWaitLongerThanItsSession() {
    TestClient watcher = client(connect("w")).subscribe("will", 0);
    byte[] delay = Properties5.willDelay(1_000);
    byte[] expiry = Properties5.sessionExpiry(10);
    client(connect("a").with(expiry).will("will", "expired", 0, false, delay)).vanish();
    broker.advance(Duration.ofSeconds(10));
    watcher.expect("PUBLISH will expired");
    client(connect("b").persistent().will("will", "discarded", 0, false, delay)).vanish();
    client(connect("b"));
    watcher.expect("PUBLISH will discarded");
    client(connect("c").will("will", "with its connection", 0, false, delay)).vanish();
    watcher.expect("PUBLISH will with its connection");
  }

  @Test
  @Tag("MQTT-3.1.2-10/5")
  @Tag("MQTT-3.14.4-3/5")
  void onlyTheNormalDisconnectionForgetsTheWill() {
    TestClient watcher = client(connect("w")).subscribe("will", 0);
    client(connect("c").will("will", "gone", 0, false)).send(disconnect(0)).expectClosed();
    watcher.expectNothing();
    for (int code : new int[] {0x04, 0x80, 0x93}) {
      client(connect("c").will("will", "gone", 0, false)).send(disconnect(code)).expectClosed();
      watcher.expect("PUBLISH will gone");
    }
  }

  @Test
  @Tag("MQTT-3.1.2-8/5")
  void aDisconnectThatEndsTheSessionEndsTheWaitForItsWill() {
    TestClient watcher = client(connect("w")).subscribe("will", 0);
    byte[] delay = Properties5.willDelay(1_000);
    client(connect("c").persistent().will("will", "gone", 0, false, delay))
        .send(disconnect(0x04, Properties5.sessionExpiry(0)))
        .expectClosed();
    watcher.expect("PUBLISH will gone");
    client(connect("d").persistent().will("will", "later", 0, false, delay))
        .send(disconnect(0x04, Properties5.sessionExpiry(5)))
        .expectClosed();
    watcher.expectNothing();
    broker.advance(Duration.ofSeconds(5));
    watcher.expect("PUBLISH will later");
  }

  @Test
  @Tag("MQTT-3.3.2-6/5")
  void theExpiryOfAWillBeginsWhenItIsPublished() {
    client(connect("away").persistent()).subscribe("will", 1).disconnect();
    client(
            connect("c")
                .persistent()
                .will(
                    "will",
                    "gone",
                    1,
                    false,
                    Properties5.willDelay(30),
                    Properties5.messageExpiry(10)))
        .vanish();
    broker.advance(Duration.ofSeconds(34));
    TestClient back = TestClient.five(broker).send(connect("away").persistent().bytes());
    assertThat(back.next()).startsWith("CONNACK 0 present");
    back.expect("PUBLISH will gone qos1 #1 {expiry=6}");
  }

  // ---- bytes

  @Test
  @Tag("MQTT-2.2.2-1/5")
  void noPropertiesAreALengthOf0() {
    var peer = broker.peer("mqtt");
    peer.send(connect("c").bytes());
    peer.send(io.carrick.mqtt.codec.Packets5.subscribe(1, 0, "t"));
    peer.received();
    client(connect("p")).publish("t", "x");
    assertThat(peer.received()).containsExactly(0x30, 5, 0, 1, 't', 0, 'x');
    peer.send(io.carrick.mqtt.codec.Packets5.unsubscribe(2, "t"));
    assertThat(peer.received()).containsExactly(0xB0, 4, 0, 2, 0, 0);
  }

  @Test
  @Tag("MQTT-3.1.2-4/5")
  @Tag("MQTT-3.2.2-2/5")
  void cleanStartIsOfItselfNoEndOfTheSession() {
    client(connect("s").with(Properties5.sessionExpiry(100))).subscribe("t", 1).disconnect();
    client(connect("p")).send(retained(publish("u", "x"))).publishAcked("t", "x");
    expectPresent(true, "s");
    assertThat(connAck(connect("s").with(Properties5.sessionExpiry(100))))
        .startsWith("CONNACK 0")
        .doesNotContain("present");
  }
}

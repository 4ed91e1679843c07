package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets5.auth;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectionInfo;
import io.carrick.Limit;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Logins that are a conversation (MQTT 5 §4.12). */
@Timeout(60)
class AuthenticationTest {

  private static final int CONTINUE = 0x18;
  private static final byte[] METHOD = Properties5.authMethod(Riddles.NAME);
  private static final String LET_IN = "CONNACK 0 {method=RIDDLES, data=welcome, ";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .mechanism(new Riddles())
                  .authenticator(credentials -> Optional.empty()))
          .inTestThread();

  private TestClient begun(ConnectBuilder connect) {
    return TestClient.five(broker).send(connect.bytes()).heard(broker);
  }

  /** A client that has to say what comes behind one. */
  private TestClient asked(ConnectBuilder connect) {
    return begun(connect).expect("AUTH 0x18 {method=RIDDLES, data=one}");
  }

  private TestClient asked() {
    return asked(as("anne"));
  }

  private static ConnectBuilder as(String name) {
    return connect("c").with(METHOD, Properties5.authData(name));
  }

  private static byte[] answer(String text) {
    return auth(CONTINUE, METHOD, Properties5.authData(text));
  }

  private TestClient letIn(TestClient asked) {
    asked.send(answer("two")).heard(broker).expect("AUTH 0x18 {method=RIDDLES, data=three}");
    asked.send(answer("four")).heard(broker);
    return asked;
  }

  private List<ConnectionInfo> connections() {
    return broker.broker().connections();
  }

  private long counter(String name) {
    return broker.broker().metrics().value(name);
  }

  @Test
  @Tag("MQTT-4.12.0-2/5")
  @Tag("MQTT-4.12.0-5/5")
  @Tag("MQTT-3.15.1-1/5")
  @Tag("MQTT-3.15.2-1/5")
  void aConversationOfSeveralStepsLetsAClientInAndTellsItTheLastWord() {
    TestClient client = letIn(asked());
    assertThat(client.next()).startsWith(LET_IN);
    client.subscribe("t", 0).publish("t", "x").expect("PUBLISH t x");
    assertThat(connections()).extracting(ConnectionInfo::user).containsExactly("anne");
    assertThat(connections()).extracting(ConnectionInfo::name).containsExactly("c");
  }

  @Test
  void aConnectWithoutDataSaysNothingAndIsAskedAllTheSame() {
    assertThat(letIn(asked(connect("client").with(METHOD))).next()).startsWith(LET_IN);
    assertThat(connections()).extracting(ConnectionInfo::user).containsExactly("client");
  }

  @Test
  void whoGetsItsClientIdFromUsIsToldItBesidesTheLastWord() {
    TestClient client = letIn(asked(connect("").with(METHOD, Properties5.authData("anne"))));
    assertThat(client.next()).matches("CONNACK 0 .method=RIDDLES, data=welcome, .*assigned=.+");
  }

  @Test
  void aUserNameInConnectIsNotWhoTheClientIs() {
    assertThat(letIn(asked(as("anne").user("bob").password("x"))).next()).startsWith(LET_IN);
    assertThat(connections()).extracting(ConnectionInfo::user).containsExactly("anne");
  }

  @Test
  @Tag("MQTT-4.12.0-1/5")
  void aMethodThatIsNotThereIsRefused() {
    for (String method : List.of("SCRAM-SHA-256", "riddles", "")) {
      TestClient client = begun(connect("c").with(Properties5.authMethod(method)));
      client.expect("CONNACK 0x8C").expectClosed();
    }
  }

  @Test
  @Tag("MQTT-4.12.0-4/5")
  @Tag("MQTT-3.2.2-7/5")
  void whoDoesNotProveWhoItIsIsRefused() {
    TestClient first = asked().send(answer("three")).heard(broker);
    first.expect("CONNACK 0x87").expectClosed();
    TestClient second = asked().send(answer("two")).heard(broker);
    second.expect("AUTH 0x18 {method=RIDDLES, data=three}");
    second.send(answer("five")).heard(broker).expect("CONNACK 0x87").expectClosed();
    assertThat(counter("logins.refused")).isEqualTo(2);
    assertThat(connections()).isEmpty();
  }

  static List<byte[]> whatMustNotComeYet() {
    return List.of(
        publish("t", "x"),
        publish("t", "x", 1, 1),
        subscribe(1, 0, "t"),
        Packets5.unsubscribe(1, "t"),
        Packets5.ack(PacketType.PUBREL, 1, 0),
        connect("c").bytes(),
        PINGREQ);
  }

  @ParameterizedTest
  @MethodSource("whatMustNotComeYet")
  void whoIsAskedMayOnlyAnswerOrGo(byte[] packet) {
    TestClient client = asked().send(packet);
    assertThat(client.next()).startsWith("CONNACK 0x82 {reason=");
    client.expectClosed();
    assertThat(counter("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @Test
  void nothingIsKeptOfALongMessageThatMustNotComeYet() {
    TestClient client = asked().send(new byte[] {0x30, -1, -1, -1, 0x10});
    assertThat(client.next()).startsWith("CONNACK 0x82");
    client.expectClosed();
  }

  @Test
  void whoIsAskedMayGo() {
    asked().send(Packets5.disconnect(0)).expect().expectClosed();
    asked().send(Packets5.disconnect(4)).expect().expectClosed();
  }

  static List<byte[]> whatIsNoAnswer() {
    return List.of(
        auth(CONTINUE),
        auth(CONTINUE, Properties5.authData("two")),
        auth(CONTINUE, Properties5.authMethod("OTHER"), Properties5.authData("two")),
        auth(0x19, METHOD, Properties5.authData("two")),
        auth(0, METHOD, Properties5.authData("two")),
        auth(0x87, METHOD));
  }

  @ParameterizedTest
  @MethodSource("whatIsNoAnswer")
  @Tag("MQTT-4.12.0-5/5")
  @Tag("MQTT-3.15.2-1/5")
  void anAnswerNamesTheMethodAndThatItGoesOn(byte[] packet) {
    TestClient client = asked().send(packet);
    assertThat(client.next()).startsWith("CONNACK 0x82");
    client.expectClosed();
  }

  @Test
  @Tag("MQTT-3.15.1-1/5")
  void anAuthWithFlagsIsMalformed() {
    byte[] packet = answer("two");
    packet[0] |= 2;
    TestClient client = asked().send(packet);
    assertThat(client.next()).startsWith("CONNACK 0x81");
    client.expectClosed();
  }

  @Test
  void whoDoesNotAnswerIsNotWaitedForBeyondTheTimeForALogin() {
    TestClient client = asked();
    broker.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault() - 1));
    assertThat(client.closed()).isFalse();
    broker.advance(Duration.ofMillis(1));
    client.expect().expectClosed();
  }

  @Test
  void whoGoesWhileItsAnswerIsLookedAtLeavesNothing() {
    asked().send(answer("two")).vanish();
    assertThat(letIn(asked(as("bob"))).next()).startsWith(LET_IN);
    assertThat(connections()).extracting(ConnectionInfo::user).containsExactly("bob");
    assertThat(broker.broker().sessions()).hasSize(1);
  }

  @Test
  void whatFollowsTheLastAnswerIsReadBehindConnAck() {
    TestClient client = asked().send(answer("two")).heard(broker);
    client.expect("AUTH 0x18 {method=RIDDLES, data=three}");
    client.send(answer("four"), subscribe(1, 1, "t")).heard(broker);
    assertThat(client.next()).startsWith(LET_IN);
    client.expect("SUBACK #1 [1]");
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  @Tag("MQTT-3.15.2-2/5")
  @Tag("MQTT-3.15.2-3/5")
  void nothingIsSaidThatIsTooLongForTheClient() {
    TestClient question = begun(as("long").with(Properties5.maximumPacketSize(60)));
    question.expect("CONNACK 0x87").expectClosed();
    TestClient word = letIn(asked(as("anne").with(Properties5.maximumPacketSize(30))));
    word.expect("CONNACK 0x87").expectClosed();
    TestClient enough = letIn(asked(as("anne").with(Properties5.maximumPacketSize(60))));
    assertThat(enough.next()).startsWith(LET_IN);
  }

  @Test
  void aSessionIsTheUsersThatHasProvedToBeIt() {
    byte[] lasting = Properties5.sessionExpiry(100);
    TestClient anne = letIn(asked(as("anne").with(lasting)));
    assertThat(anne.next()).startsWith(LET_IN);
    anne.send(Packets5.disconnect(0)).expectClosed();

    TestClient bob = letIn(asked(as("bob").resume().with(lasting)));
    bob.expect("CONNACK 0x87").expectClosed();

    TestClient again = letIn(asked(as("anne+vip").resume().with(lasting)));
    assertThat(again.next()).startsWith("CONNACK 0 present {method=RIDDLES");
  }
}

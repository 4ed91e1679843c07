package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets5.auth;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that is there proves anew who it is (MQTT 5 §4.12.1). */
@Timeout(60)
class ReauthenticationTest {

  private static final byte[] METHOD = Properties5.authMethod(Riddles.NAME);
  private static final String FAILED = "DISCONNECT 0x87 {reason=not authenticated again}";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .mechanism(new Riddles())
                  .authorizer(ReauthenticationTest::allows))
          .inTestThread();

  private static boolean allows(Identity who, Action action, Resource what) {
    if (action == Action.CONNECT) {
      return !who.has("banned");
    }
    return action != Action.WRITE || !what.name().startsWith("vip") || who.has("vip");
  }

  private TestClient anne(ConnectBuilder connect) {
    byte[] complete = connect.with(METHOD, Properties5.authData("anne")).bytes();
    TestClient client = TestClient.five(broker).send(complete).heard(broker);
    client.expect("AUTH 0x18 {method=RIDDLES, data=one}").send(answer("two")).heard(broker);
    client.expect("AUTH 0x18 {method=RIDDLES, data=three}").send(answer("four")).heard(broker);
    assertThat(client.next()).startsWith("CONNACK 0");
    return client;
  }

  private TestClient anne() {
    return anne(connect("c"));
  }

  private static byte[] again(String name) {
    return auth(0x19, METHOD, Properties5.authData(name));
  }

  private static byte[] answer(String text) {
    return auth(0x18, METHOD, Properties5.authData(text));
  }

  private TestClient asked(TestClient client, String name) {
    client.send(again(name)).heard(broker).expect("AUTH 0x18 {method=RIDDLES, data=one}");
    client.send(answer("two")).heard(broker).expect("AUTH 0x18 {method=RIDDLES, data=three}");
    return client;
  }

  private TestClient proved(TestClient client, String name) {
    return asked(client, name).send(answer("four")).heard(broker);
  }

  @Test
  @Tag("MQTT-4.12.1-1/5")
  @Tag("MQTT-4.12.0-5/5")
  void aClientMayProveAnewWhoItIsAndMoreThanOnce() {
    TestClient client = anne();
    proved(client, "anne").expect("AUTH {method=RIDDLES, data=welcome}");
    proved(client, "anne").expect("AUTH {method=RIDDLES, data=welcome}").expectNothing();
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::user)
        .containsExactly("anne");
  }

  @Test
  void messagesGoOnWhileAConversationDoes() {
    TestClient client = anne().subscribe("t", 1);
    client.send(again("anne")).heard(broker).expect("AUTH 0x18 {method=RIDDLES, data=one}");
    client.send(publish("t", "x", 1, 7)).expect("PUBACK #7", "PUBLISH t x qos1 #1");
    client.send(PINGREQ).expect("PINGRESP");
    client.send(answer("two")).heard(broker).expect("AUTH 0x18 {method=RIDDLES, data=three}");
    client.publish("t", "y").expect("PUBLISH t y");
    client.send(answer("four")).heard(broker).expect("AUTH {method=RIDDLES, data=welcome}");
  }

  private static void expectRefused(TestClient client) {
    assertThat(client.next()).startsWith("PUBACK #1 0x87");
  }

  @Test
  void whatItMayDoFromThenOnIsWhatItHasProvedNow() {
    TestClient client = anne();
    expectRefused(client.send(publish("vip", "x", 1, 1)));
    expectRefused(asked(client, "anne+vip").send(publish("vip", "x", 1, 1)));
    client.send(answer("four")).heard(broker).expect("AUTH {method=RIDDLES, data=welcome}");
    client.send(publish("vip", "x", 1, 1)).expect("PUBACK #1 0x10");
    proved(client, "anne").expect("AUTH {method=RIDDLES, data=welcome}");
    expectRefused(client.send(publish("vip", "x", 1, 1)));
  }

  @Test
  @Tag("MQTT-4.12.1-2/5")
  void whoDoesNotProveItIsDisconnectedAndItsWillIsPublished() {
    TestClient watcher = TestClient.five(broker, connect("w")).subscribe("will", 0);
    TestClient client = anne(connect("c").will("will", "gone", 0, false));
    asked(client, "anne").send(answer("five")).heard(broker).expect(FAILED).expectClosed();
    watcher.expect("PUBLISH will gone");
  }

  @Test
  @Tag("MQTT-4.12.1-2/5")
  void nobodyBecomesSomebodyElse() {
    proved(anne(), "bob").expect(FAILED).expectClosed();
    assertThat(broker.broker().connections()).isEmpty();
  }

  @Test
  @Tag("MQTT-4.12.1-2/5")
  void whoMustNotBeThereAnyMoreIsDisconnected() {
    proved(anne(), "anne+banned").expect(FAILED).expectClosed();
  }

  static List<byte[]> whatIsWrong() {
    byte[] data = Properties5.authData("anne");
    return List.of(
        auth(0x19, Properties5.authMethod("OTHER"), data),
        auth(0x19, data),
        auth(0x19),
        auth(0x18, METHOD, data),
        auth(0, METHOD));
  }

  @ParameterizedTest
  @MethodSource("whatIsWrong")
  @Tag("MQTT-4.12.1-1/5")
  void itIsTheMethodOfConnectAndTheClientsTurn(byte[] packet) {
    TestClient client = anne().send(packet);
    assertThat(client.next()).startsWith("DISCONNECT 0x82");
    client.expectClosed();
  }

  @Test
  void oneConversationIsUnderWayAtATime() {
    TestClient client = asked(anne(), "anne").send(again("anne"));
    assertThat(client.next()).startsWith("DISCONNECT 0x82");
    client.expectClosed();
  }

  @Test
  void anAnswerBeforeTheNextQuestionIsWrong() {
    TestClient client = anne();
    client.send(again("anne"), answer("two"));
    assertThat(client.next()).startsWith("DISCONNECT 0x82");
    client.expectClosed();
  }

  @Test
  @Tag("MQTT-4.12.0-6/5")
  void aClientWithoutAMethodHearsOfNoneAndMustNotBegin() {
    TestClient client = TestClient.five(broker).send(connect("c").bytes());
    assertThat(client.next()).startsWith("CONNACK 0").doesNotContain("method", "data");
    client.send(again("anne"));
    assertThat(client.next()).startsWith("DISCONNECT 0x82");
    client.expectClosed();
  }

  @Test
  void anEndMeanwhileIsTheEnd() {
    asked(anne(), "anne").send(answer("four"), Packets5.disconnect(0)).expect().expectClosed();
    assertThat(broker.broker().connections()).isEmpty();
    anne().expectNothing();
  }
}

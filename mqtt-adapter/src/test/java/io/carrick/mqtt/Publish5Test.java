package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets5.ack;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT 5 §3.3 to §3.7 and §4.3: properties, expiry, topic aliases and reason codes of messages. */
class Publish5Test {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private TestClient client(ConnectBuilder connect) {
    return TestClient.five(broker, connect.keepAlive(0));
  }

  private TestClient subscriber(int qos) {
    return client(connect("s")).subscribe("t", qos);
  }

  private TestClient again(ConnectBuilder connect) {
    TestClient client = TestClient.five(broker).send(connect.keepAlive(0).bytes());
    assertThat(client.next()).startsWith("CONNACK 0 present");
    return client;
  }

  // ---- properties

  @Test
  @Tag("MQTT-3.3.2-4/5")
  @Tag("MQTT-3.3.2-15/5")
  @Tag("MQTT-3.3.2-16/5")
  @Tag("MQTT-3.3.2-17/5")
  @Tag("MQTT-3.3.2-18/5")
  @Tag("MQTT-3.3.2-20/5")
  void propertiesArePassedOnAsTheyCameAtOnceLaterAndRetained() {
    byte[][] properties = {
      Properties5.user("b", "2"),
      Properties5.payloadFormat(1),
      Properties5.user("a", "1"),
      Properties5.responseTopic("answer/here"),
      Properties5.correlation("id-7"),
      Properties5.user("b", "2"),
      Properties5.contentType("text/plain"),
      Properties5.user("", ""),
    };
    String all =
        "{user=b:2, format=1, user=a:1, response=answer/here, correlation=id-7, user=b:2,"
            + " content=text/plain, user=:}";
    TestClient here = subscriber(0);
    client(connect("away").persistent()).subscribe("t", 1).disconnect();
    TestClient publisher = client(connect("p"));

    publisher.send(retained(publish("t", "x", 1, 1, properties))).expect("PUBACK #1");

    here.expect("PUBLISH t x " + all);
    again(connect("away").persistent()).expect("PUBLISH t x qos1 #1 " + all);
    client(connect("late")).subscribe("t", 0).expect("PUBLISH t x retain " + all);
    client(connect("none")).subscribe("t", 0).expect("PUBLISH t x retain " + all).disconnect();
    publisher.publish("t", "plain");
    here.expect("PUBLISH t plain");
  }

  // ---- expiry

  @Test
  @Tag("MQTT-3.3.2-5/5")
  @Tag("MQTT-3.3.2-6/5")
  void theExpiryIntervalIsLessTheTimeHereAndWhatHasExpiredIsNotDelivered() {
    client(connect("away").persistent()).subscribe("t", 1).disconnect();
    TestClient here = subscriber(0);
    client(connect("p"))
        .send(publish("t", "short", 1, 1, Properties5.messageExpiry(10)))
        .send(publish("t", "long", 1, 2, Properties5.messageExpiry(4_294_967_295L)))
        .send(publish("t", "ever", 1, 3))
        .expect("PUBACK #1", "PUBACK #2", "PUBACK #3");
    here.expect(
        "PUBLISH t short {expiry=10}", "PUBLISH t long {expiry=4294967295}", "PUBLISH t ever");
    client(connect("r")).send(retained(publish("r", "kept", Properties5.messageExpiry(10))));
    broker.advance(Duration.ofSeconds(4));
    client(connect("late")).subscribe("r", 0).expect("PUBLISH r kept retain {expiry=6}");
    again(connect("away").persistent())
        .expect(
            "PUBLISH t short qos1 #1 {expiry=6}",
            "PUBLISH t long qos1 #2 {expiry=4294967291}",
            "PUBLISH t ever qos1 #3");
  }

  @Test
  @Tag("MQTT-3.3.2-5/5")
  void whatHasExpiredIsDeletedForWhoIsAwayAndForWhoSubscribesLater() {
    client(connect("away").persistent()).subscribe("t", 1).disconnect();
    client(connect("p"))
        .send(retained(publish("t", "old", 1, 1, Properties5.messageExpiry(10))))
        .send(publish("t", "kept", 1, 2))
        .expect("PUBACK #1", "PUBACK #2");
    broker.advance(Duration.ofMillis(10_001));
    again(connect("away").persistent()).expect("PUBLISH t kept qos1 #1");
    client(connect("late")).subscribe("t", 1).expectNothing();
  }

  @Test
  @Tag("MQTT-4.3.3-7/5")
  void whatWasSentDoesNotExpire() {
    TestClient first = client(connect("s").persistent()).subscribe("t", 2);
    client(connect("p"))
        .send(publish("t", "x", 2, 1, Properties5.messageExpiry(1)))
        .expect("PUBREC #1");
    first.expect("PUBLISH t x qos2 #1 {expiry=1}");
    broker.advance(Duration.ofSeconds(5));
    first.vanish();
    broker.advance(Duration.ofSeconds(5));
    TestClient next = again(connect("s").persistent());
    assertThat(next.next()).startsWith("PUBLISH t x qos2 #1 dup");
    next.ack(PUBREC, 1).expect("PUBREL #1").ack(PUBCOMP, 1).expectNothing();
  }

  @Test
  @Tag("MQTT-4.3.3-13/5")
  void aPublishersExchangeGoesOnThoughItsMessageHasExpired() {
    client(connect("away").persistent()).subscribe("t", 2).disconnect();
    TestClient publisher = client(connect("p"));
    publisher.send(publish("t", "x", 2, 1, Properties5.messageExpiry(1))).expect("PUBREC #1");
    broker.advance(Duration.ofSeconds(5));
    publisher.send(publish("t", "x", 2, 1, Properties5.messageExpiry(1))).expect("PUBREC #1");
    publisher.ack(PUBREL, 1).expect("PUBCOMP #1");
    again(connect("away").persistent()).expectNothing();
  }

  // ---- topic aliases of the client

  @Test
  @Tag("MQTT-3.3.2-12/5")
  void everyAliasUpToOurMaximumStandsForTheTopicThatItCameWithLast() {
    TestClient publisher = TestClient.five(broker).send(connect("p").bytes());
    String connAck = publisher.next();
    int most = Integer.parseInt(connAck.replaceAll(".*topicAliasMaximum=(\\d+).*", "$1"));
    TestClient subscriber = client(connect("s")).subscribe("#", 0);
    for (int alias : new int[] {1, most, 1 + most / 2}) {
      byte[] number = Properties5.topicAlias(alias);
      publisher.send(publish("a/" + alias, "1", number), publish("", "2", number));
      subscriber.expect("PUBLISH a/" + alias + " 1", "PUBLISH a/" + alias + " 2");
    }
    publisher.send(publish("b", "3", Properties5.topicAlias(1)));
    publisher.send(publish("", "4", 1, 9, Properties5.topicAlias(1))).expect("PUBACK #9");
    subscriber.expect("PUBLISH b 3", "PUBLISH b 4");
    assertThat(most).isGreaterThan(1);
  }

  @Test
  @Tag("MQTT-3.3.2-7/5")
  void aliasesEndWithTheirConnection() {
    byte[] one = Properties5.topicAlias(1);
    client(connect("p").persistent()).send(publish("t", "x", one)).disconnect();
    TestClient publisher = again(connect("p").persistent());
    publisher.send(publish("", "x", one));
    assertThat(publisher.next()).startsWith("DISCONNECT 0x82");
    publisher.expectClosed();
  }

  // ---- reason codes

  @Test
  @Tag("MQTT-3.4.2-1/5")
  @Tag("MQTT-3.5.2-1/5")
  void aPublisherIsToldThatNobodyIsSubscribed() {
    TestClient publisher = client(connect("p"));
    publisher.send(publish("t", "x", 1, 1)).expect("PUBACK #1 0x10");
    publisher.send(publish("t", "x", 2, 2)).expect("PUBREC #2 0x10");
    publisher.ack(PUBREL, 2).expect("PUBCOMP #2");
    subscriber(0);
    publisher.send(publish("t", "x", 1, 1)).expect("PUBACK #1");
    publisher.send(publish("t", "x", 2, 2)).expect("PUBREC #2");
  }

  @Test
  @Tag("MQTT-3.4.2-1/5")
  @Tag("MQTT-3.5.2-1/5")
  @Tag("MQTT-4.3.3-9/5")
  void whatIsRefusedIsAnsweredSoAndItsIdentifierIsFree() {
    TestClient subscriber = subscriber(0);
    TestClient publisher = client(connect("p"));
    publisher.send(publish("secret/x", "x", 1, 1));
    assertThat(publisher.next()).matches("PUBACK #1 0x87( .*)?");
    publisher.send(publish("secret/x", "x", 2, 2));
    assertThat(publisher.next()).matches("PUBREC #2 0x87( .*)?");
    publisher.send(publish("t", "y", 1, 1), publish("t", "z", 2, 2));
    publisher.expect("PUBACK #1", "PUBREC #2");
    subscriber.expect("PUBLISH t y", "PUBLISH t z");
  }

  @Test
  @Tag("MQTT-3.6.2-1/5")
  @Tag("MQTT-3.7.2-1/5")
  void pubrelAndPubcompHaveACodeOfTheirs() {
    TestClient client = subscriber(2);
    client(connect("p")).send(publish("t", "x", 2, 1)).expect("PUBREC #1");
    client.expect("PUBLISH t x qos2 #1").send(ack(PUBREC, 1, 0)).expect("PUBREL #1");
    client.send(ack(PUBCOMP, 1, 0)).expectNothing();
    assertThat(client.ack(PUBREC, 77).next()).matches("PUBREL #77( 0x92)?");
    assertThat(client.ack(PUBREL, 78).next()).matches("PUBCOMP #78( 0x92)?");
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource({"PUBACK, 1", "PUBREC, 2"})
  @Tag("MQTT-4.3.3-4/5")
  @Tag("MQTT-4.4.0-2/5")
  void whatTheSubscriberRefusesIsDoneAndDoesNotComeAgain(PacketType type, int qos) {
    TestClient first = client(connect("s").persistent()).subscribe("t", qos);
    TestClient publisher = client(connect("p"));
    publisher.send(publish("t", "x", qos, 1), publish("t", "y", qos, 2)).received();
    first.expect("PUBLISH t x qos" + qos + " #1", "PUBLISH t y qos" + qos + " #2");
    first.send(ack(type, 1, 0x80)).expectNothing(); // no PUBREL either
    first.vanish();
    again(connect("s").persistent()).expect("PUBLISH t y qos" + qos + " #2 dup");
  }

  @ParameterizedTest(name = "refused with {0}")
  @CsvSource({"PUBACK, 1", "PUBREC, 2"})
  @Tag("MQTT-2.2.1-4/5")
  @Tag("MQTT-4.3.2-1/5")
  @Tag("MQTT-4.3.3-1/5")
  void anIdentifierIsUsedAgainOnlyWhenItsMessageIsDone(PacketType refusal, int qos) {
    TestClient subscriber = client(connect("s")).subscribe("t", qos);
    TestClient publisher = client(connect("p"));
    byte[] once = publish("t", "x", 2, 2);
    publisher.send(publish("t", "kept", 2, 1)).expect("PUBREC #1").ack(PUBREL, 1).received();
    subscriber.expect("PUBLISH t kept qos" + qos + " #1");
    for (int i = 0; i < 70_000; i++) { // more than there are identifiers
      publisher.send(once, Packets.ack(PUBREL, 2));
      String packet = subscriber.next();
      int id = Integer.parseInt(packet.substring(packet.indexOf('#') + 1));
      assertThat(id).isBetween(2, 65_535);
      subscriber.send(ack(refusal, id, 0x80));
    }
  }
}

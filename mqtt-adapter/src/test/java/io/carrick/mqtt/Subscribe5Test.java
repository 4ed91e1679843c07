package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static io.carrick.mqtt.codec.Packets5.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MQTT 5 §3.8 to §3.11: the options of subscriptions, their identifiers, and codes. */
class Subscribe5Test {

  private static final int NO_LOCAL = 0x04;
  private static final int RETAIN_AS_PUBLISHED = 0x08;
  private static final int RETAINED_IF_NEW = 0x10;
  private static final int NO_RETAINED = 0x20;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient client(String id) {
    return TestClient.five(broker, connect(id));
  }

  private static TestClient subscribed(TestClient client, int options, String filter) {
    return client.send(subscribe(7, options, filter)).expect("SUBACK #7 [" + (options & 3) + "]");
  }

  private static TestClient identified(TestClient client, int id, String filter, int options) {
    client.send(subscribe(7, Properties5.subscriptionId(id), filter, options));
    assertThat(client.next()).isEqualTo("SUBACK #7 [" + (options & 3) + "]");
    return client;
  }

  // ---- No Local

  @Test
  @Tag("MQTT-3.8.3-3/5")
  void noLocalKeepsAClientsOwnMessagesFromItAndNoOthers() {
    TestClient own = subscribed(client("own"), NO_LOCAL | 1, "t");
    TestClient other = subscribed(client("other"), NO_LOCAL | 1, "t");
    own.send(publish("t", "mine", 1, 1)).expect("PUBACK #1");
    other.expect("PUBLISH t mine qos1 #1");
    other.publish("t", "yours");
    own.expect("PUBLISH t yours");
    other.expectNothing();
  }

  @Test
  @Tag("MQTT-3.8.3-3/5")
  void noLocalIsOneSubscriptionsAndLivesAsLongAsThat() {
    TestClient client = subscribed(client("c"), NO_LOCAL | 2, "t");
    subscribed(client, 1, "+");
    client
        .send(publish("t", "by the other", 2, 1))
        .expect("PUBREC #1", "PUBLISH t by the other qos1 #1");
    client.send(unsubscribe(2, "+")).expect("UNSUBACK #2 [0]");
    client.publish("t", "by none").expectNothing();
    subscribed(client, 0, "t");
    client.publish("t", "again").expect("PUBLISH t again");
  }

  // ---- RETAIN

  @Test
  @Tag("MQTT-3.3.1-12/5")
  @Tag("MQTT-3.3.1-13/5")
  void retainAsPublishedLeavesTheFlagAsItWas() {
    TestClient as = subscribed(client("as"), RETAIN_AS_PUBLISHED, "t");
    TestClient usual = subscribed(client("usual"), 0, "t");
    TestClient publisher = client("p");
    publisher.send(retained(publish("t", "1"))).publish("t", "2");
    as.expect("PUBLISH t 1 retain", "PUBLISH t 2");
    usual.expect("PUBLISH t 1", "PUBLISH t 2");
  }

  @Test
  @Tag("MQTT-3.3.1-9/5")
  @Tag("MQTT-3.3.1-10/5")
  @Tag("MQTT-3.3.1-11/5")
  @Tag("MQTT-3.8.4-4/5")
  void retainHandlingSaysWhetherRetainedMessagesCome() {
    client("p").send(retained(publish("t", "kept")));
    TestClient always = subscribed(client("always"), 0, "x");
    TestClient ifNew = subscribed(client("ifNew"), RETAINED_IF_NEW, "x");
    TestClient never = subscribed(client("never"), NO_RETAINED, "x");

    always.send(subscribe(1, 0, "t")).expect("SUBACK #1 [0]", "PUBLISH t kept retain");
    always.send(subscribe(2, 0, "t")).expect("SUBACK #2 [0]", "PUBLISH t kept retain");

    ifNew.send(subscribe(1, RETAINED_IF_NEW, "t"));
    ifNew.expect("SUBACK #1 [0]", "PUBLISH t kept retain");
    ifNew.send(subscribe(2, RETAINED_IF_NEW | 1, "t")).expect("SUBACK #2 [1]").expectNothing();
    ifNew.send(unsubscribe(3, "t")).expect("UNSUBACK #3 [0]");
    ifNew.send(subscribe(4, RETAINED_IF_NEW, "t"));
    ifNew.expect("SUBACK #4 [0]", "PUBLISH t kept retain");

    never.send(subscribe(1, NO_RETAINED, "t")).expect("SUBACK #1 [0]").expectNothing();
    client("q").publish("t", "live");
    never.expect("PUBLISH t live");
  }

  @Test
  @Tag("MQTT-3.3.1-10/5")
  void aSubscriptionOfAnEarlierConnectionIsNotNew() {
    client("p").send(retained(publish("t", "kept")));
    TestClient first = TestClient.five(broker, connect("s").persistent());
    first.send(subscribe(1, RETAINED_IF_NEW, "t")).expect("SUBACK #1 [0]", "PUBLISH t kept retain");
    first.disconnect();
    TestClient next = TestClient.five(broker, connect("s").persistent());
    next.send(subscribe(1, RETAINED_IF_NEW, "t")).expect("SUBACK #1 [0]").expectNothing();
  }

  @Test
  @Tag("MQTT-3.8.3-3/5")
  @Tag("MQTT-3.3.1-12/5")
  @Tag("MQTT-3.3.1-13/5")
  @Tag("MQTT-3.3.4-2/5")
  @Tag("MQTT-3.3.4-4/5")
  void overlappingSubscriptionsAreMergedWhenThoseWithNoLocalHaveDroppedOut() {
    TestClient client = identified(client("c"), 1, "t", NO_LOCAL | RETAIN_AS_PUBLISHED | 2);
    identified(client, 2, "+", 0);
    identified(client, 3, "#", 1);

    client.send(retained(publish("t", "own", 2, 1)));
    assertThat(client.next()).isEqualTo("PUBREC #1");
    assertThat(client.next())
        .startsWith("PUBLISH t own qos1 #1 {")
        .contains("subscription=2", "subscription=3")
        .doesNotContain("subscription=1");
    client("p").send(retained(publish("t", "others", 2, 1))).expect("PUBREC #1");
    assertThat(client.next())
        .startsWith("PUBLISH t others qos2 #2 retain {")
        .contains("subscription=1", "subscription=2", "subscription=3");
  }

  // ---- subscription identifiers

  @Test
  @Tag("MQTT-3.3.4-3/5")
  @Tag("MQTT-3.3.4-4/5")
  void aMessageHasTheIdentifiersOfAllSubscriptionsThatMatchIt() {
    TestClient client = identified(client("s"), 3, "t/a", 0);
    identified(client, 268_435_455, "t/+", 1);
    subscribed(client, 2, "#");
    identified(client, 9, "u", 0);
    TestClient publisher = client("p");

    publisher.send(publish("t/a", "x", 1, 1)).expect("PUBACK #1");
    assertThat(client.next())
        .isIn(
            "PUBLISH t/a x qos1 #1 {subscription=3, subscription=268435455}",
            "PUBLISH t/a x qos1 #1 {subscription=268435455, subscription=3}");
    publisher.publish("t/b", "y").publish("v", "z");
    client.expect("PUBLISH t/b y {subscription=268435455}", "PUBLISH v z");

    identified(client, 4, "t/a", 0); // replaces the identifier too
    subscribed(client, 0, "t/+");
    publisher.publish("t/a", "w");
    client.expect("PUBLISH t/a w {subscription=4}");
  }

  @Test
  @Tag("MQTT-3.3.4-5/5")
  void eachCopyOfARetainedMessageHasTheIdentifierOfItsSubscription() {
    client("p").send(retained(publish("t", "kept", 1, 1)));
    TestClient client = identified(client("s"), 1, "t", 0);
    client.expect("PUBLISH t kept retain {subscription=1}");
    identified(client, 2, "+", 1).expect("PUBLISH t kept qos1 #1 retain {subscription=2}");
    subscribed(client, 0, "x");
    client.send(subscribe(8, 0, "#"));
    client.expect("SUBACK #8 [0]", "PUBLISH t kept retain");
  }

  @Test
  @Tag("MQTT-3.3.4-3/5")
  void identifiersStayWithASessionAndWhatWaitsForIt() {
    TestClient first = TestClient.five(broker, connect("s").persistent());
    identified(first, 5, "t", 1).disconnect();
    client("p").send(publish("t", "x", 1, 1)).expect("PUBACK #1");
    TestClient next = TestClient.five(broker, connect("s").persistent());
    next.expect("PUBLISH t x qos1 #1 {subscription=5}");
    client("q").publish("t", "y");
    next.expect("PUBLISH t y {subscription=5}");
  }

  // ---- UNSUBACK

  @Test
  @Tag("MQTT-3.10.4-5/5")
  @Tag("MQTT-3.11.3-1/5")
  @Tag("MQTT-3.11.3-2/5")
  void eachFilterOfAnUnsubscribeHasItsCodeInItsPlace() {
    TestClient client = subscribed(client("s"), 0, "a").subscribe("b", 1);
    client.send(unsubscribe(5, "never", "a", "a", "b")).expect("UNSUBACK #5 [17, 0, 17, 0]");
    client.send(unsubscribe(6, "a")).expect("UNSUBACK #6 [17]");
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.subscriptionId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.QueueInfo;
import io.carrick.SessionInfo;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 5 §4.8.2: several sessions share what a filter matches; in 3.1.1, too. */
class SharedSubscriptionTest {

  private static final String SHARED = "$share/g/t";
  private static final int RETAIN_AS_PUBLISHED = 0x08;
  private static final int NO_LOCAL = 0x04;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(
                      Limits.defaults()
                          .with(Limit.SESSION_QUEUE_MESSAGES, 3)
                          .with(Limit.SESSION_SUBSCRIPTIONS, 3))
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private TestClient back(Version version, String id) {
    TestClient client = version.silent(broker).send(version.connect(id, true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  private TestClient publisher() {
    return TestClient.clean(broker, "publisher");
  }

  private void publish(int qos, String... payloads) {
    TestClient publisher = publisher();
    for (String payload : payloads) {
      publisher.send(Version.MQTT_3_1_1.publish("t", payload, qos, 1));
      if (qos == 2) {
        publisher.ack(PUBREL, 1);
      }
    }
    publisher.disconnect();
  }

  private long dropped(String reason) {
    return broker.broker().metrics().dropped(reason);
  }

  private List<QueueInfo> shares() {
    return broker.broker().queues().stream()
        .filter(q -> q.name().startsWith("mqtt.share."))
        .toList();
  }

  // ---- who gets what

  @ParameterizedTest
  @EnumSource
  void eachMessageGoesToOneOfThoseWhoShareAndToAllOthersWhoSubscribed(Version version) {
    TestClient a = version.clean(broker, "a").subscribe(SHARED, 1);
    TestClient b = Version.MQTT_5.clean(broker, "b").subscribe(SHARED, 1);
    TestClient other = version.clean(broker, "c").subscribe("$share/h/t", 1);
    TestClient all = version.clean(broker, "all").subscribe("t", 1);
    publish(1, "1", "2", "3");
    a.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 3 qos1 #2");
    b.expect("PUBLISH t 2 qos1 #1");
    other.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2", "PUBLISH t 3 qos1 #3");
    all.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2", "PUBLISH t 3 qos1 #3");
  }

  @ParameterizedTest
  @EnumSource
  void whoHasLeastToAcknowledgeIsNext(Version version) {
    TestClient a = version.clean(broker, "a").subscribe(SHARED, 1);
    TestClient b = version.clean(broker, "b").subscribe(SHARED, 1);
    publish(1, "1", "2");
    a.expect("PUBLISH t 1 qos1 #1");
    b.expect("PUBLISH t 2 qos1 #1").ack(PUBACK, 1);
    publish(1, "3", "4", "5");
    b.expect("PUBLISH t 3 qos1 #2", "PUBLISH t 5 qos1 #3");
    a.expect("PUBLISH t 4 qos1 #2");
  }

  @Test
  void aClientGetsOneCopyByEachOfItsSharesAndOneByAllItsOwnFilters() {
    TestClient a = TestClient.clean(broker, "a").subscribe(SHARED, 0).subscribe("$share/g/+", 0);
    a.subscribe("#", 0);
    publish(0, "1");
    assertThat(a.received()).containsExactly("PUBLISH t 1", "PUBLISH t 1", "PUBLISH t 1");
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 0", "1, 2, 1", "2, 2, 2", "2, 1, 1", "2, 0, 0"})
  @Tag("MQTT-4.8.2-3/5")
  void eachMemberGetsMessagesAtItsOwnQosAndNeverMoreThanTheirs(int granted, int sent, int got) {
    TestClient a = Version.MQTT_5.clean(broker, "a").subscribe(SHARED, granted);
    TestClient b = Version.MQTT_5.clean(broker, "b").subscribe(SHARED, 2);
    publish(sent, "1", "2");
    a.expect("PUBLISH t 1" + (got == 0 ? "" : " qos" + got + " #1"));
    b.expect("PUBLISH t 2" + (sent == 0 ? "" : " qos" + sent + " #1"));
  }

  @Test
  @Tag("MQTT-3.3.4-3/5")
  void eachMemberGetsItsOwnSubscriptionIdentifierAndRetainFlag() {
    TestClient a = TestClient.five(broker, Packets5.connect("a"));
    a.send(Packets5.subscribe(1, subscriptionId(7), SHARED, RETAIN_AS_PUBLISHED | 1));
    TestClient b = TestClient.five(broker, Packets5.connect("b"));
    b.send(Packets5.subscribe(1, subscriptionId(300), SHARED, 0));
    a.expect("SUBACK #1 [1]");
    b.expect("SUBACK #1 [0]");
    publisher()
        .send(retained(Packets.publish("t", "1", 1, 1)), retained(Packets.publish("t", "2", 1, 2)));
    a.expect("PUBLISH t 1 qos1 #1 retain {subscription=7}");
    b.expect("PUBLISH t 2 {subscription=300}");
    a.send(Packets5.subscribe(2, 0, SHARED)).expect("SUBACK #2 [0]");
    publish(0, "3", "4");
    b.expect("PUBLISH t 3 {subscription=300}", "PUBLISH t 4 {subscription=300}");
    publisher().publish("t", "5");
    a.ack(PUBACK, 1).expect();
  }

  @ParameterizedTest
  @EnumSource
  void noRetainedMessageIsSent(Version version) {
    publisher().send(retained(Packets.publish("t", "x", 1, 1))).expect("PUBACK #1");
    TestClient a = version.clean(broker, "a").subscribe(SHARED, 1);
    a.expectNothing(); // §4.8.2
    version.clean(broker, "b").subscribe("t", 1).expect("PUBLISH t x qos1 #1 retain");
  }

  @Test
  void aConsumerOfAnotherProtocolCompetes() throws Exception {
    TestClient a = TestClient.clean(broker, "a").subscribe(SHARED, 1);
    String queue = shares().get(0).name();
    var got = new LinkedBlockingQueue<String>();
    broker.client().subscribe(Source.queue(queue), delivery -> got.add(delivery.message().text()));
    publish(1, "1", "2");
    a.expect("PUBLISH t 1 qos1 #1");
    assertThat(got.poll(5, TimeUnit.SECONDS)).isEqualTo("2");
  }

  // ---- subscribing

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$share/",
        "$share//t",
        "$share/g",
        "$share/g/",
        "$share/+/t",
        "$share/#",
        "$share/g/$share/h/t"
      })
  @Tag("MQTT-4.8.2-1/5")
  @Tag("MQTT-4.8.2-2/5")
  void whatHasNoGroupOrNoFilterIsRefusedAndTheOthersAreNot(String filter) {
    TestClient five = TestClient.five(broker, Packets5.connect("five"));
    five.send(Packets5.subscribe(7, 1, "a", filter));
    assertThat(five.next()).startsWith("SUBACK #7 [1, 143] {reason=filter 2: ");
    five.send(Packets5.unsubscribe(8, filter, "a")).expect("UNSUBACK #8 [17, 0]");
    TestClient three = TestClient.clean(broker, "three");
    three.send(Packets.subscribe(7, 1, filter, "a")).expect("SUBACK #7 [128, 1]");
  }

  @Test
  @Tag("MQTT-4.8.2-2/5")
  void aWildcardWithinTheGroupIsNoFilterAtAll() {
    TestClient client = TestClient.five(broker, Packets5.connect("a"));
    client.send(Packets5.subscribe(7, 1, "$share/a+b/t"));
    assertThat(client.next()).startsWith("DISCONNECT 0x81");
    client.expectClosed();
  }

  @Test
  @Tag("MQTT-3.8.3-4/5")
  void noLocalWithASharedSubscriptionIsAnError() {
    TestClient client = TestClient.five(broker, Packets5.connect("a"));
    client.send(Packets5.subscribe(7, NO_LOCAL | 1, SHARED));
    assertThat(client.next()).startsWith("DISCONNECT 0x82");
    client.expectClosed();
  }

  @Test
  void theFilterInsideIsWhatTheAuthorizerIsAskedFor() {
    TestClient client = TestClient.five(broker, Packets5.connect("a"));
    client.send(Packets5.subscribe(7, 1, "$share/g/secret/x", "$share/secret/t"));
    assertThat(client.next()).startsWith("SUBACK #7 [135, 1] {reason=filter 1: read access to");
    assertThat(shares()).hasSize(1);
  }

  @Test
  void aSharedSubscriptionCountsAsOneOfTheSession() {
    TestClient client = TestClient.clean(broker, "a");
    client
        .send(Packets.subscribe(7, 0, "$share/g/1", "2", "$share/g/3", "$share/g/4", "5"))
        .expect("SUBACK #7 [0, 0, 0, 128, 128]");
    client.send(Packets.subscribe(8, 1, "$share/g/1")).expect("SUBACK #8 [1]");
    assertThat(broker.broker().sessions())
        .extracting(SessionInfo::name, SessionInfo::subscriptions)
        .containsExactly(tuple("a", 3));
    assertThat(shares()).extracting(QueueInfo::name).allMatch(n -> n.startsWith("mqtt.share.g."));
  }

  @Test
  @Tag("MQTT-3.10.4-3/5")
  void whoUnsubscribesGetsNothingNewAndFinishesWhatIsUnderWay() {
    TestClient a = TestClient.five(broker, Packets5.connect("a"));
    a.subscribe(SHARED, 2);
    publish(2, "1");
    a.expect("PUBLISH t 1 qos2 #1");
    a.send(Packets5.unsubscribe(8, SHARED, "$share/h/t")).expect("UNSUBACK #8 [0, 17]");
    publish(2, "2");
    assertThat(shares()).hasSize(1);
    a.ack(PUBREC, 1).expect("PUBREL #1");
    assertThat(shares()).isEmpty();
    a.ack(PUBCOMP, 1).expectNothing();
    a.send(Packets5.unsubscribe(9, SHARED)).expect("UNSUBACK #9 [17]");
    a.subscribe(SHARED, 2);
    publish(2, "3");
    a.expect("PUBLISH t 3 qos2 #2");
  }

  @Test
  void theQueueGoesWithTheLastSubscription() {
    TestClient a = TestClient.clean(broker, "a").subscribe(SHARED, 1);
    TestClient b = TestClient.persistent(broker, "b").subscribe(SHARED, 1);
    a.disconnect();
    assertThat(shares()).hasSize(1);
    b.disconnect();
    assertThat(shares()).hasSize(1);
    TestClient.clean(broker, "b");
    assertThat(shares()).isEmpty();
  }

  // ---- who is away

  @ParameterizedTest
  @EnumSource
  void whoIsAwayGetsNothingNewWhileOthersAreThere(Version version) {
    version.persistent(broker, "a").subscribe(SHARED, 1).disconnect();
    TestClient b = version.persistent(broker, "b").subscribe(SHARED, 1);
    publish(1, "1", "2");
    b.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2").disconnect();
    back(version, "a").expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2");
  }

  @Test
  void withNobodyThereTheOldestGoWhenThereAreTooManyAndQos0WaitsAsWell() {
    Version.MQTT_5.persistent(broker, "a").subscribe(SHARED, 1).disconnect();
    publish(0, "1", "2", "3");
    publish(1, "4", "5");
    assertThat(dropped("session-full")).isEqualTo(2);
    back(Version.MQTT_5, "a").expect("PUBLISH t 3", "PUBLISH t 4 qos1 #1", "PUBLISH t 5 qos1 #2");
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfQos1GoesToAnotherWhenTheConnectionIsLostAndIsNoRepetitionThere(Version version) {
    TestClient a = version.persistent(broker, "a").subscribe(SHARED, 1);
    publish(1, "1");
    a.expect("PUBLISH t 1 qos1 #1");
    TestClient b = version.clean(broker, "b").subscribe(SHARED, 1);
    a.vanish();
    b.expect("PUBLISH t 1 qos1 #1");
    back(version, "a").expectNothing();
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.4.0-1/5")
  void aMessageOfQos1ThatNobodyElseGotComesAgainUnderItsIdentifier(Version version) {
    TestClient a = version.persistent(broker, "a").subscribe(SHARED, 1);
    publish(1, "1", "2");
    a.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2").ack(PUBACK, 1).vanish();
    TestClient again = back(version, "a").expect("PUBLISH t 2 qos1 #2 dup");
    publish(1, "3");
    again.expect("PUBLISH t 3 qos1 #3").ack(PUBACK, 2).ack(PUBACK, 3);
    assertThat(shares()).extracting(QueueInfo::unsettled).containsExactly(0L);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.8.2-4/5")
  void aMessageOfQos2IsFinishedWithTheClientThatHasBegunToGetIt(Version version) {
    TestClient a = version.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1", "2", "3");
    a.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos2 #2", "PUBLISH t 3 qos2 #3");
    a.ack(PUBREC, 1).expect("PUBREL #1");
    a.ack(PUBREC, 2).ack(PUBCOMP, 2).expect("PUBREL #2");
    TestClient b = version.clean(broker, "b").subscribe(SHARED, 2);
    a.vanish();
    publish(2, "4");
    b.expect("PUBLISH t 4 qos2 #1");
    TestClient again = back(version, "a").expect("PUBREL #1", "PUBLISH t 3 qos2 #3 dup");
    again.ack(PUBCOMP, 1).ack(PUBREC, 3).expect("PUBREL #3").ack(PUBCOMP, 3).expectNothing();
    b.expectNothing();
    assertThat(shares()).extracting(QueueInfo::unsettled).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.8.2-5/5")
  void aMessageOfQos2WhoseSessionEndsGoesToNobodyElseAndIsCounted(Version version) {
    TestClient a = version.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1");
    a.expect("PUBLISH t 1 qos2 #1");
    TestClient b = version.clean(broker, "b").subscribe(SHARED, 2);
    a.vanish();
    version.clean(broker, "a");
    publish(2, "2");
    b.expect("PUBLISH t 2 qos2 #1");
    assertThat(dropped("session-ended")).isEqualTo(1);
    TestClient c = version.clean(broker, "c").subscribe(SHARED, 2);
    publish(2, "3");
    c.expect("PUBLISH t 3 qos2 #1");
    c.vanish(); // a session that ends with its connection
    publish(2, "4");
    b.expect("PUBLISH t 4 qos2 #2");
    assertThat(dropped("session-ended")).isEqualTo(2);
  }

  @Test
  @Tag("MQTT-4.8.2-6/5")
  void whatAMemberRejectsIsGivenUpForAll() {
    TestClient a = TestClient.five(broker, Packets5.connect("a"));
    a.subscribe(SHARED, 2);
    publish(2, "1");
    publish(1, "2");
    a.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos1 #2");
    TestClient b = TestClient.clean(broker, "b").subscribe(SHARED, 2);
    a.send(Packets5.ack(PUBREC, 1, 0x83), Packets5.ack(PUBACK, 2, 0x80)).expect();
    a.vanish();
    b.expectNothing();
    assertThat(dropped("rejected")).isEqualTo(2);
    assertThat(shares()).extracting(QueueInfo::unsettled).containsExactly(0L);
  }

  // ---- the window of a session

  @Test
  @Tag("MQTT-3.3.4-9/5")
  void ownAndSharedMessagesTogetherKeepToTheReceiveMaximum() {
    TestClient a = TestClient.five(broker, Packets5.connect("a").with(receiveMaximum(2)));
    a.subscribe(SHARED, 2).subscribe("$share/h/t", 1).subscribe("t", 1);
    publish(2, "1", "2");
    List<String> first = a.received();
    assertThat(first).hasSize(2);
    a.expectNothing();
    int got = first.size();
    for (int id = 1; id <= 6; id++) {
      String packet = first.stream().filter(p -> p.contains("#")).toList().get(id - 1);
      if (packet.contains("qos2")) {
        a.ack(PUBREC, id).expect("PUBREL #" + id).ack(PUBCOMP, id);
      } else {
        a.ack(PUBACK, id);
      }
      List<String> next = a.received();
      assertThat(next).hasSize(got < 6 ? 1 : 0);
      got += next.size();
      first = Stream.concat(first.stream(), next.stream()).toList();
    }
    assertThat(first).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aMemberWhoseWindowIsFullIsPassedOver() {
    TestClient a = TestClient.five(broker, Packets5.connect("a").with(receiveMaximum(1)));
    a.subscribe(SHARED, 1);
    TestClient b = TestClient.clean(broker, "b").subscribe(SHARED, 1);
    publish(1, "1", "2", "3", "4");
    a.expect("PUBLISH t 1 qos1 #1");
    b.expect("PUBLISH t 2 qos1 #1", "PUBLISH t 3 qos1 #2", "PUBLISH t 4 qos1 #3");
  }

  // ---- take-over

  @ParameterizedTest
  @EnumSource
  void aTakeOverTakesTheSharesAlong(Version version) {
    TestClient first = version.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1");
    publish(1, "2");
    first.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos1 #2");
    TestClient second = back(version, "a");
    second.expect("PUBLISH t 1 qos2 #1 dup", "PUBLISH t 2 qos1 #2 dup");
    first.expectClosed();
    publish(1, "3");
    second.expect("PUBLISH t 3 qos1 #3");
  }

  @Test
  void aSessionOfOneVersionIsResumedByTheOtherWithItsShares() {
    TestClient three = TestClient.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1");
    three.expect("PUBLISH t 1 qos2 #1").vanish();
    TestClient five = back(Version.MQTT_5, "a").expect("PUBLISH t 1 qos2 #1 dup");
    five.ack(PUBREC, 1).expect("PUBREL #1").vanish();
    back(Version.MQTT_3_1_1, "a").expect("PUBREL #1").ack(PUBCOMP, 1).expectNothing();
  }

  @Test
  void whatIsUnderWayGoesOnAsItHasBegunWhateverTheClientSubscribesWith() {
    TestClient a = TestClient.persistent(broker, "a").subscribe(SHARED, 2);
    publish(2, "1");
    a.expect("PUBLISH t 1 qos2 #1").subscribe(SHARED, 0).vanish();
    TestClient again = back(Version.MQTT_3_1_1, "a").expect("PUBLISH t 1 qos2 #1 dup");
    again.ack(PUBREC, 1).expect("PUBREL #1").ack(PUBCOMP, 1);
    publish(2, "2");
    again.expect("PUBLISH t 2");
  }
}

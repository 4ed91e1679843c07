package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.subscriptionId;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Delivery;
import io.carrick.Guarantee;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.QueueSpec;
import io.carrick.SessionInfo;
import io.carrick.Source;
import io.carrick.StreamOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
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

/** MAP-38: a client subscribes to a queue, and consumes it beside others. */
class QueueSubscriptionTest {

  private static final String JOBS = "$queue/jobs";
  private static final int RETAIN_AS_PUBLISHED = 0x08;
  private static final int NO_LOCAL = 0x04;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(Limits.defaults().with(Limit.SESSION_SUBSCRIPTIONS, 3))
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.QUEUE || !what.name().startsWith("secret")))
          .inTestThread();

  private QueueSpec queue(String name) {
    return broker.client().topology().queue(name);
  }

  private void jobs() {
    queue("jobs").declare();
  }

  private void publish(int qos, String... payloads) {
    for (String payload : payloads) {
      send("", "jobs", Message.builder(payload).guarantee(Guarantee.ofQos(qos)).build());
    }
  }

  private void send(String exchange, String key, Message message) {
    broker.await(broker.client().publisher(exchange).publish(key, message));
  }

  private QueueInfo info(String queue) {
    return broker.client().topology().find(queue).orElseThrow();
  }

  private TestClient five(String id) {
    return TestClient.five(broker, Packets5.connect(id));
  }

  private TestClient back(Version version, String id) {
    TestClient client = version.silent(broker).send(version.connect(id, true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  private long dropped(String reason) {
    return broker.broker().metrics().dropped(reason);
  }

  // ---- what comes

  @ParameterizedTest
  @EnumSource
  void whatIsInTheQueueComesAndWhatIsPutThereLater(Version version) {
    jobs();
    publish(1, "1");
    TestClient a = version.clean(broker, "a").subscribe(JOBS, 1);
    publish(1, "2");
    a.expect("PUBLISH jobs 1 qos1 #1", "PUBLISH jobs 2 qos1 #2").ack(PUBACK, 1).ack(PUBACK, 2);
    assertThat(info("jobs")).extracting(QueueInfo::ready, QueueInfo::unsettled).containsOnly(0L);
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 0", "1, 2, 1", "2, 2, 2", "2, 1, 1", "2, 0, 0"})
  void aMessageComesAtTheLowerOfItsQosAndTheOneGranted(int granted, int sent, int got) {
    jobs();
    TestClient a = Version.MQTT_5.clean(broker, "a").subscribe(JOBS, granted);
    publish(sent, "1");
    a.expect("PUBLISH jobs 1" + (got == 0 ? "" : " qos" + got + " #1"));
    assertThat(info("jobs").unsettled()).isEqualTo(got == 0 ? 0 : 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "a/b", "a%2Fb", "50%", "/"})
  void aNameIsVerbatim(String name) {
    queue(name).declare();
    TestClient a = five("a").subscribe("$queue/" + name, 0);
    send("", name, Message.of("1"));
    assertThat(a.next()).contains(" 1");
    assertThat(info(name).consumers()).isEqualTo(1);
  }

  @Test
  void whatNoFilterCanHaveIsEscaped() {
    queue("a+b#").declare();
    TestClient a = five("a").subscribe("$queue/a%2Bb%23", 1);
    send("", "a+b#", Message.of("1"));
    a.expect("PUBLISH a%2Bb%23 1 {user=x-amqp-routing-key:a+b#}");
  }

  @Test
  void aMessageWithoutATopicOfItsOwnComesWithTheFilterAsItsTopic() {
    jobs();
    broker.client().topology().bind(Binding.of("amq.fanout", "jobs", ""));
    TestClient a = five("a").subscribe(JOBS, 1);
    send("amq.fanout", "", Message.builder("1").persistent().build());
    send("amq.fanout", "a.b", Message.builder("2").persistent().build());
    a.expect("PUBLISH $queue/jobs 1 qos1 #1", "PUBLISH a/b 2 qos1 #2");
    assertThat(dropped("illegal-topic")).isZero();
  }

  @Test
  @Tag("MQTT-3.3.4-3/5")
  void theIdentifierIsToldAndTheRetainFlagStaysIfItIsWanted() {
    jobs();
    TestClient a = five("a");
    a.send(Packets5.subscribe(1, subscriptionId(7), JOBS, RETAIN_AS_PUBLISHED | 1));
    a.expect("SUBACK #1 [1]");
    send("", "jobs", Message.builder("1").persistent().retain().build());
    a.expect("PUBLISH jobs 1 qos1 #1 retain {subscription=7}");
    a.send(Packets5.subscribe(2, subscriptionId(8), JOBS, 0)).expect("SUBACK #2 [0]");
    send("", "jobs", Message.builder("2").persistent().retain().build());
    a.expect("PUBLISH jobs 2 {subscription=8}");
  }

  @Test
  void theHighestPriorityIsFirst() {
    queue("jobs").maxPriority(9).declare();
    send("", "jobs", Message.builder("low").persistent().priority(1).build());
    send("", "jobs", Message.builder("high").persistent().priority(9).build());
    TestClient a = five("a").subscribe(JOBS, 1);
    a.expect(
        "PUBLISH jobs high qos1 #1 {user=x-amqp-priority:9}",
        "PUBLISH jobs low qos1 #2 {user=x-amqp-priority:1}");
  }

  // ---- beside others

  @Test
  void consumersOfAllProtocolsHaveTheirTurns() throws Exception {
    jobs();
    TestClient a = TestClient.clean(broker, "a").subscribe(JOBS, 1);
    TestClient b = five("b").subscribe(JOBS, 1);
    var got = new LinkedBlockingQueue<String>();
    broker.client().subscribe(Source.queue("jobs"), d -> got.add(d.message().text()));
    publish(1, "1", "2", "3", "4", "5", "6");
    List<String> byA = a.received();
    List<String> byB = b.received();
    int others = 6 - byA.size() - byB.size();
    for (int i = 0; i < others; i++) {
      assertThat(got.poll(5, TimeUnit.SECONDS)).isNotNull();
    }
    assertThat(List.of(byA.size(), byB.size(), others)).doesNotContain(0);
    assertThat(info("jobs").unsettled()).isEqualTo(byA.size() + byB.size());
  }

  @Test
  void withASingleActiveConsumerTheNextOneFollows() {
    queue("jobs").singleActiveConsumer().declare();
    TestClient a = five("a").subscribe(JOBS, 1);
    TestClient b = five("b").subscribe(JOBS, 1);
    publish(1, "1", "2");
    b.expectNothing();
    a.expect("PUBLISH jobs 1 qos1 #1", "PUBLISH jobs 2 qos1 #2").ack(PUBACK, 1).vanish();
    b.expect("PUBLISH jobs 2 qos1 #1");
  }

  @Test
  void aQuorumQueueIsAsAnyOther() {
    queue("jobs").quorum().declare();
    TestClient a = five("a").subscribe("t", 1).subscribe(JOBS, 1);
    publish(1, "1");
    a.expect("PUBLISH jobs 1 qos1 #1");
  }

  // ---- the window

  @Test
  @Tag("MQTT-3.3.4-9/5")
  void ownSharedAndQueuedMessagesTogetherKeepToTheReceiveMaximum() {
    jobs();
    TestClient a = TestClient.five(broker, Packets5.connect("a").with(receiveMaximum(2)));
    a.subscribe(JOBS, 2).subscribe("$share/g/jobs", 1).subscribe("jobs", 1);
    publish(2, "1", "2", "3");
    send("amq.topic", "jobs", Message.builder("4").persistent().build());
    List<String> got = a.received();
    assertThat(got).hasSize(2);
    for (int id = 1; id <= 5; id++) {
      if (got.get(id - 1).contains("qos2")) {
        a.ack(PUBREC, id).expect("PUBREL #" + id).ack(PUBCOMP, id);
      } else {
        a.ack(PUBACK, id);
      }
      got = Stream.concat(got.stream(), a.received().stream()).toList();
      assertThat(got).hasSize(Math.min(5, id + 2));
    }
  }

  @Test
  void whoHasNoRoomIsPassedOver() {
    jobs();
    TestClient a = TestClient.five(broker, Packets5.connect("a").with(receiveMaximum(1)));
    a.subscribe(JOBS, 1);
    TestClient b = five("b").subscribe(JOBS, 1);
    publish(1, "1", "2", "3");
    a.expect("PUBLISH jobs 1 qos1 #1");
    b.expect("PUBLISH jobs 2 qos1 #1", "PUBLISH jobs 3 qos1 #2");
  }

  // ---- what is refused

  @ParameterizedTest
  @ValueSource(strings = {"$queue", "$queue/", "$queue/+", "$queue/#", "$queue/none"})
  void whatNamesNoQueueThatIsThereIsRefusedAndTheOthersAreNot(String filter) {
    TestClient five = five("five");
    five.send(Packets5.subscribe(7, 1, "a", filter));
    assertThat(five.next()).startsWith("SUBACK #7 [1, 143] {reason=filter 2: no ");
    five.send(Packets5.unsubscribe(8, filter, "a")).expect("UNSUBACK #8 [17, 0]");
    TestClient three = TestClient.clean(broker, "three");
    three.send(Packets.subscribe(7, 1, filter, "a")).expect("SUBACK #7 [128, 1]");
  }

  @Test
  void whoMayNotReadTheQueueIsNotToldWhetherItIsThere() {
    queue("secret-1").declare();
    TestClient client = five("a");
    client.send(Packets5.subscribe(7, 1, "$queue/secret-1", "$queue/secret-2"));
    assertThat(client.next()).startsWith("SUBACK #7 [135, 135]");
    TestClient three = TestClient.clean(broker, "three");
    three.send(Packets.subscribe(7, 1, "$queue/secret-1")).expect("SUBACK #7 [128]");
  }

  @Test
  void queuesOfSessionsAreTheirsAlone() {
    TestClient a = five("a").subscribe("$share/g/t", 1);
    String share =
        broker.broker().queues().stream()
            .map(QueueInfo::name)
            .filter(name -> name.startsWith("mqtt.share."))
            .findAny()
            .orElseThrow();
    five("b").subscribe("t", 1);
    a.send(
        Packets5.subscribe(
            7, 1, "$queue/mqtt.session.a", "$queue/mqtt.session.b", "$queue/" + share));
    assertThat(a.next()).startsWith("SUBACK #7 [135, 135, 135]");
  }

  @Test
  void aQueueOfAnotherConnectionAloneAndAStreamAreRefusedWithTheReason() {
    queue("mine").exclusive().declare();
    queue("stream").stream(StreamOptions.none()).declare();
    TestClient a = five("a").send(Packets5.subscribe(7, 1, "$queue/mine", "$queue/stream"));
    assertThat(a.next()).startsWith("SUBACK #7 [131, 131] {reason=filter 1: cannot obtain");
    a.send(Packets5.subscribe(8, 1, "$queue/stream"));
    assertThat(a.next()).startsWith("SUBACK #8 [131] {reason=queue 'stream' in vhost '/' is a");
  }

  @Test
  void aQueueThatAnotherHasForItselfIsRefusedUntilThatOneGoes() {
    jobs();
    var exclusive = broker.client().consumer(Source.queue("jobs")).exclusive().start(d -> {});
    TestClient a = five("a").send(Packets5.subscribe(7, 1, JOBS));
    assertThat(a.next()).startsWith("SUBACK #7 [135] {reason=queue 'jobs' in vhost '/' in excl");
    assertThat(broker.broker().sessions()).extracting(SessionInfo::subscriptions).containsOnly(0);
    exclusive.close();
    a.subscribe(JOBS, 1);
    publish(1, "1");
    a.expect("PUBLISH jobs 1 qos1 #1");
  }

  @Test
  void noLocalIsRefusedSinceAnotherMightGetWhatTheClientPublished() {
    jobs();
    TestClient a = five("a").send(Packets5.subscribe(7, NO_LOCAL | 1, JOBS));
    a.expect("SUBACK #7 [131] {reason=no No Local with a queue}");
    assertThat(info("jobs").consumers()).isZero();
  }

  @Test
  void aQueueCountsAsASubscriptionOfTheSession() {
    Stream.of("1", "2", "3").forEach(name -> queue(name).declare());
    TestClient a = TestClient.clean(broker, "a").subscribe("t", 0).subscribe("$share/g/t", 0);
    a.send(Packets.subscribe(7, 0, "$queue/1", "$queue/2")).expect("SUBACK #7 [0, 128]");
    a.subscribe("$queue/1", 1);
    assertThat(broker.broker().sessions()).extracting(SessionInfo::subscriptions).containsOnly(3);
    a.send(Packets.unsubscribe(8, "$queue/1")).expect("UNSUBACK #8").subscribe("$queue/2", 1);
  }

  // ---- what is not acknowledged

  @ParameterizedTest
  @EnumSource
  void aMessageOfQos1GoesToAnotherWhenTheConnectionIsLost(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 1);
    publish(1, "1");
    a.expect("PUBLISH jobs 1 qos1 #1");
    a.vanish();
    Delivery again = broker.client().poll("jobs").orElseThrow();
    assertThat(again.redelivered()).isTrue();
    back(version, "a").expectNothing();
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.4.0-1/5")
  void aMessageOfQos1ThatNobodyElseGotComesAgainUnderItsIdentifier(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 1);
    publish(1, "1", "2");
    a.expect("PUBLISH jobs 1 qos1 #1", "PUBLISH jobs 2 qos1 #2").ack(PUBACK, 1).vanish();
    TestClient again = back(version, "a").expect("PUBLISH jobs 2 qos1 #2 dup");
    publish(1, "3");
    again.expect("PUBLISH jobs 3 qos1 #3").ack(PUBACK, 2).ack(PUBACK, 3);
    assertThat(info("jobs").unsettled()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whileAClientIsAwayNothingIsKeptForIt(Version version) {
    jobs();
    version.persistent(broker, "a").subscribe(JOBS, 1).disconnect();
    publish(1, "1");
    assertThat(info("jobs").ready()).isEqualTo(1);
    assertThat(broker.client().poll("jobs").orElseThrow().redelivered()).isFalse();
    publish(1, "2");
    back(version, "a").expect("PUBLISH jobs 2 qos1 #1");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-4.3.3-1/5")
  void aMessageOfQos2WaitsForTheSessionThatHasBegunToGetItAndIsSettledAtPubrec(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1", "2", "3");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos2 #2", "PUBLISH jobs 3 qos2 #3");
    a.ack(PUBREC, 1).expect("PUBREL #1");
    assertThat(info("jobs").unsettled()).isEqualTo(2);
    a.ack(PUBREC, 2).ack(PUBCOMP, 2).expect("PUBREL #2").vanish();
    assertThat(info("jobs").unsettled()).isEqualTo(1);
    assertThat(broker.client().poll("jobs")).isEmpty();
    TestClient again = back(version, "a").expect("PUBREL #1", "PUBLISH jobs 3 qos2 #3 dup");
    again.ack(PUBCOMP, 1).ack(PUBREC, 3).expect("PUBREL #3").ack(PUBCOMP, 3).expectNothing();
    assertThat(info("jobs").unsettled()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whenItsSessionEndsAMessageOfQos2GoesBackToTheQueue(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 2);
    TestClient b = version.clean(broker, "b").subscribe(JOBS, 2);
    publish(2, "1", "2");
    a.expect("PUBLISH jobs 1 qos2 #1").vanish();
    b.expect("PUBLISH jobs 2 qos2 #1");
    version.clean(broker, "a"); // which ends the old session
    b.expect("PUBLISH jobs 1 qos2 #2").vanish(); // a session that ends with its connection
    assertThat(info("jobs").ready()).isEqualTo(2);
    assertThat(broker.client().poll("jobs").orElseThrow().redelivered()).isTrue();
    assertThat(dropped("session-ended")).isZero();
  }

  @Test
  void whatTheClientRejectsIsADeadLetterOfTheQueue() {
    queue("dead").declare();
    queue("jobs").deadLetterTo("", "dead").declare();
    TestClient a = five("a").subscribe(JOBS, 2);
    publish(2, "1");
    publish(1, "2");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos1 #2");
    a.send(Packets5.ack(PUBREC, 1, 0x83), Packets5.ack(PUBACK, 2, 0x80)).expect();
    assertThat(dropped("rejected")).isEqualTo(2);
    TestClient dead = five("dead").subscribe("$queue/dead", 0);
    assertThat(dead.received()).hasSize(2).allMatch(p -> p.startsWith("PUBLISH dead "));
  }

  @Test
  void whoKeepsAMessageForLongerThanTheQueueAllowsIsDisconnected() {
    queue("jobs").consumerTimeout(Duration.ofMinutes(1)).declare();
    TestClient a = TestClient.five(broker, Packets5.connect("a").persistent());
    a.subscribe(JOBS, 1);
    publish(1, "1");
    a.expect("PUBLISH jobs 1 qos1 #1");
    broker.advance(Duration.ofSeconds(61));
    assertThat(a.next()).startsWith("DISCONNECT 0x83 {reason=a message of queue 'jobs' not ack");
    a.expectClosed();
    assertThat(info("jobs").ready()).isEqualTo(1);
  }

  // ---- the end of a subscription

  @ParameterizedTest
  @EnumSource
  @Tag("MQTT-3.10.4-3/5")
  void whoUnsubscribesGetsNothingNewAndFinishesWhatIsUnderWay(Version version) {
    jobs();
    TestClient a = version.clean(broker, "a").subscribe(JOBS, 2);
    publish(2, "1", "2");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos2 #2");
    a.send(version.unsubscribe(8, JOBS));
    assertThat(a.next()).startsWith("UNSUBACK #8");
    publish(2, "3");
    a.ack(PUBREC, 1).ack(PUBREC, 2).expect("PUBREL #1", "PUBREL #2");
    a.ack(PUBCOMP, 1).ack(PUBCOMP, 2).expectNothing();
    assertThat(info("jobs"))
        .extracting(QueueInfo::ready, QueueInfo::unsettled)
        .containsExactly(1L, 0L);
    a.subscribe(JOBS, 1);
    a.expect("PUBLISH jobs 3 qos1 #3");
  }

  @Test
  void whoHasUnsubscribedFinishesWhatIsUnderWayOnALaterConnection() {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    a.expect("PUBLISH jobs 1 qos2 #1").send(Packets.unsubscribe(8, JOBS)).expect("UNSUBACK #8");
    a.vanish();
    publish(2, "2");
    TestClient again = back(Version.MQTT_3_1_1, "a").expect("PUBLISH jobs 1 qos2 #1 dup");
    again.ack(PUBREC, 1).expect("PUBREL #1").ack(PUBCOMP, 1).expectNothing();
    assertThat(info("jobs").ready()).isEqualTo(1);
    again.vanish();
    back(Version.MQTT_3_1_1, "a").expectNothing();
  }

  @Test
  void aSubscriptionGoesWithItsQueueAndANewOneOfThatNameIsAnother() {
    jobs();
    TestClient a = TestClient.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    publish(1, "2");
    a.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos1 #2");
    broker.client().topology().deleteQueue("jobs");
    jobs();
    publish(1, "3");
    a.expectNothing();
    a.ack(PUBACK, 2).ack(PUBREC, 1).expect("PUBREL #1").ack(PUBCOMP, 1);
    assertThat(broker.broker().sessions()).extracting(SessionInfo::subscriptions).containsOnly(0);
    a.vanish();
    back(Version.MQTT_3_1_1, "a").expectNothing();
    assertThat(info("jobs").ready()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void anExchangeOfQos2WhoseQueueIsNoMoreComesToItsEnd(Version version) {
    jobs();
    TestClient a = version.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    a.expect("PUBLISH jobs 1 qos2 #1").vanish();
    broker.client().topology().deleteQueue("jobs");
    TestClient again = back(version, "a").expect("PUBREL #1");
    again.ack(PUBCOMP, 1).vanish();
    back(version, "a").expectNothing();
  }

  @Test
  void anAutoDeleteQueueGoesWithItsLastConsumerAsEver() {
    queue("jobs").autoDelete().declare();
    five("a").subscribe(JOBS, 1).disconnect();
    assertThat(broker.client().topology().find("jobs")).isEmpty();
  }

  // ---- take-over

  @ParameterizedTest
  @EnumSource
  void aTakeOverTakesTheQueueAlong(Version version) {
    jobs();
    TestClient first = version.persistent(broker, "a").subscribe(JOBS, 2);
    publish(2, "1");
    publish(1, "2");
    first.expect("PUBLISH jobs 1 qos2 #1", "PUBLISH jobs 2 qos1 #2");
    TestClient second = back(version, "a");
    second.expect("PUBLISH jobs 1 qos2 #1 dup", "PUBLISH jobs 2 qos1 #2 dup");
    first.expectClosed();
    publish(1, "3");
    second.expect("PUBLISH jobs 3 qos1 #3");
  }
}

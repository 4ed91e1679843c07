package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.spi.AccessFile;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What clients may by an access file: publish, subscribe, get, leave behind. */
class AccessTest {

  private static final String RULES =
      """
      topic read public/#
      user anne
      topic home/#
      topic deny home/safe/#
      topic read stock
      user root
      topic #
      topic $SYS/#
      pattern devices/%c/#
      """;

  @TempDir static Path folder;

  private final AccessFile access = file();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).authorizer(access))
          .inTestThread();

  private static AccessFile file() {
    try {
      return AccessFile.open(write(RULES), "");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Path write(String rules) throws IOException {
    return Files.writeString(folder.resolve("access"), rules);
  }

  private TestClient as(String user, String id) {
    return TestClient.connected(broker, connect(id).user(user));
  }

  private TestClient anne() {
    return as("anne", "a");
  }

  private TestClient root() {
    return as("root", "r");
  }

  private long dropped() {
    return broker.broker().metrics().dropped("not-allowed");
  }

  // ---- publish

  @Test
  void aTopicThatMayNotBeWrittenClosesItsPublisher() {
    TestClient root = root().subscribe("#", 0);
    anne().publish("home/door", "1").publish("stock", "2").expectClosed();
    anne().publish("home/safe/door", "3").expectClosed();
    as("anne", "b").publish("devices/a/x", "4").expectClosed();
    anne().publish("devices/a/x", "5").expectNothing();
    root.expect("PUBLISH home/door 1", "PUBLISH devices/a/x 5");
  }

  // ---- subscribe and get

  @Test
  void aSubscriptionBringsWhatOfItMayBeRead() {
    TestClient anne = anne().subscribe("#", 1);
    root()
        .send(
            publish("home/door", "1", 1, 1),
            publish("home/safe/door", "2", 1, 2),
            publish("stock", "3"),
            publish("secret", "4"),
            publish("devices/a/x", "5"),
            publish("devices/b/x", "6"));
    anne.expect("PUBLISH home/door 1 qos1 #1", "PUBLISH stock 3", "PUBLISH devices/a/x 5");
    assertThat(dropped()).isEqualTo(3);
  }

  @Test
  void whatMayNotBeReadTakesNoPlaceInTheWindowNorInTheQueue() {
    TestClient anne = anne().subscribe("home/#", 1);
    TestClient root = root();
    for (int i = 0; i < 2_000; i++) {
      root.send(publish("home/safe/x", "s", 1, 1)).expect("PUBACK #1");
    }
    root.publishAcked("home/x", "y");
    anne.expect("PUBLISH home/x y qos1 #1").ack(PUBACK, 1);
    assertThat(broker.broker().sessions())
        .filteredOn(session -> session.name().equals("a"))
        .allSatisfy(session -> assertThat(session.messages()).isZero());
  }

  @Test
  void whatWaitedForASessionIsAskedAboutWhenItIsDelivered() throws IOException {
    TestClient first = TestClient.connected(broker, connect("a").user("anne").persistent());
    first.subscribe("home/#", 1).disconnect();
    root().publishAcked("home/x", "1").publishAcked("home/y", "2");
    write(RULES + "user anne\ntopic deny home/x\n");
    access.reload();
    TestClient.silent(broker)
        .send(connect("a").user("anne").persistent().bytes())
        .expect("CONNACK 0 present", "PUBLISH home/y 2 qos1 #1");
  }

  @Test
  void aSubscriptionOfWhichNothingMayBeReadIsRefused() {
    anne()
        .send(subscribe(1, 1, "secret", "home/safe/+", "devices/b/#", "stock", "$SYS/#", "+/+"))
        .expect("SUBACK #1 [128, 128, 128, 1, 128, 1]");
  }

  @Test
  void aSharedSubscriptionHasToBeAllowedWholeAlsoOfWhoComesLater() {
    root().send(subscribe(1, 1, "$share/g/secret", "$share/g/home/#")).expect("SUBACK #1 [1, 1]");
    TestClient anne = anne();
    anne.send(subscribe(1, 1, "$share/g/secret", "$share/g/home/#", "$share/g/home/x/#"));
    anne.expect("SUBACK #1 [128, 128, 1]");
    root().send(publish("secret", "s", 1, 1), publish("home/x/y", "1", 1, 2));
    anne.expect("PUBLISH home/x/y 1 qos1 #1");
  }

  @Test
  void aClientOfVersion5HearsWhy() {
    TestClient anne = TestClient.five(broker, Packets5.connect("a").user("anne"));
    anne.send(Packets5.subscribe(1, 1, "secret", "#"));
    assertThat(anne.next()).startsWith("SUBACK #1 [135, 1] {reason=filter 1: read access to");
    anne.send(Packets5.publish("stock", "x", 1, 7));
    assertThat(anne.next()).startsWith("PUBACK #7 0x87 {reason=write access to");
    anne.expectNothing();
    TestClient.five(broker)
        .send(Packets5.connect("b").user("anne").will("stock", "x", 0, false).bytes())
        .expect("CONNACK 0x87")
        .expectClosed();
  }

  @Test
  void whoGivesNoNameMayWhatStandsInFrontOfTheUsers() {
    TestClient nobody = TestClient.clean(broker, "n").subscribe("#", 0);
    root().publish("public/x", "1").publish("home/x", "2").publish("devices/n/x", "3");
    nobody.expect("PUBLISH public/x 1", "PUBLISH devices/n/x 3");
  }

  @Test
  void retainedMessagesAreAskedAboutOneByOne() {
    TestClient root = root();
    for (int i = 0; i < 600; i++) {
      root.send(retained(publish("secret/" + i, "x")));
    }
    root.send(
        retained(publish("home/door", "1", 1, 1)),
        retained(publish("home/safe/door", "2")),
        retained(publish("stock", "3")));
    TestClient anne = anne().send(subscribe(1, 1, "#"));
    assertThat(anne.received())
        .containsExactlyInAnyOrder(
            "SUBACK #1 [1]", "PUBLISH home/door 1 qos1 #1 retain", "PUBLISH stock 3 retain");
  }

  @Test
  void aChangeOfTheFileCountsForWhoIsConnected() throws IOException {
    TestClient anne = anne().subscribe("#", 0);
    TestClient watched = root().subscribe("#", 0);
    write("user anne\ntopic read secret\nuser root\ntopic write #\n");
    access.reload();
    as("root", "r2").publish("home/x", "1").publish("secret", "2");
    anne.expect("PUBLISH secret 2").publish("home/x", "3").expectClosed();
    watched.expectNothing();
  }

  // ---- wills

  @Test
  void aWillThatMayNotBePublishedIsRefusedAtOnce() {
    byte[] secret = connect("a").user("anne").will("stock", "gone", 0, false).bytes();
    TestClient.silent(broker).send(secret).expect("CONNACK 5").expectClosed();
  }

  @Test
  void aWillIsAskedAboutAgainWhenItIsPublished() throws IOException {
    TestClient root = root().subscribe("home/#", 0);
    TestClient first =
        TestClient.connected(broker, connect("a").user("anne").will("home/a", "1", 0, false));
    TestClient second =
        TestClient.connected(broker, connect("b").user("anne").will("home/b", "2", 0, false));
    first.vanish();
    root.expect("PUBLISH home/a 1");
    write("user anne\ntopic read #\nuser root\ntopic #\n");
    access.reload();
    second.vanish();
    root.expectNothing();
  }
}

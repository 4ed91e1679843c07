package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.PasswordHash;
import io.carrick.SessionInfo;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 5 §5.4.2: a client id gives nobody what is another user's. */
@Timeout(60)
class SessionUserTest {

  private static final PasswordHash SECRET = PasswordHash.of("s", 4_096);
  private static final String NOT_AUTHORIZED = "CONNACK 5";

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .users(Users.none().with(user("anne")).with(user("bob")))
                  .authorizer(SessionUserTest::allows)
                  .store(disk))
          .inTestThread();

  private static User user(String name) {
    return User.of(name).withPassword(SECRET).permitted("/");
  }

  private static boolean allows(Identity who, Action action, Resource what) {
    return action != Action.WRITE || !what.name().startsWith("secret");
  }

  private TestClient as(String user, ConnectBuilder connect) {
    return TestClient.answered(broker, connect.user(user).password("s"));
  }

  private TestClient five(String user, Packets5.ConnectBuilder connect) {
    return TestClient.answered(broker, connect.user(user).password("s"));
  }

  private TestClient anne(String expected) {
    return as("anne", connect("c").persistent()).expect(expected);
  }

  private TestClient publisher() {
    return as("anne", connect("p")).expect("CONNACK 0");
  }

  @Test
  void anotherUserDoesNotGetWhatWaitsForAClientOfItsId() {
    anne("CONNACK 0").subscribe("t", 1).disconnect();
    publisher().publishAcked("t", "x");
    as("bob", connect("c").persistent()).expect(NOT_AUTHORIZED).expectClosed();
    as("anne", connect("c").persistent()).expect("CONNACK 0 present", "PUBLISH t x qos1 #1");
  }

  @Test
  void anotherUserDoesNotEndTheSessionByACleanOneOfItsId() {
    anne("CONNACK 0").subscribe("t", 1).disconnect();
    as("bob", connect("c")).expect(NOT_AUTHORIZED).expectClosed();
    publisher().publishAcked("t", "x");
    as("anne", connect("c").persistent()).expect("CONNACK 0 present", "PUBLISH t x qos1 #1");
  }

  @Test
  void anotherUserDoesNotCloseTheConnectionThatIsThere() {
    TestClient clean = as("anne", connect("d")).expect("CONNACK 0").subscribe("t", 1);
    TestClient persistent = anne("CONNACK 0").subscribe("t", 1);
    as("bob", connect("d")).expect(NOT_AUTHORIZED).expectClosed();
    as("bob", connect("d").persistent()).expect(NOT_AUTHORIZED).expectClosed();
    as("bob", connect("c")).expect(NOT_AUTHORIZED).expectClosed();
    publisher().publishAcked("t", "x");
    clean.expect("PUBLISH t x qos1 #1");
    persistent.expect("PUBLISH t x qos1 #1");
  }

  @Test
  void whoIsRefusedForItsIdLeavesNoWill() {
    anne("CONNACK 0").subscribe("w", 1);
    as("bob", connect("c").will("w", "gone", 1, false)).expect(NOT_AUTHORIZED).expectClosed();
    publisher().publishAcked("t", "x");
    anne("CONNACK 0 present");
  }

  @Test
  void aClientOfVersion5IsToldThatItIsNotAuthorized() {
    five("anne", Packets5.connect("c").persistent()).disconnect();
    TestClient bob = five("bob", Packets5.connect("c").persistent());
    bob.expect("CONNACK 0x87").expectClosed();
    as("bob", connect("c")).expect(NOT_AUTHORIZED).expectClosed();
    assertThat(five("anne", Packets5.connect("c").resume()).next()).startsWith("CONNACK 0 present");
  }

  @Test
  void anotherUserDoesNotHastenTheWillThatIsToCome() {
    TestClient watching = publisher().subscribe("w", 0);
    byte[] later = Properties5.willDelay(60);
    five("anne", Packets5.connect("c").persistent().will("w", "gone", 0, false, later)).vanish();
    five("bob", Packets5.connect("c")).expect("CONNACK 0x87").expectClosed();
    watching.expectNothing();
    five("anne", Packets5.connect("c"));
    watching.expect("PUBLISH w gone");
  }

  @Test
  void theSameUserTakesOver() {
    TestClient first = anne("CONNACK 0").subscribe("t", 1);
    publisher().publishAcked("t", "x");
    first.expect("PUBLISH t x qos1 #1");
    as("anne", connect("c").persistent()).expect("CONNACK 0 present", "PUBLISH t x qos1 #1 dup");
    first.expectClosed();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theUserOfASessionIsStoredWithIt(boolean clean) {
    anne("CONNACK 0").subscribe("t", 1).disconnect();
    publisher().publishAcked("t", "x");
    if (!clean) {
      disk.crash();
    }
    broker.restart();
    as("bob", connect("c").persistent()).expect(NOT_AUTHORIZED).expectClosed();
    as("bob", connect("c")).expect(NOT_AUTHORIZED).expectClosed();
    assertThat(as("anne", connect("c").persistent()).received())
        .containsExactly("CONNACK 0 present", "PUBLISH t x qos1 #1" + (clean ? "" : " dup"));
  }

  @Test
  void aSessionThatHasEndedIsNobodysAnyMore() {
    anne("CONNACK 0").disconnect();
    as("anne", connect("c")).expect("CONNACK 0").disconnect();
    as("bob", connect("c").persistent()).expect("CONNACK 0");
    as("anne", connect("c")).expect(NOT_AUTHORIZED).expectClosed();
  }

  @Test
  void anAdministratorDeletesTheSessionOfAUserThatDoesNotComeBack() {
    anne("CONNACK 0").disconnect();
    broker.await(broker.broker().admin().deleteQueue("/", "mqtt.session.c", false, false));
    as("bob", connect("c").persistent()).expect("CONNACK 0");
    assertThat(broker.broker().sessions()).extracting(SessionInfo::name).containsExactly("c");
  }

  // ---- what is refused is not known

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPublishThatIsRefusedIsRefusedAgainWhenItComesAgain(int qos) {
    List<ConnectBuilder> sessions = List.of(connect("c"), connect("c").persistent());
    for (ConnectBuilder session : sessions) {
      byte[] secret = publish("secret", "x", qos, 7);
      as("anne", session).expect("CONNACK 0").send(secret).expectClosed();
      TestClient again = TestClient.answered(broker, session);
      assertThat(again.next()).startsWith("CONNACK 0");
      again.send(dup(secret)).expect().expectClosed();
    }
    assertThat(broker.broker().metrics().value("permissions.refused{action=write}")).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPublishThatIsRefusedInVersion5IsRefusedAgainWhenItComesAgain(int qos) {
    byte[] secret = Packets5.publish("secret", "x", qos, 7);
    String refusal = qos == 1 ? "PUBACK #7 0x87" : "PUBREC #7 0x87";
    byte[] codes = Properties5.requestProblem(0);
    TestClient first = five("anne", Packets5.connect("c").persistent().with(codes));
    assertThat(first.next()).startsWith("CONNACK 0");
    first.send(secret).expect(refusal).send(dup(secret)).expect(refusal).vanish();
    TestClient again = five("anne", Packets5.connect("c").persistent().with(codes));
    assertThat(again.next()).startsWith("CONNACK 0 present");
    again.send(dup(secret)).expect(refusal);
    again.send(Packets5.publish("t", "y", 2, 7)).expect("PUBREC #7 0x10");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRefusedQos2PublishIsNotKnownAfterARestart(boolean clean) {
    byte[] secret = publish("secret", "x", 2, 7);
    anne("CONNACK 0").send(retained(secret)).expectClosed();
    if (!clean) {
      disk.crash();
    }
    broker.restart();
    anne("CONNACK 0 present").send(dup(retained(secret))).expect().expectClosed();
    anne("CONNACK 0 present").send(publish("t", "y", 2, 7)).expect("PUBREC #7");
    TestClient bob = as("bob", connect("d")).expect("CONNACK 0");
    bob.send(subscribe(1, 0, "#")).expect("SUBACK #1 [0]");
  }

  /** Where nobody has to prove who it is, a name proves nothing. */
  @Nested
  class WithoutUsers {

    @RegisterExtension
    final BrokerExtension open = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

    @Test
    void aClientIsWhoeverHasItsIdWhateverNameItGives() {
      TestClient first = TestClient.connected(open, connect("c").persistent().user("anne"));
      first.subscribe("t", 1);
      TestClient second = TestClient.silent(open).send(connect("c").persistent().bytes());
      second.expect("CONNACK 0 present");
      first.expectClosed();
      TestClient.connected(open, connect("c").user("bob")).ack(PacketType.PUBACK, 1);
      second.expectClosed();
    }
  }
}

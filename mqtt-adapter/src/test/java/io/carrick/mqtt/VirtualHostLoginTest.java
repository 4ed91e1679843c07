package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectionInfo;
import io.carrick.Endpoint;
import io.carrick.SessionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets.ConnectBuilder;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.time.Duration;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A virtual host in front of the user name, as RabbitMQ's users of MQTT write it. */
class VirtualHostLoginTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .virtualHost("factory")
                  .adapter(
                      Mqtt.onAnyPort()
                          .sessionExpiry(Duration.ofHours(1))
                          .endpoint(Endpoint.onAnyPort().named("own").virtualHost("factory"))))
          .inTestThread();

  private static ConnectBuilder client(String user) {
    return connect("c").user(user);
  }

  private TestClient as(String user) {
    return TestClient.connected(broker, client(user));
  }

  private String ownEndpoint(String user) {
    LocalPeer peer = broker.peer("own");
    peer.send(client(user).bytes());
    return ServerPackets.describe(peer.received()).get(0);
  }

  private void await(java.util.concurrent.CompletionStage<?> stage) {
    broker.await(stage);
  }

  @Test
  void aClientIsInTheVirtualHostThatItsUserNameBeginsWith() {
    as("factory:anne");
    TestClient.connected(broker, connect("d").user("/:bob"));
    TestClient.connected(broker, connect("e").user("carl"));
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::name, ConnectionInfo::virtualHost, ConnectionInfo::user)
        .containsExactlyInAnyOrder(
            Tuple.tuple("c", "factory", "anne"),
            Tuple.tuple("d", "/", "bob"),
            Tuple.tuple("e", "/", "carl"));
  }

  @Test
  void whatIsNoVirtualHostIsPartOfTheName() {
    as("elsewhere:anne");
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::virtualHost, ConnectionInfo::user)
        .containsExactly(Tuple.tuple("/", "elsewhere:anne"));
  }

  @Test
  void clientsOfOneIdMeetNeitherEachOthersSessionsNorMessages() {
    TestClient here = TestClient.connected(broker, client("x").persistent()).subscribe("t", 1);
    TestClient there = TestClient.connected(broker, client("factory:x").persistent());
    there.subscribe("t", 1).disconnect();
    here.send(publish("t", "here", 1, 1)).expect("PUBACK #1", "PUBLISH t here qos1 #1");
    TestClient.connected(broker, connect("p").user("factory:x")).publishAcked("t", "there");
    here.ack(PacketType.PUBACK, 1).expectNothing();
    TestClient.silent(broker)
        .send(client("factory:x").persistent().bytes())
        .expect("CONNACK 0 present", "PUBLISH t there qos1 #1");
    assertThat(broker.broker().sessions())
        .extracting(SessionInfo::name, SessionInfo::virtualHost)
        .contains(Tuple.tuple("c", "/"), Tuple.tuple("c", "factory"));
    here.expectNothing();
  }

  @Test
  void anEndpointWithAVirtualHostOfItsOwnLeadsNowhereElse() {
    assertThat(ownEndpoint("anne")).isEqualTo("CONNACK 0");
    assertThat(ownEndpoint("factory:anne")).isEqualTo("CONNACK 0");
    assertThat(ownEndpoint("/:anne")).isEqualTo("CONNACK 5");
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::virtualHost)
        .containsOnly("factory");
  }

  @Test
  void virtualHostsMayComeAndGoWhileTheBrokerRuns() {
    var admin = broker.broker().admin();
    await(admin.createVirtualHost("later"));
    TestClient client = TestClient.connected(broker, client("later:x").persistent());
    client.subscribe("t", 0).publish("t", "x").expect("PUBLISH t x");
    client.publish("$SYS/x", "y").expectClosed(); // it is the broker's own there, too
    await(admin.deleteVirtualHost("later"));
    as("later:x");
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::virtualHost)
        .containsExactly("/");
    await(admin.createVirtualHost("later"));
    TestClient again = TestClient.silent(broker).send(client("later:x").persistent().bytes());
    again.expect("CONNACK 0").send(publish("$SYS/x", "y")).expectClosed();
  }

  @Test
  void aSessionEndsInTheVirtualHostWhereItIs() {
    TestClient.connected(broker, client("factory:x").persistent()).disconnect();
    broker.advance(Duration.ofMinutes(30));
    TestClient.connected(broker, client("x").persistent()).disconnect();
    broker.advance(Duration.ofMinutes(30));
    assertThat(broker.broker().sessions())
        .extracting(SessionInfo::virtualHost)
        .containsExactly("/");
    TestClient.silent(broker).send(client("x").persistent().bytes()).expect("CONNACK 0 present");
    as("factory:x");
  }
}

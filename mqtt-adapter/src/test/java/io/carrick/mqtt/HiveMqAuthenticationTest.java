package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.carrick.ConnectionInfo;
import io.carrick.PasswordHash;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HiveMQ's client with SCRAM-SHA-256 (RFC 5802, RFC 7677), for the users of the broker. */
@Timeout(60)
class HiveMqAuthenticationTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .users(
                      Users.none()
                          .with(
                              User.of("anne")
                                  .withPassword(PasswordHash.of("pencil", 4_096))
                                  .permitted("/"))
                          .with(
                              User.of("bob")
                                  .withPassword(PasswordHash.of("crayon", 4_096))
                                  .permitted("/"))))
          .realTime();

  private final CompletableFuture<Throwable> gone = new CompletableFuture<>();
  private final List<Mqtt5AsyncClient> clients = new ArrayList<>();

  private Mqtt5AsyncClient client(ScramClient proof) {
    InetSocketAddress address = broker.address("mqtt");
    Mqtt5AsyncClient client =
        Mqtt5Client.builder()
            .identifier("c")
            .serverHost(address.getHostString())
            .serverPort(address.getPort())
            .enhancedAuth(proof)
            .addDisconnectedListener(context -> gone.complete(context.getCause()))
            .buildAsync();
    clients.add(client);
    return client;
  }

  @AfterEach
  void close() {
    clients.forEach(client -> client.disconnect().exceptionally(failed -> null).join());
  }

  private Mqtt5AsyncClient connected(ScramClient proof) throws Exception {
    Mqtt5AsyncClient client = client(proof);
    client.connect().get(20, TimeUnit.SECONDS);
    return client;
  }

  private static void publish(Mqtt5AsyncClient client) throws Exception {
    client.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send().get(20, TimeUnit.SECONDS);
  }

  @Test
  @Tag("MQTT-4.12.0-2/5")
  @Tag("MQTT-4.12.0-5/5")
  void bothSidesProveToEachOtherThatTheyKnowThePassword() throws Exception {
    var proof = new ScramClient("anne", "pencil");
    publish(connected(proof));
    assertThat(proof.proofsOfTheServer()).isEqualTo(1);
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::user)
        .containsExactly("anne");
  }

  @ParameterizedTest
  @CsvSource({"anne,crayon", "nobody,pencil"})
  @Tag("MQTT-4.12.0-4/5")
  void whoDoesNotKnowThePasswordIsRefusedAsIsWhoIsNotThere(String user, String password) {
    var proof = new ScramClient(user, password);
    assertThatThrownBy(() -> connected(proof))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            Mqtt5ConnAckException.class,
            refused ->
                assertThat(refused.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    assertThat(proof.questions()).as("both are asked").isEqualTo(1);
  }

  @Test
  @Tag("MQTT-4.12.1-1/5")
  void aClientProvesItAgain() throws Exception {
    var proof = new ScramClient("anne", "pencil");
    Mqtt5AsyncClient client = connected(proof);
    client.reauth().get(20, TimeUnit.SECONDS);
    publish(client);
    client.reauth().get(20, TimeUnit.SECONDS);
    publish(client);
    assertThat(proof.proofsOfTheServer()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"anne,forgotten", "bob,crayon"})
  @Tag("MQTT-4.12.1-2/5")
  void whoDoesNotKnowItAnyMoreOrIsAnotherIsDisconnected(String user, String password)
      throws Exception {
    var proof = new ScramClient("anne", "pencil");
    Mqtt5AsyncClient client = connected(proof);
    proof.become(user, password);
    assertThatThrownBy(() -> client.reauth().get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class);
    assertThat(gone.get(20, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Mqtt5DisconnectException.class,
            why ->
                assertThat(why.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED));
  }
}

package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of MQTT 5 that are not to learn what they may not do (§3.4.2.1, §3.9.3: 0x80). */
class RefusalReasonsTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort().refusalReasons(false))
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  @Test
  void whatIsNotAllowedIsRefusedWithoutAReason() {
    TestClient client = TestClient.five(broker, connect("c"));
    client.send(subscribe(1, 1, "secret/x")).expect("SUBACK #1 [128]");
    client.send(publish("secret/x", "1", 1, 2)).expect("PUBACK #2 0x80");
    client.send(publish("secret/x", "1", 2, 3)).expect("PUBREC #3 0x80");
    client.send(subscribe(4, 1, "open")).expect("SUBACK #4 [1]");
    client.send(publish("secret/x", "1", 0, 0)).expect("DISCONNECT 0x80").expectClosed();
  }
}

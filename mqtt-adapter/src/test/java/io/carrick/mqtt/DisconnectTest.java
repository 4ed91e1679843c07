package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.Properties5.sessionExpiry;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.disconnect;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What DISCONNECT of version 5 says of the session (§3.14.2.2.2). */
class DisconnectTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  @Test
  void aSessionThatWasToEndWithItsConnectionIsNotMadeToLastAtItsEnd() {
    TestClient.five(broker, connect("s").persistent()).disconnect();
    TestClient again = TestClient.five(broker).send(connect("s").resume().bytes());
    assertThat(again.next()).startsWith("CONNACK 0 present");

    again.send(disconnect(0, sessionExpiry(60)));

    assertThat(again.next()).startsWith("DISCONNECT 0x82");
    again.expectClosed();
    assertThat(broker.broker().sessions()).isEmpty();
  }
}

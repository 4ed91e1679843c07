package io.carrick.docs;

// snippet
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Source;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ThermostatTest {

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort());

  @Test
  void aThermostatThatFallsSilentIsReported() throws Exception {
    MessageProbe status = broker.probe(Source.topic("thermostats.*.status"));
    var options = new MqttConnectOptions();
    options.setKeepAliveInterval(60);
    options.setWill("thermostats/t1/status", "gone".getBytes(StandardCharsets.UTF_8), 1, false);
    var thermostat = new MqttClient(broker.url("tcp", "mqtt"), "t1", new MemoryPersistence());
    thermostat.connect(options);

    broker.advance(Duration.ofSeconds(89));
    status.expectNothing();
    broker.advance(Duration.ofSeconds(1)); // one and a half times the keep-alive

    assertThat(status.take().message().text()).isEqualTo("gone");
    thermostat.disconnectForcibly(1, 1);
    thermostat.close();
  }
}
// end

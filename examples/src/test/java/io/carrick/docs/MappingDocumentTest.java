package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Client;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/mapping.md and docs/extending.md show of mappings. */
class MappingDocumentTest {

  // snippet
  private final EmbeddedBroker.Builder chosen =
      EmbeddedBroker.builder()
          .virtualHost("migrated")
          .mapping(Mapping.lossless().exposeMetadata(true))
          .mapping("migrated", Mapping.rabbitMq());

  // end

  // snippet
  private final EmbeddedBroker.Builder description =
      EmbeddedBroker.builder()
          .adapter(Mqtt.onAnyPort())
          .mapping(Mapping.lossless().topics(new ShortNames()));

  // end

  @RegisterExtension final BrokerExtension broker = BrokerExtension.of(description).realTime();

  @Test
  void aMappingIsChosenForAVirtualHost() {
    try (var started = chosen.start();
        Client client = started.connect("migrated")) {
      client.publisher("amq.topic").publish("a.b", Message.of("x"));
    }
  }

  @Test
  void devicesHaveShortNames() throws Exception {
    MessageProbe services = broker.probe(Source.topic("devices.#"));
    try (var device = new MqttClient(broker.url("tcp", "mqtt"), "t1", new MemoryPersistence())) {
      device.connect();
      device.publish("d/t1", "21.5".getBytes(), 1, false);
      device.disconnect();
    }
    assertThat(services.take().message().text()).isEqualTo("21.5");
  }
}

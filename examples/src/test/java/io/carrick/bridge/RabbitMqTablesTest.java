package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Mapping;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@link RabbitMqTables} says of a RabbitMQ 4.0.5, and of this broker (MAP-4). */
class RabbitMqTablesTest {

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .mapping(Mapping.rabbitMq()))
          .realTime();

  @Test
  @DisplayName("properties cross as they do in RabbitMQ 4.0.5 [MAP-4]")
  void theTablesAreRabbitMqs() throws Exception {
    List<String> here;
    try (var tables = new RabbitMqTables(broker.address("mqtt"), broker.address("amqp"))) {
      here = tables.run();
    }
    assertThat(here).containsExactlyElementsOf(asRabbitMqDoes());
  }

  private static List<String> asRabbitMqDoes() throws Exception {
    try (InputStream golden =
        RabbitMqTablesTest.class.getResourceAsStream("rabbitmq-4.0.5-tables.txt")) {
      return new String(golden.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}

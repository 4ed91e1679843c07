package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How to test a service of one's own: it connects as it always does, the test plays its devices.
 */
class IrrigationTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort());

  private MessageProbe valves;

  @BeforeEach
  void watchValves() {
    valves = broker.probe(Source.topic("greenhouse.*.valve"));
  }

  private Connection irrigation() throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(broker.url("amqp", "amqp"));
    Connection connection = factory.newConnection();
    Irrigation.start(connection);
    return connection;
  }

  private void measure(int bed, String percent) {
    broker.await(
        broker
            .client()
            .publisher("amq.topic")
            .publish(
                "greenhouse." + bed + ".moisture", Message.builder(percent).persistent().build()));
  }

  @Test
  void aDryBedIsWatered() throws Exception {
    try (Connection service = irrigation()) {
      measure(7, "19");

      Delivery valve = valves.take();
      assertThat(valve.routingKey()).isEqualTo("greenhouse.7.valve");
      assertThat(valve.message().text()).isEqualTo("open");
      assertThat(valve.message().properties().persistent()).isTrue();
      assertThat(service.isOpen()).isTrue();
    }
  }

  @Test
  void aMoistBedIsLeftAlone() throws Exception {
    try (Connection service = irrigation()) {
      measure(7, "20");
      measure(8, "19"); // read after bed 7, so nothing has happened there when this one is answered

      assertThat(valves.take().routingKey()).isEqualTo("greenhouse.8.valve");
      valves.expectNothing();
      assertThat(service.isOpen()).isTrue();
    }
  }

  @Test
  void aReadingThatIsNoNumberIsGivenUpAndTheNextOneRead() throws Exception {
    try (Connection service = irrigation()) {
      measure(7, "wet");
      measure(8, "19");

      assertThat(valves.take().routingKey()).isEqualTo("greenhouse.8.valve");
      assertThat(service.isOpen()).isTrue();
    }
  }

  @Test
  void whatIsMeasuredWhileTheServiceIsAwayWaitsForIt() throws Exception {
    irrigation().close();
    measure(7, "19");
    valves.expectNothing();

    try (Connection service = irrigation()) {
      assertThat(valves.take().routingKey()).isEqualTo("greenhouse.7.valve");
      assertThat(service.isOpen()).isTrue();
    }
  }
}

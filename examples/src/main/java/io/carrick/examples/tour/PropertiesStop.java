package io.carrick.examples.tour;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Topics, properties and headers cross, and come back as they were. */
final class PropertiesStop implements Stop {

  @Override
  public String title() {
    return "Properties and headers";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Service service = guide.service("archive").listen("lab.#");
    Device device = guide.device("scale-3").subscribe("lab/#");

    device.publish(
        Device.message("lab/room 1.07/weight", "81.5")
            .contentType("text/plain")
            .messageExpiryInterval(60)
            .correlationData("w-1".getBytes(StandardCharsets.UTF_8))
            .userProperties()
            .add("unit", "kg")
            .applyUserProperties()
            .build());
    device.take(); // its own
    Delivery seen = service.take();
    guide.says("by MQTT 5: topic lab/room 1.07/weight, unit kg, a minute to live");
    guide.says(
        "AMQP sees: key %s, unit %s, expiration %s, content type %s, correlation id %s"
            .formatted(
                seen.getEnvelope().getRoutingKey(),
                Service.header(seen, "unit"),
                seen.getProperties().getExpiration(),
                seen.getProperties().getContentType(),
                seen.getProperties().getCorrelationId()));
    service.publish("amq.topic", seen.getEnvelope().getRoutingKey(), seen.getProperties(), "81.5");
    service.take(); // its own
    guide.says("sent on by AMQP, MQTT 5 sees: " + words(device.take()));

    AMQP.BasicProperties rich =
        Service.persistent()
            .type("calibration")
            .headers(Map.of("limits", Map.of("low", 1, "high", 90)))
            .build();
    service.publish("amq.topic", "lab.scale-3", rich, "now");
    Mqtt5Publish calibration = device.take();
    guide.says(
        "by AMQP: type calibration, a table of limits; MQTT 5 sees: x-amqp-type %s, limits %s"
            .formatted(
                Device.property(calibration, "x-amqp-type"),
                Device.property(calibration, "limits")));
  }

  private static String words(Mqtt5Publish message) {
    return "topic %s, unit %s, expiry %d s"
        .formatted(
            message.getTopic(),
            Device.property(message, "unit"),
            message.getMessageExpiryInterval().orElse(0));
  }
}

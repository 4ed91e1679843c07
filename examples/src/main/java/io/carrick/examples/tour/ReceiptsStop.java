package io.carrick.examples.tour;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The publisher learns who has really received a message. */
final class ReceiptsStop implements Stop {

  private static final String ASK = "x-receipt";

  @Override
  public String title() {
    return "Receipts from end to end";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Service hall = guide.service("hall").listen("lamps.#");
    guide.device("lamp-1").subscribe("lamps/+");
    guide.deviceThatReturns("lamp-2").subscribe("lamps/+").close();

    Device button = guide.device("button").subscribe("receipts/button");
    button.publish(
        Device.message("lamps/all", "on")
            .responseTopic("receipts/button")
            .correlationData("r-1".getBytes(StandardCharsets.UTF_8))
            .userProperties()
            .add(ASK, "count=2;timeout=10s")
            .applyUserProperties()
            .build());
    Mqtt5Publish answer = button.take();
    guide.says("an MQTT 5 button asks that two of three have it; one is away. The one answer:");
    guide.says(Device.text(answer));

    hall.take();
    Service timer = guide.service("timer").consumeReplies();
    AMQP.BasicProperties ask =
        Service.persistent()
            .headers(Map.of(ASK, "all;timeout=10s"))
            .replyTo("amq.rabbitmq.reply-to")
            .correlationId("r-2")
            .build();
    timer.publish("amq.topic", "lamps.all", ask, "off");
    guide.deviceThatReturns("lamp-2").subscribe("lamps/+");
    Delivery all = timer.take();
    guide.says("an AMQP timer asks for all three; the one that was away comes back in time:");
    guide.says(Service.text(all));
  }
}

package io.carrick.examples.tour;

import com.rabbitmq.client.Delivery;
import java.util.Map;

/** Last values reach AMQP, and AMQP sets them. */
final class RetainedStop implements Stop {

  private static final String ASK = "x-mqtt-retained";

  @Override
  public String title() {
    return "Retained messages";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Device meter = guide.device("meter");
    meter.publish(Device.message("meters/7/state", "on").retain(true).build());

    Service late = guide.service("late").listen("meters.*.state", Map.of(ASK, true));
    Delivery kept = late.take();
    guide.says(
        "an AMQP queue that is bound later gets the last value: '%s', %s %s"
            .formatted(Service.text(kept), ASK, Service.header(kept, ASK)));

    late.publish(
        "amq.topic",
        "meters.7.state",
        Service.persistent().headers(Map.of("x-mqtt-retain", true)).build(),
        "off, says AMQP");
    late.take(); // its own
    var told = guide.device("display").subscribe("meters/+/state").take();
    guide.says(
        "an MQTT client that subscribes now gets what AMQP has retained: '%s'%s"
            .formatted(Device.text(told), told.isRetain() ? ", with the RETAIN flag" : ""));
    meter.publish(Device.message("meters/7/state", "").retain(true).build());
  }
}

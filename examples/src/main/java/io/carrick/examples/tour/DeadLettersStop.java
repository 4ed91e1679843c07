package io.carrick.examples.tour;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.Delivery;

/** What devices reject or leave to grow old is not lost. */
final class DeadLettersStop implements Stop {

  @Override
  public String title() {
    return "Dead letters of devices";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Service care = guide.service("care").listen("dead.devices");
    Device watcher = guide.device("watcher").subscribe("dead/devices");
    guide.deviceThatRejects("lock-1", "no such door").subscribe("locks/1/open");

    guide.device("app").publish("locks/1/open", "door 9");

    Delivery letter = care.take();
    guide.says(
        "a device answers a message with 0x83; AMQP gets it from the dead letter exchange:"
            + " '%s', x-mqtt-reason %s (%s)"
                .formatted(
                    Service.text(letter),
                    Service.header(letter, "x-mqtt-reason"),
                    Service.header(letter, "x-mqtt-reason-string")));
    Mqtt5Publish same = watcher.take();
    guide.says(
        "a client of MQTT 5 sees why as well: x-first-death-queue %s, x-first-death-reason %s"
            .formatted(
                Device.property(same, "x-first-death-queue"),
                Device.property(same, "x-first-death-reason")));
  }
}

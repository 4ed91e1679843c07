package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.mqtt.Overlap;
import io.carrick.testing.BrokerExtension;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What comes to a client of whose filters several match a message (MAP-35). */
class OverlapTest {

  @TempDir static Path directory;

  private static EmbeddedBroker.Builder broker(Overlap overlap) {
    return EmbeddedBroker.builder()
        .adapter(Mqtt.onAnyPort().overlap(overlap))
        .adapter(Amqp.onAnyPort());
  }

  @RegisterExtension
  final BrokerExtension each = BrokerExtension.of(broker(Overlap.PER_SUBSCRIPTION)).realTime();

  @RegisterExtension
  final BrokerExtension stored =
      BrokerExtension.of(
              broker(Overlap.PER_SUBSCRIPTION).store(Journal.in(directory).sync(Journal.Sync.NONE)))
          .realTime();

  @RegisterExtension
  final BrokerExtension once = BrokerExtension.of(broker(Overlap.ONCE)).realTime();

  @RegisterExtension final Clients clients = new Clients(each);
  @RegisterExtension final Clients lasting = new Clients(stored);
  @RegisterExtension final Clients others = new Clients(once);

  private static List<String> taken(Device device, int count) {
    return device.inbox().take(count).stream()
        .map(message -> message.text() + " " + message.qos())
        .sorted()
        .toList();
  }

  @Test
  @DisplayName("one delivery for each subscription that matches, with its own QoS [MAP-35]")
  void eachSubscriptionHasADelivery() throws Exception {
    Device device =
        clients.device("device").subscribe("a/#", 1).subscribe("a/b", 2).subscribe("+/b", 0);
    Device publisher = clients.device("publisher");
    publisher.publish("a/b", "x", 2);
    assertThat(taken(device, 3)).containsExactly("x 0", "x 1", "x 2");
    clients.service().publish("a.b", "by AMQP".getBytes(), Service.persistent());
    assertThat(taken(device, 3)).containsExactly("by AMQP 0", "by AMQP 1", "by AMQP 1");
    publisher.publish("a/c", "fence", 1);
    assertThat(taken(device, 1)).containsExactly("fence 1");
  }

  @Test
  @DisplayName("unless it is asked for there is one, at the highest QoS [MAP-35]")
  void thereIsOneOtherwise() throws Exception {
    Device device =
        others.device("device").subscribe("a/#", 1).subscribe("a/b", 2).subscribe("+/b", 0);
    Device publisher = others.device("publisher");
    publisher.publish("a/b", "x", 2);
    publisher.publish("a/c", "fence", 1);
    assertThat(taken(device, 2)).containsExactly("fence 1", "x 2");
  }

  @Test
  @DisplayName("who is away gets each of them after a restart of the broker [MAP-35]")
  void subscriptionsOutliveTheBroker() throws Exception {
    lasting.returningDevice("away").subscribe("a/#", 1).subscribe("a/b", 2).disconnect();
    lasting.device("publisher").publish("a/b", "x", 2);

    stored.restart();
    Device back = lasting.returningDevice("away");
    assertThat(taken(back, 2)).containsExactly("x 1", "x 2");
    lasting.device("publisher").publish("a/b", "y", 1);
    assertThat(taken(back, 2)).containsExactly("y 1", "y 1");
  }

  @Test
  @DisplayName("each ends for itself, and takes its queue with it [MAP-35]")
  void eachEndsForItself() throws Exception {
    Device device = clients.device("device").subscribe("a/#", 1).subscribe("a/b", 1);
    assertThat(queues()).isEqualTo(2);
    device.unsubscribe("a/b");
    Device publisher = clients.device("publisher");
    publisher.publish("a/b", "x", 1);
    publisher.publish("a/b", "fence", 1);
    assertThat(device.take().text()).isEqualTo("x");
    assertThat(device.take().text()).isEqualTo("fence");
    assertThat(queues()).isEqualTo(1);
  }

  private long queues() {
    return each.broker().queues().stream()
        .filter(queue -> queue.name().startsWith("mqtt.subscription."))
        .count();
  }

  @Test
  @DisplayName("No Local and retained messages hold for each [MAP-33] [MAP-35]")
  void optionsHoldForEach() throws Exception {
    Device publisher = clients.device("publisher");
    publisher.publish("a/kept", "kept".getBytes(), 1, true);
    Device5 device = clients.device5("device");
    device.subscribe(
        Mqtt5Subscribe.builder()
            .topicFilter("a/#")
            .qos(MqttQos.AT_LEAST_ONCE)
            .noLocal(true)
            .build());
    assertThat(Device5.text(device.take())).isEqualTo("kept");

    device.publish("a/b", "never", 1);
    publisher.publish("a/b", "others'", 1);

    assertThat(Device5.text(device.take())).isEqualTo("others'");
  }
}

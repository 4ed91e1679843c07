package io.carrick.mqtt;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.mqtt.codec.TopicRules;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscriptions: each is a binding of the session's queue to the topic exchange, with the granted
 * QoS attached. Confined to the connection's loop; made for one packet.
 */
final class SubscribeHandler {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");
  private static final byte FAILURE = (byte) 0x80;

  private final ConnectedClient client;

  SubscribeHandler(ConnectedClient client) {
    this.client = client;
  }

  void onSubscribe(Subscribe subscribe) {
    client.owner.awaitAnswer();
    new Subscribing(subscribe).next();
  }

  /** One SUBSCRIBE under way: its filters one after the other, then SUBACK, then retained ones. */
  private final class Subscribing implements Completion<Done> {

    private final Subscribe subscribe;
    private final byte[] codes;
    private int index;

    Subscribing(Subscribe subscribe) {
      this.subscribe = subscribe;
      this.codes = new byte[subscribe.subscriptions().size()];
    }

    void next() {
      while (index < codes.length) {
        Subscription subscription = subscribe.subscriptions().get(index);
        if (allowed(subscription)) {
          client.port.bind(List.of(binding(subscription.filter(), subscription.qos())), this);
          return;
        }
        codes[index++] = FAILURE;
      }
      finish();
    }

    @Override
    public void completed(Done done) {
      codes[index] = (byte) subscribe.subscriptions().get(index).qos();
      index++;
      next();
    }

    @Override
    public void failed(BrokerException reason) {
      log.debug("{}: a subscription was refused: {}", client.owner, reason.getMessage());
      codes[index++] = FAILURE; // [MQTT-3.9.3-2]
      next();
    }

    private void finish() {
      if (client.owner.ended()) {
        return;
      }
      MqttEncoder.subAck(
          client.connection().output().reserve(MqttEncoder.subAckBytes(codes.length)),
          subscribe.packetId(),
          codes);
      for (int i = 0; i < codes.length; i++) {
        if (codes[i] != FAILURE) {
          RoutingKey filter = filter(subscribe.subscriptions().get(i).filter());
          client.replay().add(client.port.lastValues(filter), codes[i]); // [MQTT-3.3.1-6]
        }
      }
      client.owner.answered();
    }
  }

  private RoutingKey filter(byte[] filter) {
    return client.server().space.topics().filter(filter);
  }

  private boolean allowed(Subscription subscription) {
    return TopicRules.levels(subscription.filter())
        <= client.server().limits.value(Limit.TOPIC_LEVELS);
  }

  private Binding binding(byte[] filter, @Nullable Integer qos) {
    return new Binding(
        client.server().space.exchange(),
        Binding.Target.QUEUE,
        Session.queueOf(client.session.name()),
        filter(filter),
        Map.of(),
        qos);
  }

  void onUnsubscribe(Unsubscribe unsubscribe) {
    var bindings = new ArrayList<Binding>();
    for (byte[] filter : unsubscribe.filters()) {
      bindings.add(binding(filter, null));
    }
    client.owner.awaitAnswer();
    client.port.unbind(
        bindings,
        new Completion<>() {
          @Override
          public void completed(Done done) {
            unsubscribed(unsubscribe.packetId());
          }

          @Override
          public void failed(BrokerException reason) {
            log.debug("{}: could not unsubscribe: {}", client.owner, reason.getMessage());
            unsubscribed(unsubscribe.packetId());
          }
        });
  }

  private void unsubscribed(int packetId) {
    if (!client.owner.ended()) {
      MqttEncoder.unsubAck(
          client.connection().output().reserve(MqttEncoder.ACK_BYTES), packetId); // [MQTT-3.10.4-5]
      client.owner.answered();
    }
  }
}

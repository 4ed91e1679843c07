package io.carrick.mqtt;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.spi.Completion;
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

  private final ActiveSession client;

  /** The session's. */
  private final String queue;

  SubscribeHandler(ActiveSession client) {
    this.client = client;
    this.queue = Session.queueOf(client.session.name());
  }

  void onSubscribe(Subscribe subscribe) {
    client.owner.awaitAnswer();
    new Subscribing(subscribe).start();
  }

  void onUnsubscribe(Unsubscribe unsubscribe) {
    client.owner.awaitAnswer();
    new Unsubscribing(unsubscribe).start();
  }

  /**
   * One packet under way. Its filters are bound or unbound each for itself, since one may be
   * refused and the others not, but all in one record set: one packet waits for the store once.
   */
  private abstract class Changing {

    /** Answers that are still to come, and one for asking: an answer may come while others wait. */
    private int missing = 1;

    final void start() {
      client.port.atomically(this::change);
      answered();
    }

    /** Asks for every filter. */
    abstract void change();

    /** Answers the client. */
    abstract void finish();

    /** Returns what takes the broker's answer for one filter, whether it comes at once or later. */
    final <T> Completion<T> answer(Runnable done) {
      missing++;
      return new Completion<>() {
        @Override
        public void completed(T value) {
          done.run();
          answered();
        }

        @Override
        public void failed(BrokerException reason) {
          log.debug("{}: a filter was refused: {}", client.owner, reason.getMessage());
          answered();
        }
      };
    }

    private void answered() {
      missing--;
      if (missing == 0 && !client.owner.ended()) {
        finish();
        client.owner.answered();
      }
    }
  }

  /** SUBSCRIBE: its filters, then SUBACK, then retained messages. */
  private final class Subscribing extends Changing {

    private final Subscribe subscribe;
    private final byte[] codes;

    Subscribing(Subscribe subscribe) {
      this.subscribe = subscribe;
      this.codes = new byte[subscribe.subscriptions().size()];
    }

    @Override
    void change() {
      for (int i = 0; i < codes.length; i++) {
        Subscription subscription = subscribe.subscriptions().get(i);
        RoutingKey filter = filter(subscription.filter());
        codes[i] = FAILURE; // [MQTT-3.9.3-2]
        if (allowed(filter)) {
          int place = i;
          byte granted = (byte) subscription.qos();
          client.port.bind(
              List.of(binding(filter, subscription.qos())), answer(() -> codes[place] = granted));
        }
      }
    }

    @Override
    void finish() {
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
    }
  }

  /** UNSUBSCRIBE: its filters, then UNSUBACK. */
  private final class Unsubscribing extends Changing {

    private final Unsubscribe unsubscribe;

    Unsubscribing(Unsubscribe unsubscribe) {
      this.unsubscribe = unsubscribe;
    }

    @Override
    void change() {
      for (byte[] filter : unsubscribe.filters()) {
        client.port.unbind(List.of(binding(filter(filter), null)), answer(() -> {}));
      }
    }

    @Override
    void finish() {
      MqttEncoder.unsubAck(
          client.connection().output().reserve(MqttEncoder.ACK_BYTES),
          unsubscribe.packetId()); // [MQTT-3.10.4-5]
    }
  }

  private RoutingKey filter(byte[] filter) {
    return client.server().space.topics().filter(filter);
  }

  private boolean allowed(RoutingKey filter) {
    return filter.levels() <= client.server().limits.value(Limit.TOPIC_LEVELS)
        && !ReservedTopics.forSubscribing(filter);
  }

  private Binding binding(RoutingKey filter, @Nullable Integer qos) {
    return new Binding(
        client.server().space.exchange(), Binding.Target.QUEUE, queue, filter, Map.of(), qos);
  }
}

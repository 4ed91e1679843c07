package io.carrick.mqtt;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.mqtt.codec.Property;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.Completion;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscriptions: each is a binding of the session's queue to the topic exchange, with the granted
 * QoS attached. Confined to the connection's loop; made for one packet.
 */
final class SubscribeHandler {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

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

    /** What is answered for each filter. */
    final byte[] codes;

    /** Why the first of those was refused that were, empty for none. */
    private String why = "";

    /** Answers that are still to come, and one for asking: an answer may come while others wait. */
    private int missing = 1;

    Changing(int filters) {
      codes = new byte[filters];
    }

    final void start() {
      client.port.atomically(this::change);
      answered();
    }

    /** Returns a filter as it was sent. */
    abstract byte[] filter(int place);

    /** Asks for every filter. */
    abstract void change();

    /**
     * A filter is done.
     *
     * @param changed whether it was not there before, or was there until now
     */
    abstract void done(int place, boolean changed);

    /** Answers the client; returns whether it takes so long an answer. */
    abstract boolean finish();

    /** Returns what takes the broker's answer for one filter, whether it comes at once or later. */
    final Completion<Integer> answer(int place) {
      missing++;
      return new Completion<>() {
        @Override
        public void completed(Integer changed) {
          done(place, changed > 0);
          answered();
        }

        @Override
        public void failed(BrokerException reason) {
          log.debug("{}: a filter was refused: {}", client.owner, reason.getMessage());
          refused(place, code(place, reason), String.valueOf(reason.getMessage()));
          answered();
        }
      };
    }

    /** A filter is refused. */
    final void refused(int place, int code, String reason) {
      codes[place] = (byte) code;
      if (why.isEmpty() && code != ReasonCode.UNSPECIFIED) {
        why = codes.length == 1 ? reason : "filter " + (place + 1) + ": " + reason;
      }
    }

    /** Returns why the first of those was refused that were, empty for none. */
    final String why() {
      return why;
    }

    private int code(int place, BrokerException reason) {
      if (reason instanceof AccessRefusedException) {
        return client.server().space.options().refusals().notAllowed();
      }
      if (reason instanceof NotFoundException && QueueFilter.isMeant(filter(place))) {
        return ReasonCode.TOPIC_FILTER_INVALID;
      }
      return reason instanceof PreconditionFailedException
          ? ReasonCode.QUOTA_EXCEEDED
          : ReasonCode.IMPLEMENTATION_SPECIFIC;
    }

    private void answered() {
      missing--;
      if (missing > 0 || client.owner.ended()) {
        return;
      }
      if (finish()) {
        client.owner.answered();
      } else {
        client.owner.close(ReasonCode.PACKET_TOO_LARGE, "an answer longer than the client takes");
      }
    }
  }

  /** SUBSCRIBE: its filters, then SUBACK, then retained messages. */
  private final class Subscribing extends Changing {

    private final Subscribe subscribe;
    private final int subscriptionId;

    /** Which subscriptions were not there before. */
    private final BitSet fresh = new BitSet();

    Subscribing(Subscribe subscribe) {
      super(subscribe.subscriptions().size());
      this.subscribe = subscribe;
      this.subscriptionId =
          (int) subscribe.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0);
    }

    @Override
    byte[] filter(int place) {
      return subscribe.subscriptions().get(place).filter();
    }

    private SubscriptionOptions options(int place) {
      return SubscriptionOptions.of(
          subscribe.subscriptions().get(place),
          granted(place),
          subscriptionId,
          client.session.name());
    }

    /** Returns the QoS that a filter gets [MQTT-3.2.2-10]. */
    private int granted(int place) {
      int asked = subscribe.subscriptions().get(place).qos();
      return client.server().space.options().granted(asked);
    }

    @Override
    void change() {
      for (int i = 0; i < codes.length; i++) {
        byte[] asked = filter(i);
        if (SharedFilter.isMeant(asked)) {
          share(i);
        } else if (QueueFilter.isMeant(asked)) {
          consume(i);
        } else {
          bind(i);
        }
      }
    }

    private void bind(int place) {
      RoutingKey filter = pattern(filter(place));
      String refusal = refusal(filter);
      if (filter == null || !refusal.isEmpty()) {
        refused(place, ReasonCode.TOPIC_FILTER_INVALID, refusal);
      } else if (eachForItself()) {
        // What the session had of it when that was not so.
        client.port.unbind(List.of(binding(filter, null)), new Unheard<>("an old subscription"));
        client.joined().subscribe(filter(place), filter, options(place), answer(place));
      } else {
        if (client.hasJoined()) {
          client.joined().unsubscribe(own(filter(place)), new Unheard<>("an old subscription"));
        }
        client.port.bind(List.of(binding(filter, options(place))), answer(place));
      }
    }

    /** Subscribes to a queue (MAP-38). */
    private void consume(int place) {
      Subscription asked = subscribe.subscriptions().get(place);
      Optional<String> named = QueueFilter.queue(asked.filter());
      if (named.isEmpty()) {
        refused(place, ReasonCode.TOPIC_FILTER_INVALID, "no name of a queue");
      } else if (asked.noLocal()) {
        refused(place, ReasonCode.IMPLEMENTATION_SPECIFIC, "no No Local with a queue");
      } else {
        client.joined().subscribe(named.get(), options(place), answer(place));
      }
    }

    /** Returns whether a filter is for messages as they are published, and retained ones. */
    private boolean isPlain(int place) {
      byte[] asked = filter(place);
      return !SharedFilter.isMeant(asked) && !QueueFilter.isMeant(asked);
    }

    private void share(int place) {
      Optional<SharedFilter> asked = SharedFilter.read(filter(place));
      String refusal =
          asked
              .map(shared -> refusal(pattern(shared.filter())))
              .orElse("no shared subscription"); // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
      if (!refusal.isEmpty()) {
        refused(place, ReasonCode.TOPIC_FILTER_INVALID, refusal);
      } else if (asked.isPresent()) {
        client.joined().subscribe(asked.get(), options(place), answer(place));
      }
    }

    @Override
    void done(int place, boolean changed) {
      codes[place] = (byte) granted(place); // [MQTT-3.8.4-8]
      fresh.set(place, changed);
    }

    @Override
    boolean finish() {
      if (!client.owner.writer().subAck(subscribe.packetId(), codes, why())) {
        return false;
      }
      for (int i = 0; i < codes.length; i++) {
        if (codes[i] >= 0 && isPlain(i) && wantsRetained(i)) { // §4.8.2: else nothing retained
          RoutingKey filter = pattern(filter(i));
          if (filter != null) {
            client.replay().add(client.port.lastValues(filter), options(i)); // [MQTT-3.3.1-6]
          }
        }
      }
      return true;
    }

    private boolean wantsRetained(int place) {
      return switch (subscribe.subscriptions().get(place).retainHandling()) {
        case 0 -> true; // [MQTT-3.3.1-9]
        case 1 -> fresh.get(place); // [MQTT-3.3.1-10]
        default -> false; // [MQTT-3.3.1-11]
      };
    }
  }

  /** UNSUBSCRIBE: its filters, then UNSUBACK. */
  private final class Unsubscribing extends Changing {

    private final Unsubscribe unsubscribe;

    Unsubscribing(Unsubscribe unsubscribe) {
      super(unsubscribe.filters().size());
      this.unsubscribe = unsubscribe;
    }

    @Override
    byte[] filter(int place) {
      return unsubscribe.filters().get(place);
    }

    @Override
    void change() {
      for (int i = 0; i < codes.length; i++) {
        byte[] asked = filter(i);
        if (SharedFilter.isMeant(asked)) {
          unshare(i, asked);
        } else if (QueueFilter.isMeant(asked)) {
          leave(i, asked);
        } else {
          unbind(i, asked);
        }
      }
    }

    private void unbind(int place, byte[] asked) {
      codes[place] = ReasonCode.NO_SUBSCRIPTION_EXISTED;
      RoutingKey filter = pattern(asked);
      if (filter != null) {
        client.port.unbind(List.of(binding(filter, null)), answer(place));
        if (client.hasJoined()) {
          client.joined().unsubscribe(own(asked), answer(place));
        }
      }
    }

    private void unshare(int place, byte[] asked) {
      codes[place] = ReasonCode.NO_SUBSCRIPTION_EXISTED;
      SharedFilter.read(asked)
          .ifPresent(shared -> client.joined().unsubscribe(shared.queue(), answer(place)));
    }

    private void leave(int place, byte[] asked) {
      codes[place] = ReasonCode.NO_SUBSCRIPTION_EXISTED;
      QueueFilter.queue(asked)
          .ifPresent(named -> client.joined().unsubscribe(named, answer(place)));
    }

    @Override
    void done(int place, boolean changed) {
      if (changed) {
        codes[place] = ReasonCode.SUCCESS;
      }
    }

    @Override
    boolean finish() {
      return client
          .owner
          .writer()
          .unsubAck(unsubscribe.packetId(), codes, why()); // 3.1.1: [MQTT-3.10.4-5]
    }
  }

  /** Returns whether subscriptions have queues of their own (MAP-35). */
  private boolean eachForItself() {
    return client.server().space.options().overlap() == Overlap.PER_SUBSCRIPTION;
  }

  private String own(byte[] filter) {
    return OwnSharing.queue(client.session.name(), filter);
  }

  private @Nullable RoutingKey pattern(byte[] filter) {
    return client.server().space.filter(filter);
  }

  /** Returns why a filter is refused before anybody is asked; empty if it is not. */
  private String refusal(@Nullable RoutingKey filter) {
    if (filter == null) {
      return "a filter that is not mapped"; // MAP-9
    } else if (ReservedTopics.forSubscribing(filter)) {
      return "a filter for queues";
    }
    return filter.levels() > client.server().limits.value(Limit.TOPIC_LEVELS)
        ? "too many levels"
        : "";
  }

  private Binding binding(RoutingKey filter, @Nullable SubscriptionOptions options) {
    return new Binding(
        client.server().space.exchange(), Binding.Target.QUEUE, queue, filter, Map.of(), options);
  }
}

package io.carrick.mqtt;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Rejection;
import io.carrick.RoutingKey;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.Membership;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The shared subscriptions of a connected client (MQTT 5 §4.8.2, MAP-8): each is a queue of several
 * sessions that this one is a member of, and consumes within its one window. Confined to the
 * connection's loop; there from the first of them on.
 */
final class SharedSubscriptions {

  /**
   * Half of the packet identifiers: the others may be those of an earlier connection, until the
   * queues, each in its turn, have given again what they stand for.
   */
  private static final int MOST_IN_FLIGHT = 0x7FFF;

  private final ActiveSession client;

  /** The session's own queue. */
  private final String session;

  /** By their queues, while messages come. */
  private final Map<String, SharedMember> members = new HashMap<>();

  /** Who has brought what is between PUBREC and PUBCOMP, by packet identifiers. */
  private final Map<Integer, SharedMember> releasing = new HashMap<>();

  SharedSubscriptions(ActiveSession client) {
    this.client = client;
    this.session = Session.queueOf(client.session.name());
  }

  /** Goes on with what the session shares, and with what it has left and not finished. */
  void resume(Iterable<Membership> memberships) {
    for (Membership membership : memberships) {
      consume(membership.queue());
    }
  }

  // ---- the client subscribes

  /**
   * Subscribes, or changes the options of a subscription.
   *
   * @param done gets 1 if it is a new one, else 0
   */
  void subscribe(SharedFilter asked, SubscriptionOptions options, Completion<Integer> done) {
    MqttSpace space = client.server().space;
    var queue =
        new QueueDeclaration(
            asked.queue(),
            true,
            false,
            false,
            space.sessions().arguments(),
            SessionQueue.of(asked.text(), MqttSharing.SHARING));
    RoutingKey filter = space.topics().filter(asked.filter());
    var binding =
        new Binding(space.exchange(), Binding.Target.QUEUE, queue.name(), filter, Map.of(), null);
    client.port.join(
        new JoinRequest(queue, binding, session, options),
        first(fresh -> consume(queue.name()), done));
  }

  /**
   * Unsubscribes; what is under way is finished [MQTT-3.10.4-3].
   *
   * @param done gets 1 if there was such a subscription, else 0
   */
  void unsubscribe(SharedFilter asked, Completion<Integer> done) {
    // The queue ends its part itself when nothing is under way.
    client.port.leave(asked.queue(), session, first(n -> members.remove(asked.queue()), done));
  }

  private static Completion<Integer> first(IntConsumer task, Completion<Integer> done) {
    return new Completion<>() {
      @Override
      public void completed(Integer count) {
        task.accept(count);
        done.completed(count);
      }

      @Override
      public void failed(BrokerException reason) {
        done.failed(reason);
      }
    };
  }

  private void consume(String queue) {
    if (members.containsKey(queue) || client.owner.ended()) {
      return;
    }
    if (members.isEmpty() && client.inflightMessages() > MOST_IN_FLIGHT) {
      client.window().resize(MOST_IN_FLIGHT, new Unheard<>("a smaller window"));
    }
    var member = new SharedMember(client, this, queue);
    members.put(queue, member);
    client.port.consume(
        new ConsumeRequest(queue, false, Mode.SHARED, 0, 0)
            .within(client.window())
            .asMember(session),
        member,
        member);
  }

  /** Nothing comes any more. */
  void ended(SharedMember member) {
    members.remove(member.queue(), member);
  }

  // ---- deliveries

  /** Settles a delivery where it came from. */
  void settle(long key, Settlement how) {
    Exchanges exchanges = client.session.exchanges();
    SharedMember by = exchanges.shared().bringer(key);
    if (by != null) {
      by.settle(exchanges.shared().forget(key), how);
    } else {
      exchanges.takesOver(
          key); // The queue has given it to an earlier connection, and gives it again.
    }
  }

  /** Gives a delivery up where it came from. */
  void reject(long key, Rejection said) {
    SharedDeliveries deliveries = client.session.exchanges().shared();
    SharedMember by = deliveries.bringer(key);
    if (by != null) {
      by.reject(deliveries.forget(key), said);
    } else {
      deliveries.rejects(key, said); // as in settle
    }
  }

  /** PUBREC has come for a delivery, which is settled next. */
  void released(int packetId, long key) {
    SharedMember by = client.session.exchanges().shared().bringer(key);
    if (by != null) {
      releasing.put(packetId, by);
    }
  }

  /** Returns who has brought what PUBCOMP ends; null if nobody here. */
  @Nullable SharedMember completed(int packetId) {
    return releasing.remove(packetId);
  }

  void writable(boolean writable) {
    members.values().forEach(member -> member.writable(writable));
  }
}

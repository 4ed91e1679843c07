package io.carrick.mqtt;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Rejection;
import io.carrick.RoutingKey;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
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
 * The queues that a connected client consumes beside its session's own, within its one window:
 * shared subscriptions (MQTT 5 §4.8.2, MAP-8), each the queue of several sessions, and ordinary
 * queues (MAP-38). Its session has joined them. Confined to the connection's loop; there from the
 * first of them on.
 */
final class JoinedQueues {

  /**
   * Half of the packet identifiers: the others may be those of an earlier connection, until the
   * queues, each in its turn, have given again what they stand for.
   */
  private static final int MOST_IN_FLIGHT = 0x7FFF;

  private static final Completion<Done> UNHEARD = new Unheard<>("a queue");

  private final ActiveSession client;

  /** The session's own queue. */
  private final String session;

  /** By their queues, while messages come. */
  private final Map<String, JoinedQueue> members = new HashMap<>();

  /** Who has brought what is between PUBREC and PUBCOMP, by packet identifiers. */
  private final Map<Integer, JoinedQueue> releasing = new HashMap<>();

  JoinedQueues(ActiveSession client) {
    this.client = client;
    this.session = Session.queueOf(client.session.name());
  }

  /**
   * Returns whether a queue is that of a subscription to topics, shared or not: its name is not
   * anybody's to give.
   */
  static boolean hasTopics(String queue) {
    return queue.startsWith(SharedFilter.QUEUE) || queue.startsWith(OwnSharing.QUEUE);
  }

  /** Goes on with what the session has joined, and with what it has left and not finished. */
  void resume(Iterable<Membership> memberships) {
    for (Membership membership : memberships) {
      consume(membership.queue(), UNHEARD);
    }
  }

  // ---- the client subscribes

  /**
   * Subscribes, or changes the options of a subscription.
   *
   * @param done gets 1 if it is a new one, else 0
   */
  void subscribe(SharedFilter asked, SubscriptionOptions options, Completion<Integer> done) {
    RoutingKey filter = client.server().space.topics().filter(asked.filter());
    SessionQueue shared = SessionQueue.of(asked.text(), MqttSharing.SHARING);
    join(declaration(asked.queue(), true, shared), filter, options, done);
  }

  /**
   * Subscribes with a queue of the subscription's own, or changes the options of that (MAP-35).
   *
   * @param filter as the client has it
   * @param pattern what it stands for
   * @param done gets 1 if it is a new one, else 0
   */
  void subscribe(
      byte[] filter, RoutingKey pattern, SubscriptionOptions options, Completion<Integer> done) {
    String id = client.session.name();
    SessionQueue own = SessionQueue.of(OwnSharing.name(id, filter), OwnSharing.SHARING);
    String queue = OwnSharing.queue(id, filter);
    join(declaration(queue, client.session.persistent(), own), pattern, options, done);
  }

  private QueueDeclaration declaration(String queue, boolean durable, SessionQueue shared) {
    return new QueueDeclaration(
        queue, durable, false, false, client.server().space.sessions().arguments(), shared);
  }

  private void join(
      QueueDeclaration queue,
      RoutingKey filter,
      SubscriptionOptions options,
      Completion<Integer> done) {
    MqttSpace space = client.server().space;
    var binding =
        new Binding(space.exchange(), Binding.Target.QUEUE, queue.name(), filter, Map.of(), null);
    client.port.join(
        new JoinRequest(queue, binding, session, options),
        first(fresh -> consume(queue.name(), UNHEARD), done));
  }

  /**
   * Subscribes to an ordinary queue, or changes the options of that.
   *
   * @param done gets 1 if it is a new subscription, else 0; fails if the queue cannot be consumed
   */
  void subscribe(String queue, SubscriptionOptions options, Completion<Integer> done) {
    client.port.join(
        queue,
        session,
        options,
        new Completion<>() {
          @Override
          public void completed(Integer fresh) {
            // Not within the request: what is in the queue comes behind SUBACK.
            client.port.loop().execute(() -> consume(queue, new Begun(queue, fresh, done)));
          }

          @Override
          public void failed(BrokerException reason) {
            done.failed(reason);
          }
        });
  }

  /** What is answered to a client that subscribes to a queue: that it consumes it, or why not. */
  private final class Begun implements Completion<Done> {

    private final String queue;
    private final int fresh;
    private final Completion<Integer> done;

    Begun(String queue, int fresh, Completion<Integer> done) {
      this.queue = queue;
      this.fresh = fresh;
      this.done = done;
    }

    @Override
    public void completed(Done begun) {
      done.completed(fresh);
    }

    @Override
    public void failed(BrokerException reason) {
      client.port.leave(queue, session, new Unheard<>("a queue that is not consumed"));
      done.failed(reason);
    }
  }

  /**
   * Unsubscribes; what is under way is finished [MQTT-3.10.4-3].
   *
   * @param done gets 1 if there was such a subscription, else 0
   */
  void unsubscribe(String queue, Completion<Integer> done) {
    // The queue ends its part itself when nothing is under way.
    client.port.leave(queue, session, first(n -> members.remove(queue), done));
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

  private void consume(String queue, Completion<Done> begun) {
    if (members.containsKey(queue) || client.owner.ended()) {
      begun.completed(Done.DONE);
      return;
    }
    if (members.isEmpty() && client.inflightMessages() > MOST_IN_FLIGHT) {
      client.window().resize(MOST_IN_FLIGHT, new Unheard<>("a smaller window"));
    }
    var member = new JoinedQueue(client, this, queue, begun);
    members.put(queue, member);
    client.port.consume(
        new ConsumeRequest(queue, false, Mode.SHARED, 0, 0)
            .within(client.window())
            .asMember(session),
        member,
        member);
  }

  /** Nothing comes any more. */
  void ended(JoinedQueue member) {
    members.remove(member.queue(), member);
  }

  // ---- deliveries

  /** Settles a delivery where it came from. */
  void settle(long key, Settlement how) {
    Exchanges exchanges = client.session.exchanges();
    JoinedQueue by = exchanges.joined().bringer(key);
    if (by != null) {
      by.settle(exchanges.joined().forget(key), how);
    } else {
      exchanges.takesOver(
          key); // The queue has given it to an earlier connection, and gives it again.
    }
  }

  /** Gives a delivery up where it came from. */
  void reject(long key, Rejection said) {
    JoinedDeliveries deliveries = client.session.exchanges().joined();
    JoinedQueue by = deliveries.bringer(key);
    if (by != null) {
      by.reject(deliveries.forget(key), said);
    } else {
      deliveries.rejects(key, said); // as in settle
    }
  }

  /** PUBREC has come for a delivery, which is settled next. */
  void released(int packetId, long key) {
    JoinedQueue by = client.session.exchanges().joined().bringer(key);
    if (by != null) {
      releasing.put(packetId, by);
    }
  }

  /** Returns who has brought what PUBCOMP ends; null if nobody here. */
  @Nullable JoinedQueue completed(int packetId) {
    return releasing.remove(packetId);
  }

  void writable(boolean writable) {
    members.values().forEach(member -> member.writable(writable));
  }
}

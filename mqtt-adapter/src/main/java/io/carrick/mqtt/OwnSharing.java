package io.carrick.mqtt;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.spi.Sharing;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How messages come to the queue of one subscription of one session, which nobody else shares: what
 * several of its subscriptions match comes once for each (MAP-35). Stateless.
 */
final class OwnSharing implements Sharing {

  /** One object, so that a store can name it. */
  static final OwnSharing SHARING = new OwnSharing();

  /** How the names of such queues begin. */
  static final String QUEUE = "mqtt.subscription.";

  /** Of a queue's name: what a hash and the dots leave of 255 bytes. */
  private static final int LONGEST_SHOWN = 200;

  /** A client id has none. [MQTT-1.5.4-2] */
  private static final char BETWEEN = '\0';

  /** Settled by being handed over, and not sent. */
  private static final Share UNWANTED = new Share(Guarantee.AT_MOST_ONCE, DeliveryTag.UNWANTED);

  private OwnSharing() {}

  /** Names the queue of a client's filter. */
  static String queue(String clientId, byte[] filter) {
    byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
    String shown = id.length <= LONGEST_SHOWN ? clientId : Session.hash(id);
    return QUEUE + shown + "." + Session.hash(filter);
  }

  /** Says whose queue it is and for what, which tells one from another whatever they are called. */
  static String name(String clientId, byte[] filter) {
    return clientId + BETWEEN + new String(filter, StandardCharsets.UTF_8);
  }

  @Override
  public boolean admits(String session, String clientId) {
    return session.startsWith(clientId + BETWEEN);
  }

  @Override
  public Verdict admit(Message message, @Nullable Object[] attachments, int count) {
    return MqttSharing.SHARING.admit(message, attachments, count);
  }

  @Override
  public Share share(Message message, @Nullable Object attachment) {
    boolean unwanted = attachment instanceof SubscriptionOptions own && !own.wants(message);
    return unwanted ? UNWANTED : MqttSharing.SHARING.share(message, attachment);
  }
}

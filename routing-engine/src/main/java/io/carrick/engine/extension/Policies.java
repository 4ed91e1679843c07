package io.carrick.engine.extension;

import io.carrick.AccessRefusedException;
import io.carrick.Alarm;
import io.carrick.BrokerException;
import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.PublishInterceptor;
import io.carrick.spi.Resource;
import io.carrick.spi.Settlement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the user has plugged in: who may do what, what becomes of a message on arrival, who watches.
 * Immutable, but for what it counts; called in any loop.
 */
public final class Policies {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final Optional<Authorizer> authorizer;
  private final List<PublishInterceptor> interceptors;
  private final List<BrokerListener> listeners;
  private final Refusals refusals = new Refusals();

  public Policies(
      Optional<Authorizer> authorizer,
      List<PublishInterceptor> interceptors,
      List<BrokerListener> listeners) {
    this.authorizer = authorizer;
    this.interceptors = List.copyOf(interceptors);
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Checks a permission.
   *
   * @throws AccessRefusedException if it is not given, in RabbitMQ's words
   */
  public void check(Identity who, Action action, Resource resource) {
    if (!allows(who, action, resource)) {
      refusals.add(action);
      throw refusal(who, action, resource);
    }
  }

  /** Says that a permission is not given. */
  private static AccessRefusedException refusal(Identity who, Action action, Resource resource) {
    String may =
        switch (action) {
          case CONNECT -> "";
          case CONFIGURE -> "configure ";
          case WRITE -> "write ";
          case READ -> "read ";
          case RETAIN -> "retain ";
          case ADMINISTER -> "administrator ";
        };
    return new AccessRefusedException(
        "%saccess to %s refused for user '%s'".formatted(may, called(resource), who.user()));
  }

  private static String called(Resource resource) {
    String vhost = "vhost '" + resource.virtualHost() + "'";
    return switch (resource.kind()) {
      case EXCHANGE -> "exchange '" + resource.name() + "' in " + vhost;
      case QUEUE -> "queue '" + resource.name() + "' in " + vhost;
      case TOPIC ->
          "topic '%s' in exchange '%s' in ".formatted(resource.name(), resource.exchange()) + vhost;
      case VIRTUAL_HOST -> vhost;
      case BROKER -> "the broker";
    };
  }

  /**
   * Returns whether something is allowed. What an authorizer with a mistake in it does not say, it
   * does not allow.
   */
  public boolean allows(Identity who, Action action, Resource resource) {
    if (authorizer.isEmpty()) {
      return true;
    }
    try {
      return authorizer.get().allows(who, action, resource);
    } catch (RuntimeException bug) {
      log.error("the authorizer has failed", bug);
      return false;
    }
  }

  /** Returns whether a last value of a topic may be handed to whoever may bind for it. */
  public boolean allowsDelivery(Identity who, Resource topic) {
    try {
      return authorizer.isEmpty() || authorizer.get().allowsDelivery(who, topic);
    } catch (RuntimeException bug) {
      log.error("the authorizer has failed", bug);
      return false;
    }
  }

  /** Adds how often permissions were not given, by what for. */
  void count(Map<String, Long> counters) {
    refusals.count(counters);
  }

  /** Returns whether anybody is to be asked. */
  public boolean authorizes() {
    return authorizer.isPresent();
  }

  /**
   * Returns whether somebody need not be asked about in a virtual host until the version changes.
   */
  public boolean allowsEverything(Identity who, String virtualHost) {
    try {
      return authorizer.isEmpty() || authorizer.get().allowsEverything(who, virtualHost);
    } catch (RuntimeException bug) {
      log.error("the authorizer has failed", bug);
      return false;
    }
  }

  /** Returns whether what sessions get is asked about message by message. */
  public boolean filters() {
    return authorizer.isPresent() && authorizer.get().filters();
  }

  /**
   * Checks that some of what a binding key stands for may be read.
   *
   * @throws AccessRefusedException if it may not
   */
  public void checkPart(Identity who, Action action, Resource topics) {
    if (!allows(who, action, topics) && !allowsPart(who, action, topics)) {
      refusals.add(action);
      throw refusal(who, action, topics);
    }
  }

  private boolean allowsPart(Identity who, Action action, Resource topics) {
    try {
      return authorizer.isPresent() && authorizer.get().allowsPart(who, action, topics);
    } catch (RuntimeException bug) {
      log.error("the authorizer has failed", bug);
      return false;
    }
  }

  /** Returns a number that is another one after each change of what may be done. */
  public int version() {
    return authorizer.isEmpty() ? 0 : authorizer.get().version();
  }

  public Message intercept(Message message) {
    if (interceptors.isEmpty()) { // an iterator less for each message
      return message;
    }
    Message passed = message;
    for (PublishInterceptor interceptor : interceptors) {
      passed = intercept(interceptor, passed);
    }
    return passed;
  }

  private static Message intercept(PublishInterceptor interceptor, Message message) {
    try {
      return interceptor.onPublish(message);
    } catch (BrokerException refused) {
      throw refused;
    } catch (RuntimeException bug) {
      log.error("an interceptor has failed: {}", interceptor.getClass().getName(), bug);
      throw new PublishRejectedException(Refusal.INTERCEPTED, "an interceptor has failed");
    }
  }

  public void connected(ConnectionInfo connection) {
    tell(l -> l.onConnected(connection));
  }

  public void disconnected(ConnectionInfo connection) {
    tell(l -> l.onDisconnected(connection));
  }

  public void published(Message message, int queues) {
    if (!listeners.isEmpty()) {
      tell(l -> l.onPublished(message, queues));
    }
  }

  public void refused(Message message, Refusal reason) {
    if (!listeners.isEmpty()) {
      tell(l -> l.onRefused(message, reason));
    }
  }

  public void delivered(Message message, String queue) {
    if (!listeners.isEmpty()) {
      tell(l -> l.onDelivered(message, queue));
    }
  }

  void alarm(Alarm alarm) {
    tell(l -> l.onAlarm(alarm));
  }

  void alarmOver(Alarm alarm) {
    tell(l -> l.onAlarmOver(alarm));
  }

  /** The broker cannot go on; whoever listens may end the process. */
  public void failed(Throwable cause) {
    tell(l -> l.onFailed(cause));
  }

  public void settled(Message message, String queue, Settlement settlement) {
    if (!listeners.isEmpty()) {
      tell(l -> l.onSettled(message, queue, settlement));
    }
  }

  private void tell(Consumer<BrokerListener> event) {
    for (BrokerListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException bug) {
        log.error("a listener has failed: {}", listener.getClass().getName(), bug);
      }
    }
  }
}

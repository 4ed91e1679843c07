package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Begins sessions, leaves them a message, unsubscribes and ends them, sets and clears retained
 * messages, and knows what was answered. Used by one thread at a time.
 */
final class CrashSessions extends CrashWorker {

  private static final int MOST = 25;
  private static final int TOPICS = 8;
  private static final int CLEARED = 0;

  private final Map<Integer, State> sessions = new TreeMap<>();

  /** By topic: what may be retained; more than one when an answer is missing. */
  private final Map<Integer, Set<Integer>> retained = new TreeMap<>();

  private final Random random;
  private int last;
  private int lastRetained;

  private enum State {
    SUBSCRIBED,
    UNSUBSCRIBED,
    ENDED
  }

  CrashSessions(Random random) {
    this.random = random;
    for (int topic = 0; topic < TOPICS; topic++) {
      retained.put(topic, new TreeSet<>(Set.of(CLEARED)));
    }
  }

  @Override
  void work(CrashBroker broker) throws Exception {
    try (var client = new RawMqtt(broker.mqtt())) {
      client.connect("crash-sessions", true);
      ready();
      if (finishing()) {
        checkRetained(broker);
        for (var entry : sessions.entrySet()) {
          check(broker, client, entry.getKey(), entry.getValue());
        }
      } else {
        while (!broker.over()) {
          retain(client, random.nextInt(TOPICS));
          change(broker, client);
        }
      }
    }
  }

  private static String id(int number) {
    return "crash-session-" + number;
  }

  private static String topic(int number) {
    return "sessions/" + number;
  }

  private void retain(RawMqtt client, int topic) throws IOException {
    int value = random.nextInt(3) == 0 ? CLEARED : ++lastRetained;
    retained.get(topic).add(value);
    String text = value == CLEARED ? "" : Integer.toString(value);
    client.publishRetained("retained/" + topic, text, 1);
    client.read(RawMqtt.PUBACK);
    retained.get(topic).retainAll(Set.of(value));
  }

  private void change(CrashBroker broker, RawMqtt client) throws IOException {
    if (last < MOST || random.nextInt(4) == 0) {
      begin(broker, client, ++last);
      return;
    }
    int number = 1 + random.nextInt(last);
    State was = sessions.remove(number);
    if (was == State.SUBSCRIBED) {
      try (var session = new RawMqtt(broker.mqtt())) {
        session.connect(id(number), false);
        session.unsubscribe(topic(number));
        sessions.put(number, State.UNSUBSCRIBED);
      }
    } else if (was != null) {
      try (var session = new RawMqtt(broker.mqtt())) {
        session.connect(id(number), true);
        sessions.put(number, State.ENDED);
      }
    }
  }

  private void begin(CrashBroker broker, RawMqtt client, int number) throws IOException {
    try (var session = new RawMqtt(broker.mqtt())) {
      session.connect(id(number), false);
      session.subscribe(topic(number), 1);
    }
    publish(client, number, "kept");
    sessions.put(number, State.SUBSCRIBED);
  }

  private static void publish(RawMqtt client, int number, String text) throws IOException {
    client.publish(topic(number), text, 1, false, 1);
    client.read(RawMqtt.PUBACK);
  }

  // ---- at the end

  private static void check(CrashBroker broker, RawMqtt client, int number, State state)
      throws IOException {
    publish(client, number, "new");
    try (var session = new RawMqtt(broker.mqtt())) {
      assertThat(session.connect(id(number), false))
          .as("session %d, %s, is there", number, state)
          .isEqualTo(state != State.ENDED);
      if (state == State.SUBSCRIBED) {
        assertThat(session.read(RawMqtt.PUBLISH).text()).as("session %d", number).isEqualTo("kept");
        assertThat(session.read(RawMqtt.PUBLISH).text()).as("session %d", number).isEqualTo("new");
      } else if (state == State.ENDED) {
        session.ping();
        session.read(RawMqtt.PINGRESP);
      }
    }
  }

  private void checkRetained(CrashBroker broker) throws IOException {
    for (var entry : retained.entrySet()) {
      try (var reader = new RawMqtt(broker.mqtt())) {
        reader.connect("crash-reader", true);
        reader.subscribe("retained/" + entry.getKey(), 0);
        RawMqtt.Packet answer = reader.readOrPing();
        int value = answer.type() == RawMqtt.PUBLISH ? Integer.parseInt(answer.text()) : CLEARED;
        assertThat(entry.getValue()).as("retained/%d", entry.getKey()).contains(value);
      }
    }
  }

  @Override
  public String toString() {
    return sessions.size() + " sessions known of " + last + ", " + lastRetained + " times retained";
  }
}

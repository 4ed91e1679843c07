package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A broker with a client whose session is looked at, one who publishes to it and one who sees what
 * it publishes; and what should be so. Confined to the test's thread, which runs the broker.
 */
final class SessionModel implements AutoCloseable {

  static final long FOR_EVER = Long.MAX_VALUE;
  private static final long[] EXPIRIES = {FOR_EVER, 30, FOR_EVER, 0, FOR_EVER, FOR_EVER};
  private static final int[] WILL_DELAYS = {0, 10, 60};
  private static final String[] FILTERS = {"a/x", "a/+", "a/#"};
  private static final int[] QOS = {0, 1, 1, 2, 2, 2};
  private static final String[] TOPICS = {"a/x", "a/y"};

  /** What may happen. */
  enum Act {
    CONNECT,
    VANISH,
    DISCONNECT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    PUBLISH_TO,
    ACKNOWLEDGE,
    REJECT,
    ACKNOWLEDGE_LATE,
    SEND,
    SEND_AND_VANISH,
    RELEASE,
    RELEASE_AND_VANISH,
    ADVANCE,
    STOP,
    CRASH
  }

  /** One act; what it is about are numbers, taken modulo of what there is. */
  record Step(Act act, int a, int b) {}

  /** A will and when it is due. */
  private record ModelWill(String text, long delay) {}

  private final BrokerExtension broker;
  private final @Nullable Disk disk;
  private TestClient publisher;
  private TestClient observer;

  /** In seconds. */
  private long now;

  private int last;
  private final ModelClient client = new ModelClient();

  // ---- the session

  private boolean exists;
  private boolean connected;
  private long expiry;
  private long endsAt;

  /** Whether the broker has stopped and the time that the session has left is not known. */
  private boolean mayHaveEnded;

  private final Map<String, Integer> subscriptions = new TreeMap<>();

  // ---- its will

  /** Of the connection that there is. */
  private @Nullable ModelWill will;

  /** Of one that has ended. */
  private @Nullable ModelWill delayed;

  private long delayedAt;

  private final List<String> willsDue = new ArrayList<>();

  /** Those of which the model does not know whether they are due yet. */
  private final List<String> willsAllowed = new ArrayList<>();

  /** What the observer has, and how often. */
  private final Map<Integer, Integer> observed = new TreeMap<>();

  SessionModel(@Nullable Disk disk) {
    this.disk = disk;
    EmbeddedBroker.Builder builder = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort());
    if (disk != null) {
      builder.store(disk);
    }
    broker = BrokerExtension.of(builder).inTestThread();
    broker.beforeEach(null);
    publisher = publisher();
    observer = observer();
    observer.send(Packets5.subscribe(1, 1, "in/#", "will")).expect("SUBACK #1 [1, 1]");
  }

  private TestClient publisher() {
    return TestClient.five(broker, Packets5.connect("publisher").keepAlive(0));
  }

  private TestClient observer() {
    return TestClient.five(broker, Packets5.connect("observer").persistent().keepAlive(0));
  }

  @Override
  public void close() {
    broker.afterEach(null);
  }

  void run(List<Step> steps) {
    for (Step step : steps) {
      act(step);
      check();
    }
    end();
  }

  private void act(Step step) {
    switch (step.act) {
      case CONNECT -> connect(step.a, step.b);
      case SUBSCRIBE -> subscribe(FILTERS[step.a % FILTERS.length], step.b % 3);
      case UNSUBSCRIBE -> unsubscribe(FILTERS[step.a % FILTERS.length]);
      case PUBLISH_TO -> publishTo(TOPICS[step.a % TOPICS.length], QOS[step.b % QOS.length]);
      case ADVANCE -> advance(new int[] {1, 15, 40, 100}[step.a % 4]);
      case STOP, CRASH -> restart(step.act == Act.CRASH);
      default -> {
        if (connected) {
          actConnected(step);
        }
      }
    }
  }

  private void actConnected(Step step) {
    switch (step.act) {
      case VANISH -> vanish();
      case DISCONNECT -> disconnect(step.a, step.b);
      case ACKNOWLEDGE -> client.acknowledge(step.a, false);
      case REJECT -> client.acknowledge(step.a, true);
      case ACKNOWLEDGE_LATE -> client.acknowledgeLate();
      case SEND -> client.send(++last, QOS[step.a % QOS.length]);
      case RELEASE -> client.release(step.a);
      case SEND_AND_VANISH -> {
        client.send(++last, 1 + step.a % 2);
        vanish();
      }
      case RELEASE_AND_VANISH -> {
        client.release(step.a);
        vanish();
      }
      default -> throw new IllegalStateException("not while connected: " + step);
    }
  }

  // ---- connections

  private void connect(int a, int b) {
    boolean v5 = a % 2 == 0;
    boolean clean = a / 2 % 10 == 0;
    long asked = v5 ? EXPIRIES[a / 10] : clean ? 0 : FOR_EVER;
    int receiveMaximum = v5 && b % 3 == 0 ? 1 + b / 3 % 5 : 0xFFFF;
    long delay = v5 ? WILL_DELAYS[b % WILL_DELAYS.length] : 0;
    ModelWill wanted = b / 4 % 2 == 0 ? null : new ModelWill("will " + ++last, delay);
    connect(v5, clean, asked, receiveMaximum, wanted);
  }

  private void connect(
      boolean v5, boolean clean, long asked, int receiveMaximum, @Nullable ModelWill wanted) {
    boolean goesOn = exists && !clean && !(connected && expiry == 0);
    if (connected) {
      takenOver(goesOn);
    }
    Version version = v5 ? Version.MQTT_5 : Version.MQTT_3_1_1;
    TestClient connection = version.silent(broker);
    connection.send(v5 ? connect5(clean, asked, receiveMaximum, wanted) : connect3(clean, wanted));
    String answer = connection.next();
    assertThat(answer).startsWith("CONNACK 0");
    boolean present = answer.contains("present");
    if (mayHaveEnded && !present) {
      goesOn = false;
      allow(delayed);
      delayed = null;
    }
    assertThat(present).as("session present").isEqualTo(goesOn);
    mayHaveEnded = false;
    if (!goesOn) {
      sessionEnds();
    }
    delayed = null;
    exists = true;
    connected = true;
    expiry = asked;
    will = wanted;
    client.connected(connection, v5, receiveMaximum);
    if (!goesOn) {
      subscribe("a/#", 2);
    }
  }

  private static byte[] connect5(
      boolean clean, long asked, int receiveMaximum, @Nullable ModelWill wanted) {
    Packets5.ConnectBuilder packet =
        Packets5.connect("s")
            .keepAlive(0)
            .with(Properties5.receiveMaximum(receiveMaximum))
            .with(Properties5.sessionExpiry(asked == FOR_EVER ? 0xFFFF_FFFFL : asked));
    if (wanted != null) {
      packet.will("will", wanted.text, 1, false, Properties5.willDelay(wanted.delay));
    }
    return clean ? packet.bytes() : packet.resume().bytes();
  }

  private static byte[] connect3(boolean clean, @Nullable ModelWill wanted) {
    Packets.ConnectBuilder packet = Packets.connect("s").keepAlive(0);
    if (wanted != null) {
      packet.will("will", wanted.text, 1, false);
    }
    return clean ? packet.bytes() : packet.persistent().bytes();
  }

  private void vanish() {
    client.connection().vanish();
    gone(will);
  }

  private void disconnect(int a, int b) {
    boolean withWill = client.v5() && a % 3 == 0;
    if (!client.v5()) {
      client.connection().send(Packets.DISCONNECT);
    } else if (expiry > 0 && b % 3 == 0) {
      expiry = b % 2 == 0 ? 0 : 30;
      client
          .connection()
          .send(Packets5.disconnect(withWill ? 4 : 0, Properties5.sessionExpiry(expiry)));
    } else {
      client.connection().send(Packets5.disconnect(withWill ? 4 : 0));
    }
    client.connection().expectClosed();
    gone(withWill ? will : null);
  }

  /** The connection has ended and no other one follows. */
  private void gone(@Nullable ModelWill left) {
    connected = false;
    will = null;
    endsAt = expiry == FOR_EVER ? FOR_EVER : now + expiry;
    if (left != null) {
      delayed = left;
      delayedAt = now + Math.min(left.delay, expiry);
    }
    timePasses();
  }

  private void takenOver(boolean goesOn) {
    if (will != null && (!goesOn || will.delay == 0)) {
      willsDue.add(will.text);
    }
    connected = false;
    will = null;
  }

  private void timePasses() {
    if (exists && !connected && !mayHaveEnded && endsAt <= now) {
      sessionEnds();
    }
    if (delayed != null && delayedAt <= now) {
      willsDue.add(delayed.text);
      delayed = null;
    }
  }

  private void sessionEnds() {
    if (delayed != null) {
      willsDue.add(delayed.text);
      delayed = null;
    }
    exists = false;
    subscriptions.clear();
    client.sessionEnds();
  }

  private void advance(int seconds) {
    broker.advance(Duration.ofSeconds(seconds));
    now += seconds;
    timePasses();
  }

  // ---- the end of a broker

  private void restart(boolean crash) {
    if (disk == null) {
      return;
    }
    if (crash) {
      disk.crash();
    }
    broker.restart(); // the clock starts again
    if (connected) {
      connected = false;
      mayHaveEnded = expiry != FOR_EVER;
      endsAt = expiry == FOR_EVER ? FOR_EVER : 0;
      if (will != null) {
        delayed = will;
        long delay = Math.min(will.delay, expiry);
        delayedAt = crash || delay == 0 ? delay : now + delay; // a stop stores it by the wall clock
      }
      will = null;
    } else {
      mayHaveEnded |= exists && endsAt != FOR_EVER;
    }
    now = 0;
    client.brokerEnded();
    if (mayHaveEnded) {
      allow(delayed);
      delayed = null;
    }
    timePasses();
    publisher = publisher();
    observer = observer();
  }

  private void allow(@Nullable ModelWill uncertain) {
    if (uncertain != null) {
      willsAllowed.add(uncertain.text);
    }
  }

  // ---- subscriptions and messages

  private void subscribe(String filter, int qos) {
    if (connected) {
      client.connection().send(client.version().subscribe(7, qos, filter));
      subscriptions.put(filter, qos);
      client.expectAnswer("SUBACK #7 [" + qos + "]");
    }
  }

  private void unsubscribe(String filter) {
    if (connected) {
      client.connection().send(client.version().unsubscribe(8, filter));
      subscriptions.remove(filter);
      client.expectAnswer("UNSUBACK #8");
    }
  }

  private void publishTo(String topic, int qos) {
    int number = ++last;
    int granted =
        subscriptions.entrySet().stream()
            .filter(s -> s.getKey().equals(topic) || !s.getKey().equals("a/x"))
            .mapToInt(Map.Entry::getValue)
            .max()
            .orElse(-1);
    if (granted >= 0 && exists) {
      client.toCome(number, topic, Math.min(granted, qos), connected, mayHaveEnded);
    }
    publisher.send(Version.MQTT_5.publish(topic, "" + number, qos, 1));
    if (qos == 1) {
      assertThat(publisher.next()).startsWith("PUBACK #1");
    } else if (qos == 2) {
      assertThat(publisher.next()).startsWith("PUBREC #1");
      publisher.ack(PUBREL, 1).expect("PUBCOMP #1");
    }
  }

  // ---- what has come

  private void check() {
    if (connected) {
      client.read();
    }
    List<String> wills = new ArrayList<>();
    for (String packet : observer.received()) {
      String[] words = packet.split(" ");
      assertThat(words[0]).isEqualTo("PUBLISH");
      if (packet.contains(" qos1")) {
        observer.ack(PUBACK, Integer.parseInt(packet.replaceAll(".* #(\\d+).*", "$1")));
      }
      if (words[1].equals("will")) {
        wills.add(words[2] + " " + words[3]);
      } else {
        observed.merge(Integer.valueOf(words[2]), 1, Integer::sum);
      }
    }
    assertThat(observer.received()).isEmpty();
    wills.removeIf(willsAllowed::remove);
    assertThat(wills).as("wills").containsExactlyInAnyOrderElementsOf(willsDue);
    willsDue.clear();
    client.checkSent(observed);
    assertThat(broker.broker().metrics().value("connections.closed{reason=error}")).isZero();
  }

  /** The client comes back and takes everything. */
  private void end() {
    connect(true, false, FOR_EVER, 0xFFFF, null);
    check();
    for (int i = 0; i < 1_000 && client.owes(); i++) {
      client.acknowledge(0, false);
      client.release(0);
      check();
      if (i % 10 == 9) {
        advance(1);
        check();
      }
    }
    client.assertNothingIsMissing();
    assertThat(broker.broker().sessions()).hasSize(3);
  }
}

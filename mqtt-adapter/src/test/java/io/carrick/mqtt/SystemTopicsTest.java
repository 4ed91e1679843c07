package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the broker tells of itself below {@code $SYS}, with mosquitto's names. */
class SystemTopicsTest {

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final String ROOT = "$SYS/broker/";

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort().systemTopics(INTERVAL))
                  .store(context -> disk.open(context)))
          .inTestThread();

  /** Subscribes with a new client, and takes what comes at once, by topic. */
  private Map<String, String> values() {
    TestClient watcher = TestClient.clean(broker, "watcher").subscribe("$SYS/broker/#", 0);
    Map<String, String> values = read(watcher);
    watcher.disconnect();
    return values;
  }

  private static Map<String, String> read(TestClient watcher) {
    var values = new HashMap<String, String>();
    for (String packet : watcher.received()) {
      // Names have spaces, as in "retained messages/count"; values but for uptime and version none.
      String text = packet.substring(("PUBLISH " + ROOT).length()).replace(" retain", "");
      if (text.startsWith("uptime ")) {
        values.put("uptime", text.substring("uptime ".length()));
      } else {
        int space = text.lastIndexOf(' ');
        values.put(text.substring(0, space), text.substring(space + 1));
      }
    }
    return values;
  }

  private Map<String, String> after(Duration time) {
    broker.advance(time);
    return values();
  }

  @Test
  void whatMosquittosUsersRelyOnIsThere() {
    assertThat(values().keySet())
        .contains(
            "version",
            "uptime",
            "clients/connected",
            "clients/disconnected",
            "clients/expired",
            "clients/maximum",
            "clients/total",
            "messages/received",
            "messages/sent",
            "publish/messages/received",
            "publish/messages/sent",
            "publish/messages/dropped",
            "publish/bytes/received",
            "publish/bytes/sent",
            "bytes/received",
            "bytes/sent",
            "subscriptions/count",
            "retained messages/count",
            "store/messages/bytes",
            "heap/current",
            "heap/maximum")
        .containsAll(
            Set.of(
                "load/connections/1min",
                "load/connections/5min",
                "load/connections/15min",
                "load/sockets/1min",
                "load/messages/received/1min",
                "load/messages/sent/1min",
                "load/publish/received/5min",
                "load/publish/sent/5min",
                "load/publish/dropped/15min",
                "load/bytes/received/1min",
                "load/bytes/sent/15min"));
  }

  @Test
  void clientsAreCountedConnectedOrNot() {
    TestClient.persistent(broker, "away").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "here").subscribe("t", 0).subscribe("u", 0);
    assertThat(after(INTERVAL))
        .containsEntry("clients/connected", "1")
        .containsEntry("clients/disconnected", "1")
        .containsEntry("clients/total", "2")
        .containsEntry("clients/maximum", "1")
        .containsEntry("subscriptions/count", "3")
        .containsEntry("uptime", "10 seconds");
    assertThat(after(INTERVAL)).containsEntry("clients/maximum", "2");
  }

  @Test
  void packetsAndMessagesAreCounted() {
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("t", 1); // 2 in, 2 out
    TestClient publisher = TestClient.clean(broker, "p"); // 1 in, 1 out
    publisher.publishAcked("t", "12345").publish("t", "6789"); // 2 in, 1 out
    assertThat(subscriber.received()).hasSize(2); // 2 out
    subscriber.ack(PUBACK, 1); // 1 in
    subscriber.expectNothing(); // 1 in, 1 out
    assertThat(after(INTERVAL))
        .containsEntry("messages/received", "7")
        .containsEntry("messages/sent", "7")
        .containsEntry("publish/messages/received", "2")
        .containsEntry("publish/messages/sent", "2")
        .containsEntry("publish/bytes/received", "9")
        .containsEntry("publish/bytes/sent", "9");
  }

  @Test
  void retainedMessagesAreCountedAndThoseOfTheBrokerToo() {
    int own = values().size();
    TestClient.clean(broker, "p").send(retained(publish("a", "1")), retained(publish("b", "2")));
    assertThat(after(INTERVAL)).containsEntry("retained messages/count", "" + (own + 2));
  }

  @Test
  void onlyWhatHasChangedIsPublishedAgain() {
    TestClient watcher = TestClient.clean(broker, "w").subscribe("$SYS/broker/#", 0);
    read(watcher);
    broker.advance(INTERVAL);
    assertThat(read(watcher))
        .containsKeys("uptime", "clients/connected")
        .doesNotContainKey("version");
    broker.advance(INTERVAL);
    assertThat(read(watcher)).containsKey("uptime").doesNotContainKey("clients/connected");
  }

  @Test
  void loadIsARatePerMinuteThatFadesAway() {
    TestClient busy = TestClient.connected(broker, connect("busy").keepAlive(0));
    for (int i = 0; i < 60; i++) {
      busy.publish("t", "x");
    }
    // 60 in 10 s are 360 a minute; the average begins with 0 and follows by 1 - e^(-10 s / 1 min).
    assertThat(rate(after(INTERVAL), "1min"))
        .isCloseTo(360 * (1 - Math.exp(-1 / 6.0)), within(0.1));
    assertThat(rate(after(Duration.ZERO), "15min"))
        .isCloseTo(360 * (1 - Math.exp(-1 / 90.0)), within(0.1));
    double before = rate(values(), "1min");
    assertThat(rate(after(Duration.ofMinutes(1)), "1min"))
        .isCloseTo(before * Math.exp(-1), within(0.1));
  }

  private static double rate(Map<String, String> values, String minutes) {
    return Double.parseDouble(values.get("load/publish/received/" + minutes));
  }

  @Test
  @Tag("MQTT-4.7.2-1/311")
  @Tag("MQTT-4.7.2-1/5")
  void filtersThatStartWithAWildcardDoNotSeeThem() {
    TestClient watcher = TestClient.clean(broker, "w").subscribe("#", 0).subscribe("+/broker/#", 0);
    broker.advance(INTERVAL);
    watcher.expectNothing();
  }

  @Test
  void clientsMayNotPublishThere() {
    TestClient.clean(broker, "p").publish("$SYS/broker/uptime", "for ever").expectClosed();
    assertThat(values()).containsEntry("uptime", "0 seconds");
  }

  @Test
  void theyAreNotStored() {
    assertThat(values()).isNotEmpty();
    assertThat(disk.keys("last-value")).isEmpty();
    TestClient.clean(broker, "p").send(retained(publish("a", "1")));
    broker.settle();
    assertThat(disk.keys("last-value")).hasSize(1);
  }

  @Test
  void anIntervalIsASecondAtLeast() {
    assertThatThrownBy(() -> Mqtt.onAnyPort().systemTopics(Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

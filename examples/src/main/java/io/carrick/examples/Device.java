package io.carrick.examples;

import java.net.InetSocketAddress;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;

/** A simulated device: publishes readings and receives commands by MQTT. Thread-safe. */
final class Device implements AutoCloseable {

  private static final int QOS_LEVELS = 3;
  private static final int MAX_INFLIGHT = 1_000;
  private static final long TIMEOUT_MS = 10_000;

  private final int number;
  private final MqttAsyncClient client;
  private final IMqttToken connecting;
  private final Tally tally;

  private Device(int number, MqttAsyncClient client, IMqttToken connecting, Tally tally) {
    this.number = number;
    this.client = client;
    this.connecting = connecting;
    this.tally = tally;
  }

  /** Begins to connect, which takes the client library some tenths of a second. */
  static Device connecting(InetSocketAddress broker, int number, Tally tally) throws MqttException {
    String url = "tcp://" + broker.getHostString() + ":" + broker.getPort();
    var client = new MqttAsyncClient(url, "device-" + number, new MemoryPersistence());
    var options = new MqttConnectOptions();
    options.setMaxInflight(MAX_INFLIGHT);
    options.setSocketFactory(new NoDelaySockets());
    return new Device(number, client, client.connect(options), tally);
  }

  /** Waits until the device is connected and hears its commands. */
  void awaitReady() throws MqttException {
    connecting.waitForCompletion(TIMEOUT_MS);
    client
        .subscribe(
            "devices/" + number + "/command",
            1,
            (topic, message) ->
                tally.commands().arrived(Stamp.of(message.getPayload()), tally.nanos()))
        .waitForCompletion(TIMEOUT_MS);
  }

  /**
   * Publishes a reading; the quality of service goes round.
   *
   * @return false when too many are unacknowledged to publish now
   */
  boolean publish(int reading) throws MqttException {
    int qos = reading % QOS_LEVELS;
    Flow flow = tally.readings(qos);
    byte[] payload = new Stamp(number, reading, tally.nanos()).bytes();
    try {
      client.publish(
          "devices/" + number + "/reading", payload, qos, false, null, new Acknowledged(flow));
    } catch (MqttException e) {
      if (e.getReasonCode() == MqttException.REASON_CODE_MAX_INFLIGHT) {
        return false;
      }
      throw e;
    }
    flow.countSent();
    return true;
  }

  @Override
  public void close() throws MqttException {
    client.disconnect().waitForCompletion(TIMEOUT_MS);
    client.close();
  }

  /** Counts what the broker has acknowledged. */
  private record Acknowledged(Flow flow) implements IMqttActionListener {

    @Override
    public void onSuccess(IMqttToken token) {
      flow.countAcknowledged();
    }

    @Override
    public void onFailure(IMqttToken token, @Nullable Throwable why) {
      // What was not acknowledged is missing in the count.
    }
  }
}

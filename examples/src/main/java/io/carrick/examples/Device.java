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
  private final Tally tally;

  private Device(int number, MqttAsyncClient client, Tally tally) {
    this.number = number;
    this.client = client;
    this.tally = tally;
  }

  static Device connect(InetSocketAddress broker, int number, Tally tally) throws MqttException {
    String url = "tcp://" + broker.getHostString() + ":" + broker.getPort();
    var client = new MqttAsyncClient(url, "device-" + number, new MemoryPersistence());
    var options = new MqttConnectOptions();
    options.setMaxInflight(MAX_INFLIGHT);
    options.setSocketFactory(new NoDelaySockets());
    client.connect(options).waitForCompletion(TIMEOUT_MS);
    client
        .subscribe(
            "devices/" + number + "/command",
            1,
            (topic, message) ->
                tally.commands().arrived(Stamp.of(message.getPayload()), tally.nanos()))
        .waitForCompletion(TIMEOUT_MS);
    return new Device(number, client, tally);
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

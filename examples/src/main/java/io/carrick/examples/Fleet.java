package io.carrick.examples;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.client.mqttv3.MqttException;

/** All devices. Confined to the thread that made it. */
final class Fleet implements AutoCloseable {

  private final List<Device> devices = new ArrayList<>();

  private Fleet() {}

  static Fleet connect(InetSocketAddress broker, int count, Tally tally) throws MqttException {
    var fleet = new Fleet();
    for (int number = 1; number <= count; number++) {
      fleet.devices.add(Device.connecting(broker, number, tally));
    }
    for (Device device : fleet.devices) {
      device.awaitReady();
    }
    return fleet;
  }

  int size() {
    return devices.size();
  }

  Device device(int index) {
    return devices.get(index);
  }

  @Override
  public void close() throws MqttException {
    for (Device device : devices) {
      device.close();
    }
  }
}

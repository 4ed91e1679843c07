package io.carrick.benchmarks.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The broker that is measured. Immutable.
 *
 * @param mqtt where it speaks MQTT; null if it does not
 * @param amqp where it speaks AMQP; null if it does not
 * @param mqttLogin who the MQTT clients are
 * @param amqpLogin who the AMQP clients are
 * @param process its process on this machine, whose CPU time is read; null if unknown
 */
record Target(
    @Nullable InetSocketAddress mqtt,
    @Nullable InetSocketAddress amqp,
    Login mqttLogin,
    Login amqpLogin,
    @Nullable ProcessHandle process) {

  InetSocketAddress address(boolean ofMqtt) {
    InetSocketAddress address = ofMqtt ? mqtt : amqp;
    if (address == null) {
      throw new IllegalArgumentException(
          "this scenario needs --" + (ofMqtt ? "mqtt" : "amqp") + " HOST:PORT");
    }
    return address;
  }

  boolean serves(Scenario scenario) {
    return (!scenario.usesMqtt() || mqtt != null) && (!scenario.usesAmqp() || amqp != null);
  }

  /** Returns the CPU time that the broker has used so far, user and system. */
  Optional<Duration> cpu() {
    return Optional.ofNullable(process).flatMap(p -> p.info().totalCpuDuration());
  }
}

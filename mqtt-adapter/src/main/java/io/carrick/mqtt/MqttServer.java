package io.carrick.mqtt;

import io.carrick.Limits;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Counters.Counter;

/** What the connections of one started adapter share. Thread-safe. */
final class MqttServer {

  final AdapterContext context;
  final Limits limits;
  final MqttSpace space;
  final Sessions sessions = new Sessions();
  final Counter malformed;
  final Counter illegalTopic;
  final Counter slowConsumer;

  MqttServer(AdapterContext context, MqttSpace space) {
    this.context = context;
    this.limits = context.limits();
    this.space = space;
    this.malformed = context.counters().counter("packets.malformed{protocol=mqtt}");
    this.illegalTopic = context.counters().dropped("illegal-topic");
    this.slowConsumer = context.counters().dropped("slow-consumer");
  }
}

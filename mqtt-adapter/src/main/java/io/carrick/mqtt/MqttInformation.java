package io.carrick.mqtt;

import java.time.Duration;
import java.util.Optional;

/**
 * What clients are told about the broker and how to use it. Immutable.
 *
 * @param systemInterval how often the broker tells of itself, if it does
 * @param responses below which topic answers to a client may go
 */
record MqttInformation(Optional<Duration> systemInterval, ResponseTopics responses) {

  /** Nothing. */
  static final MqttInformation NONE = new MqttInformation(Optional.empty(), ResponseTopics.NONE);

  MqttInformation systemInterval(Duration interval) {
    return new MqttInformation(Optional.of(interval), responses);
  }

  MqttInformation responses(ResponseTopics others) {
    return new MqttInformation(systemInterval, others);
  }
}

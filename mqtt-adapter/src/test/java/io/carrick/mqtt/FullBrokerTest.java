package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker that has room for one session. */
class FullBrokerTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(Limits.defaults().with(Limit.QUEUES, 1)))
          .inTestThread();

  @Test
  void aClientForWhoseSessionThereIsNoRoomIsToldThatTheServerIsUnavailable() {
    TestClient.clean(broker, "first");
    TestClient.silent(broker).send(connect("second").bytes()).expect("CONNACK 3").expectClosed();
  }
}

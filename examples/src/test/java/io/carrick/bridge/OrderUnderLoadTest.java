package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.QueueInfo;
import io.carrick.amqp.Amqp;
import io.carrick.bridge.Traffic.Manners;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Order per publisher, loss and duplicates when everybody is busy (MAP-12, MAP-16). */
class OrderUnderLoadTest {

  private static final int EACH = 2_500;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .loops(NettyLoops.factory(4)))
          .realTime();

  @Test
  @DisplayName(
      "10,000 messages of four publishers stay in order through requeues and reconnects [MAP-16]")
  void orderIsKept() throws Exception {
    IntPredicate more = number -> number < EACH;
    IntPredicate halfWay = number -> number == EACH / 2;
    try (var traffic = new Traffic(broker.address("mqtt"), broker.address("amqp"))) {
      traffic.consumeByAmqp("one-consumer", 1, new Manners(20, 4_000, 1));
      traffic.consumeByAmqp("three-consumers", 3, new Manners(20, 3_000, 2));
      traffic.consumeByMqtt("session-a", new Manners(1, 5_000, 3));
      traffic.consumeByMqtt("session-b", new Manners(1, 2_000, 4));
      traffic.publishByMqtt("device-1", "load/a", more, halfWay);
      traffic.publishByMqtt("device-2", "load/b.c", more, halfWay);
      traffic.publishByAmqp("service-1", "load.a", more, halfWay);
      traffic.publishByAmqp("service-2", "load.d.e", more, halfWay);

      assertThat(traffic.finish()).as(traffic.toString()).isEmpty();

      assertThat(traffic.expected()).isEqualTo(4 * EACH);
      assertThat(traffic.ledgers())
          .hasSize(4)
          .extracting(Ledger::repeated)
          .allMatch(again -> again > 0);
    }
    assertThat(broker.broker().queues())
        .filteredOn(queue -> List.of("one-consumer", "three-consumers").contains(queue.name()))
        .hasSize(2)
        .extracting(QueueInfo::ready)
        .as("a requeued message may be left, and no other")
        .allMatch(ready -> ready <= 64 * 3);
  }
}

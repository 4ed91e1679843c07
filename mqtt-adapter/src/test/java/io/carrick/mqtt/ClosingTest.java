package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** {@link Broker#close()} while messages are under way. */
@Timeout(60)
class ClosingTest {

  @RepeatedTest(10)
  void whatTheBrokerHasTakenIsAcknowledgedBeforeItCloses() throws Exception {
    Broker broker =
        EmbeddedBroker.builder().loops(NettyLoops.factory(3)).adapter(Mqtt.onAnyPort()).start();
    try (SocketClient subscriber = SocketClient.clean(broker.address("mqtt"), "s");
        SocketClient publisher = SocketClient.clean(broker.address("mqtt"), "p")) {
      subscriber.subscribe("t", 1);
      publisher.send(publish("t", "x", 1, 1));
      assertThat(publisher.next()).isEqualTo("PUBACK #1");
      var closing = new AtomicBoolean();
      CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> flood(publisher, closing));
      assertThat(publisher.next()).startsWith("PUBACK");
      closing.set(true);
      broker.close();
      List<String> rest = publisher.rest();
      flood.join(); // fails as it has failed
      assertThat(rest).allMatch(p -> p.startsWith("PUBACK"));
      assertThat(rest.size() + 2).isEqualTo((int) broker.metrics().value("messages.published"));
    }
  }

  private static void flood(SocketClient publisher, AtomicBoolean closing) {
    try {
      for (int i = 0; i < 60_000 && !closing.get(); i++) {
        publisher.send(publish("t", "x", 1, 2 + i));
      }
    } catch (IOException closed) {
      assertThat(closing).as("closed by the broker that closes").isTrue();
    }
  }
}

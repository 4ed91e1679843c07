package com.example;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Where Carrick's modules meet a Netty that is too old, a user is told what to do. */
class OlderNettyTest {

  @Test
  void aBrokerNamesTheArtifactToUse() {
    saysWhatToUse(EmbeddedBroker.builder().adapter(Mqtt.onAnyPort())::start);
    saysWhatToUse(EmbeddedBroker.builder().adapter(Amqp.onAnyPort())::start);
  }

  @Test
  void soDoesOneWhoseLoopsAreChosen() {
    saysWhatToUse(EmbeddedBroker.builder().loops(NettyLoops.factory(1))::start);
  }

  @Test
  void soDoesABrokerUnderTestInEachOfItsKindsOfTime() {
    saysWhatToUse(() -> BrokerExtension.with(Mqtt.onAnyPort()).beforeAll(null));
    saysWhatToUse(() -> BrokerExtension.with(Mqtt.onAnyPort()).inTestThread().beforeAll(null));
    saysWhatToUse(() -> BrokerExtension.with(Mqtt.onAnyPort()).realTime().beforeAll(null));
  }

  private static void saysWhatToUse(ThrowingCallable start) {
    assertThatIllegalStateException()
        .isThrownBy(start)
        .withMessageContaining("need Netty 4.2")
        .withMessageContaining("netty-common 4.1.")
        .withMessageContaining("Depend on io.carrick:carrick instead");
  }
}

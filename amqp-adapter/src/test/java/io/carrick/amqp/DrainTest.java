package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Referral;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker that lets its clients go, AMQP 0-9-1 §1.4.2.10 and its code 320. */
@Timeout(60)
class DrainTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort());

  private boolean drain(CompletableFuture<Boolean> drained) {
    while (!drained.isDone()) {
      broker.advance(Duration.ofMillis(10));
    }
    return drained.join();
  }

  private CompletableFuture<Boolean> begin(Referral referral) {
    return CompletableFuture.supplyAsync(
        () -> broker.broker().drain(Duration.ofSeconds(60), referral));
  }

  @Test
  void aClientIsClosedWith320AndToldWhereToGo() throws IOException {
    try (RawSocket client = new RawSocket(broker.address("amqp")).open(0).channel(1)) {
      CompletableFuture<Boolean> drained = begin(Referral.to("b:5672"));
      ConnectionMethod.Close close = client.next(ConnectionMethod.Close.class);
      assertThat(close.code()).isEqualTo(320);
      assertThat(close.text()).isEqualTo("CONNECTION_FORCED - use another server: b:5672");
      client.send(RawClient.frames(0, new ConnectionMethod.CloseOk()));
      client.awaitEnd();
      assertThat(drain(drained)).isTrue();
    }
  }

  @Test
  void whoStillOpensAConnectionIsClosedWith320() throws IOException {
    assertThat(drain(begin(Referral.forEverTo("b".repeat(400))))).isTrue();
    try (RawSocket late = new RawSocket(broker.address("amqp")).tune()) {
      late.send(
          RawClient.frames(
              0,
              new ConnectionMethod.TuneOk(100, RawClient.FRAME_BYTES, 0),
              new ConnectionMethod.Open("/")));
      ConnectionMethod.Close close = late.next(ConnectionMethod.Close.class);
      assertThat(close.code()).isEqualTo(320);
      assertThat(close.text())
          .startsWith("CONNECTION_FORCED - the server has moved to b")
          .hasSizeLessThanOrEqualTo(255);
    }
    assertThat(broker.broker().metrics().value("logins.referred")).isEqualTo(1);
  }
}

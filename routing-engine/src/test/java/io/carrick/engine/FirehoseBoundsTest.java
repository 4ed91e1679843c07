package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Selection;
import io.carrick.TraceFilter;
import io.carrick.VirtualHostInfo;
import io.carrick.storage.Disk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the firehose does not do: wait, grow, speak of itself, or outlive its virtual host. */
class FirehoseBoundsTest {

  private static final String TRACE = "amq.rabbitmq.trace";

  private final RestartableBroker run =
      new RestartableBroker(new Disk(), Limits.defaults().with(Limit.FIREHOSE_MESSAGES, 3));
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  private void turn(String host, boolean on) {
    var done = run.broker.admin().firehose(host, on).toCompletableFuture();
    run.loops.run();
    assertThat(done).isCompleted();
  }

  private boolean isOn(String host) {
    var page = run.broker.admin().virtualHosts(Selection.everything()).toCompletableFuture();
    run.loops.run();
    return page.join().items().stream()
        .filter(h -> h.name().equals(host))
        .anyMatch(VirtualHostInfo::firehose);
  }

  @Test
  void whatATurnHasNoRoomForIsDroppedAndCountedAndNobodyWaits() {
    run.declare(far, durable("copies"));
    far.bind(Binding.of(TRACE, "copies", "publish.#"));
    turn("/", true);
    run.publish(near, "amq.direct", "k", "1", "2", "3", "4", "5");

    assertThat(near.told).contains("accepted 1-5");
    assertThat(run.drain(near, "copies")).containsExactly("1", "2", "3");
    assertThat(run.broker.metrics().dropped("firehose")).isEqualTo(2);
    run.publish(near, "amq.direct", "k", "6");
    assertThat(run.drain(near, "copies")).containsExactly("6");
    assertThat(run.broker.metrics().value("messages.published")).isEqualTo(6);
    assertThat(run.broker.metrics().value("memory.held{kind=under-way}")).isZero();
  }

  @Test
  void itsMessagesAreNeitherCopiedNorTraced() {
    run.declare(near, durable("copies"));
    near.bind(Binding.of(TRACE, "copies", "#"));
    turn("/", true);
    try (var trace = run.broker.trace(TraceFilter.everything())) {
      run.publish(near, "amq.direct", "k", "1");
      assertThat(run.drain(near, "copies")).containsExactly("1");
      assertThat(trace.messages()).singleElement().asString().startsWith("k from near");
    }
  }

  @Test
  void itIsOffAtTheStartAndGoesWithItsVirtualHost() {
    turn("/", true);
    assertThat(isOn("/")).isTrue();
    run.restart();
    assertThat(isOn("/")).isFalse();

    var admin = run.broker.admin();
    admin.createVirtualHost("v");
    run.loops.run();
    turn("v", true);
    admin.deleteVirtualHost("v");
    run.loops.run();
    admin.createVirtualHost("v");
    run.loops.run();
    assertThat(isOn("v")).isFalse();
    turn("v", true);
    turn("v", false);
    assertThat(List.of(isOn("v"), isOn("/"))).containsOnly(false);
  }
}

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.PolicyAdmin;
import io.carrick.QueueOptions;
import io.carrick.Selection;
import io.carrick.engine.EmbeddedBroker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What docs/policies.md shows. */
class PoliciesDocumentTest {

  @Test
  void policiesComeAndGo() {
    // snippet
    Policy notForEver =
        Policy.of("/", "orders", "^orders\\.")
            .appliesTo(AppliesTo.QUEUES)
            .priority(1)
            .options(
                QueueOptions.none()
                    .messageTtl(Duration.ofDays(1))
                    .deadLetterTo("", "orders-failed"));
    Policy bound = Policy.of("/", "bound", ".*").operator().set("max-length", 1_000_000);
    Broker broker = EmbeddedBroker.builder().policy(bound).start();
    PolicyAdmin policies = broker.admin().policies();
    CompletionStage<Void> inForce = policies.put(notForEver);
    CompletionStage<Void> over = policies.delete("/", Policy.Kind.USER, "orders");
    // end
    List.of(inForce, over).forEach(stage -> stage.toCompletableFuture().join());
    assertThat(policies.list(Selection.everything()).toCompletableFuture().join().items())
        .containsExactly(bound);
    broker.close();
  }
}

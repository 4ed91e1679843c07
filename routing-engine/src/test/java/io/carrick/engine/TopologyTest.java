package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.ResourceLockedException;
import io.carrick.Source;
import io.carrick.engine.loop.ThreadLoops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may be declared, declared again and taken away. */
@Timeout(30)
class TopologyTest {

  private final Broker broker =
      EmbeddedBroker.builder().loops(prefix -> ThreadLoops.start(3, prefix)).start();
  private final Client client = broker.connect();

  @AfterEach
  void close() {
    client.close();
    broker.close();
  }

  @Test
  void whatAQueueWouldNotKeepIsRefused() {
    String argument = "x-delayed-retry-type";
    assertThatThrownBy(
            () ->
                client.topology().queue("q").quorum().durable().argument(argument, "all").declare())
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("invalid arg '%s' for queue 'q' in vhost '/': not supported", argument);
    assertThat(client.topology().find("q")).isEmpty();
  }

  @Test
  void argumentsOfTheApplicationsOwnAreTakenAndNotCompared() {
    client.topology().queue("q").argument("purpose", "test").declare();
    client.topology().queue("q").argument("purpose", "other").declare();
    client.topology().queue("q").declare();
  }

  @Test
  void theTypeOfAQueueIsComparedAndClassicByDefault() {
    client.topology().queue("q").argument("x-queue-type", "classic").declare();
    client.topology().queue("q").declare();
    assertThatThrownBy(
            () -> client.topology().queue("q").argument("x-queue-type", "quorum").declare())
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("inequivalent arg 'x-queue-type'");
    assertThatThrownBy(
            () -> client.topology().queue("s").argument("x-queue-type", "stream").declare())
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void aSharedQueueIsNotDeclaredAgainAsExclusiveNorTheOtherWayRound() {
    client.topology().queue("shared").declare();
    assertThatThrownBy(() -> client.topology().queue("shared").exclusive().declare())
        .isInstanceOf(ResourceLockedException.class);
    client.topology().queue("mine").exclusive().declare();
    assertThatThrownBy(() -> client.topology().queue("mine").declare())
        .isInstanceOf(ResourceLockedException.class);
  }

  @Test
  void anExchangeOfAnUnknownTypeIsNotDeclared() {
    assertThatThrownBy(() -> client.topology().exchange("x", "no-such-type").declare())
        .isInstanceOf(NotFoundException.class)
        .hasMessage("unknown exchange type 'no-such-type'");
  }

  @Test
  void unbindingWhatIsNotThereChangesNothing() {
    client.topology().queue("q").declare();
    client.topology().bind(Binding.of("amq.direct", "q", "k"));
    assertThatCode(
            () -> {
              client.topology().unbind(Binding.of("amq.direct", "none", "k"));
              client.topology().unbind(Binding.of("none", "q", "k"));
              client.topology().unbind(Binding.of("amq.direct", "q", "other"));
            })
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> client.topology().unbind(Binding.of("", "q", "k")))
        .isInstanceOf(AccessRefusedException.class);
    client.publisher("amq.direct").publish("k", Message.of("still bound"));
    assertThat(client.poll("q").orElseThrow().message().text()).isEqualTo("still bound");
  }

  @Test
  void aPolledMessageThatComesBackGoesToAWaitingConsumer() throws Exception {
    client.topology().queue("q").declare();
    client.publisher("").publish("q", Message.of("polled"));
    Delivery polled = client.poll("q").orElseThrow();
    var received = new Received();
    client.subscribe(Source.queue("q"), received);

    polled.requeue();

    assertThat(received.text()).isEqualTo("polled");
  }
}

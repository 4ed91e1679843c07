package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.NotFoundException;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the broker says of bindings that come and go, and of messages that meet none. */
class BindingAnswersTest {

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient client = run.client("client");

  @BeforeEach
  void declare() {
    run.declare(client, RestartableBroker.durable("q"));
  }

  private static Binding binding(String key, Object attachment) {
    return new Binding(
        "amq.topic", Binding.Target.QUEUE, "q", RoutingKey.ofKey(key), Map.of(), attachment);
  }

  private int bind(Binding... bindings) {
    return client.ask((Attachment p, Completion<Integer> done) -> p.bind(List.of(bindings), done));
  }

  private int unbind(Binding... bindings) {
    return client.ask(
        (Attachment p, Completion<Integer> done) -> p.unbind(List.of(bindings), done));
  }

  @Test
  void whoBindsHearsHowManyBindingsAreNew() {
    assertThat(bind(binding("a", 1), binding("b", 1))).isEqualTo(2);
    assertThat(bind(binding("a", 1))).as("the same again").isZero();
    assertThat(bind(binding("a", 2))).as("with another attachment").isZero();
    assertThat(bind(binding("b", 1), binding("c", 1), binding("c", 2))).isEqualTo(1);
  }

  @Test
  void whoUnbindsHearsHowManyBindingsWereThere() {
    bind(binding("a", 1), binding("b", 1));
    assertThat(unbind(binding("a", 7), binding("none", 1))).isEqualTo(1);
    assertThat(unbind(binding("a", 1))).isZero();
    assertThat(unbind(Binding.of("none", "q", "b"), Binding.of("amq.topic", "none", "b"))).isZero();
    assertThat(unbind(binding("b", 1), binding("b", 1))).isEqualTo(1);
  }

  @Test
  void aBindingIsNotNewToABrokerThatHasStartedAgain() {
    bind(binding("a", 1));
    run.crash();
    TestClient again = run.client("client");
    assertThat(
            again.ask(
                (Attachment p, Completion<Integer> done) ->
                    p.bind(List.of(binding("a", 2), binding("b", 1)), done)))
        .isEqualTo(1);
  }

  @Test
  void whatIsRefusedAddsNothing() {
    assertThatThrownBy(() -> bind(binding("a", 1), Binding.of("none", "q", "k")))
        .isInstanceOf(NotFoundException.class);
    assertThat(bind(binding("a", 1))).isEqualTo(1);
  }

  /** A publisher that notes in which order it is told what. */
  private static final class Publishing implements AttachmentListener {

    private final boolean prompt;
    final List<String> told = new ArrayList<>();

    Publishing(boolean prompt) {
      this.prompt = prompt;
    }

    @Override
    public boolean prompt() {
      return prompt;
    }

    @Override
    public void unroutable() {
      told.add("unroutable");
    }

    @Override
    public void accepted(long first, long last) {
      told.add("accepted " + first + "-" + last);
    }

    @Override
    public void refused(long first, long last, Refusal reason) {
      told.add("refused " + first + "-" + last);
    }

    @Override
    public void pauseReading(Pause why) {}

    @Override
    public void resumeReading(Pause why) {}

    @Override
    public void closeRequested(CloseReason reason, String text) {}
  }

  private Publishing publish(boolean prompt, String... keys) {
    var listener = new Publishing(prompt);
    client.act(
        p -> {
          Attachment channel = p.open(listener);
          for (String key : keys) {
            channel.publishConfirmed(
                client.message("amq.topic", key, RestartableBroker.PERSISTENT, key));
            listener.told.add("published " + key);
          }
        });
    return listener;
  }

  @Test
  void aPromptPublisherHearsBeforeTheAnswerThatNoQueueMatched() {
    bind(binding("a", 1));
    assertThat(publish(true, "none", "a").told)
        .startsWith("unroutable", "accepted 1-1", "published none")
        .filteredOn("unroutable"::equals)
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPublisherHearsOfEachMessageThatNoQueueMatchedWhileItPublishesIt(boolean prompt) {
    bind(binding("a", 1));
    assertThat(publish(prompt, "a", "none", "a", "none").told)
        .filteredOn(told -> !told.startsWith("accepted"))
        .containsExactly(
            "published a",
            "unroutable",
            "published none",
            "published a",
            "unroutable",
            "published none");
  }
}

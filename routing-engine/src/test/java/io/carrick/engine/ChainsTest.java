package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Binding.Target;
import io.carrick.NotFoundException;
import io.carrick.RoutingKey;
import io.carrick.engine.TestClient.Answer;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What follows from something at once, and from that something else, takes no stack of its own. */
class ChainsTest {

  private static final int LONG = 20_000;

  private final RestartableBroker run = new RestartableBroker();

  @Test
  void takeOversThatHaveWaitedTogetherAreGrantedOneAfterTheOther() {
    TestClient far = run.farClient("client");
    TestClient near = run.client("client");
    run.declare(near, session("client"));
    Consuming first = far.consume(lease("client"));
    List<Consuming> waiting = new ArrayList<>();
    List<Answer<Consumption>> answers = new ArrayList<>();

    // The holder is on another loop: until it has answered the others wait.
    near.act(
        a -> {
          for (int i = 0; i < LONG; i++) {
            Consuming next = near.new Consuming();
            var answer = new Answer<Consumption>();
            waiting.add(next);
            answers.add(answer);
            a.consume(lease("client"), next, answer);
          }
        });

    assertThat(first.got).containsExactly("TAKEN_OVER");
    assertThat(answers).allSatisfy(answer -> assertThat(answer.get()).isNotNull());
    assertThat(waiting.subList(0, LONG - 1))
        .allSatisfy(c -> assertThat(c.got).containsExactly("TAKEN_OVER"));
    assertThat(waiting.get(LONG - 1).got).isEmpty();
  }

  @Test
  void aChainOfExchangesThatNobodyUsesAnyMoreGoesAsAWhole() {
    TestClient p = run.client("p");
    for (int i = 0; i < LONG; i++) {
      var link = new ExchangeDeclaration("e" + i, "fanout", false, true, false, Map.of());
      p.ask((Attachment a, Completion<Done> done) -> a.declareExchange(link, done));
    }
    p.declare("q");
    for (int i = 0; i < LONG - 1; i++) {
      p.bind(binding("e" + i, Target.EXCHANGE, "e" + (i + 1)));
    }
    p.bind(binding("e" + (LONG - 1), Target.QUEUE, "q"));

    p.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("q", false, false, done));

    for (String gone : List.of("e0", "e" + LONG / 2, "e" + (LONG - 1))) {
      assertThatThrownBy(
              () -> p.ask((Attachment a, Completion<Done> done) -> a.findExchange(gone, done)))
          .isInstanceOf(NotFoundException.class);
    }
  }

  private static Binding binding(String from, Target target, String to) {
    return new Binding(from, target, to, RoutingKey.EMPTY, Map.of(), null);
  }
}

package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Broker;
import io.carrick.BrokerException;
import io.carrick.NotFoundException;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.Loop;
import io.carrick.spi.SaslLogin;
import io.carrick.spi.SaslMechanism;
import io.carrick.spi.SaslMechanism.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an adapter meets that hands a client's words to a mechanism. */
@Timeout(60)
class SaslLoginTest {

  private static final Credentials PEER = new Credentials("", new byte[0], "", "port", true);

  private final PortAdapter adapter = new PortAdapter();
  private final Broker broker =
      EmbeddedBroker.builder().adapter(adapter).mechanism(new Endless()).start();
  private final Loop loop = adapter.adapters().loops().loops().get(0);

  @AfterEach
  void close() {
    broker.close();
  }

  /** Asks for more for ever, but fails when it hears a one. */
  private static final class Endless implements SaslMechanism {

    @Override
    public String name() {
      return "ENDLESS";
    }

    @Override
    public Exchange begin(Credentials peer) {
      return response -> {
        if (response.length == 1) {
          throw new IllegalStateException("a mistake of a mechanism's");
        }
        return Step.challenge(response);
      };
    }
  }

  private Step respond(SaslLogin login, byte[] response) throws Exception {
    var answer = new CompletableFuture<Step>();
    loop.execute(
        () ->
            login.respond(
                response,
                new Completion<>() {
                  @Override
                  public void completed(Step next) {
                    assertThat(loop.inLoop()).isTrue();
                    answer.complete(next);
                  }

                  @Override
                  public void failed(BrokerException reason) {
                    answer.completeExceptionally(reason);
                  }
                }));
    return answer.get(30, TimeUnit.SECONDS);
  }

  private SaslLogin login() {
    return adapter.adapters().login(loop, "ENDLESS", PEER);
  }

  @Test
  void aConversationWithoutAnEndIsEnded() throws Exception {
    SaslLogin login = login();
    for (int i = 0; i < 8; i++) {
      assertThat(respond(login, new byte[0]).more()).isTrue();
    }
    assertThatThrownBy(() -> respond(login, new byte[0]))
        .hasCauseInstanceOf(AccessRefusedException.class);
    assertThat(broker.metrics().value("logins.refused")).isEqualTo(1);
  }

  @Test
  void whoSaysVeryMuchIsRefused() throws Exception {
    assertThat(respond(login(), new byte[16_384]).more()).isTrue();
    assertThatThrownBy(() -> respond(login(), new byte[16_385]))
        .hasCauseInstanceOf(AccessRefusedException.class);
  }

  @Test
  void aMechanismThatFailsLetsNobodyIn() {
    assertThatThrownBy(() -> respond(login(), new byte[1]))
        .hasCauseInstanceOf(AccessRefusedException.class);
  }

  @Test
  void onlyWhatIsThereCanBeChosen() {
    assertThat(adapter.adapters().mechanisms()).containsExactly("ENDLESS");
    assertThatThrownBy(() -> adapter.adapters().login(loop, "SCRAM-SHA-256", PEER))
        .isInstanceOf(NotFoundException.class);
  }
}

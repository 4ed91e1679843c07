package io.carrick.engine.client;

import io.carrick.AccessRefusedException;
import io.carrick.spi.Completion;
import io.carrick.spi.Loop;
import io.carrick.spi.SaslLogin;
import io.carrick.spi.SaslMechanism;
import io.carrick.spi.SaslMechanism.Step;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login by a mechanism: each step of it is taken by a worker and answered in the client's loop.
 * Confined to that loop.
 */
final class SaslConversation implements SaslLogin {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** More than any mechanism has to say. */
  private static final int MOST_BYTES = 16_384;

  private static final int MOST_STEPS = 8;

  private final Loop loop;
  private final SaslMechanism.Exchange exchange;
  private final Executor workers;
  private final Runnable refused;
  private int steps;

  /**
   * Begins.
   *
   * @param refused counts a client that is not let in
   */
  SaslConversation(Loop loop, SaslMechanism.Exchange exchange, Executor workers, Runnable refused) {
    this.loop = loop;
    this.exchange = exchange;
    this.workers = workers;
    this.refused = refused;
  }

  @Override
  public void respond(byte[] response, Completion<Step> next) {
    if (response.length > MOST_BYTES || ++steps > MOST_STEPS) {
      answer(Step.refused(), next);
      return;
    }
    workers.execute(
        () -> {
          Step step = take(response);
          try {
            loop.execute(() -> answer(step, next));
          } catch (RejectedExecutionException closed) {
            log.debug("a login after the broker has closed");
          }
        });
  }

  private Step take(byte[] response) {
    try {
      return exchange.respond(response);
    } catch (RuntimeException bug) {
      log.error("a mechanism of login has failed", bug);
      return Step.refused();
    }
  }

  private void answer(Step step, Completion<Step> next) {
    if (step.more() || step.identity().isPresent()) {
      next.completed(step);
    } else {
      refused.run();
      next.failed(new AccessRefusedException("login refused"));
    }
  }
}

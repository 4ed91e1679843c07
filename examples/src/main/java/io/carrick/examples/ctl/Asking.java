package io.carrick.examples.ctl;

import io.carrick.BrokerException;
import io.carrick.Page;
import io.carrick.Selection;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Asks an administration and waits for the answer. Stateless. */
final class Asking {

  private static final long PATIENCE_SECONDS = 60;
  private static final int PAGE = 1_000;

  private Asking() {}

  /**
   * Waits for an answer.
   *
   * @throws CtlFailure if it is a refusal, or does not come
   */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof BrokerException || cause instanceof IllegalStateException) {
        throw CtlFailure.failed(String.valueOf(cause.getMessage()));
      }
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw CtlFailure.failed("the broker has not answered within " + PATIENCE_SECONDS + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CtlFailure.failed("the broker is closed");
    }
  }

  /** Lists everything, page by page. */
  static <T> void each(
      Function<Selection, CompletionStage<Page<T>>> list, Selection which, Consumer<T> into) {
    Selection from = which.limit(PAGE);
    while (true) {
      Page<T> page = await(list.apply(from));
      page.items().forEach(into);
      if (page.next().isEmpty()) {
        return;
      }
      from = from.from(page.next().get());
    }
  }
}

package io.carrick.benchmarks.journal;

import io.carrick.BrokerException;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.Loop;
import io.carrick.spi.ProtocolAdapter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets programs in this JVM act through the port that adapters act through, without any bytes in
 * between. Thread-safe once the broker has started.
 */
final class Port implements ProtocolAdapter {

  private static final String NAME = "port";

  private volatile @Nullable AdapterContext context;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext given) {
    context = given;
    return List.of();
  }

  /**
   * Attaches a client in a loop, and starts it there.
   *
   * @param client makes it
   */
  <T extends AttachmentListener> T attach(Function<Loop, T> client, Starter<T> start) {
    AdapterContext with = java.util.Objects.requireNonNull(context);
    Loop loop = with.loops().next();
    T made = client.apply(loop);
    var request =
        new AttachRequest("/", new Credentials("", new byte[0], "", NAME, true), NAME, NAME);
    var attached = new CompletableFuture<T>();
    loop.execute(
        () ->
            with.attach(
                loop,
                request,
                made,
                then(
                    attached,
                    attachment -> {
                      start.start(made, attachment);
                      attached.complete(made);
                    })));
    return attached.join();
  }

  /** Starts a client that is attached, in its loop. */
  @FunctionalInterface
  interface Starter<T> {
    /** Starts it. */
    void start(T client, Attachment attachment);
  }

  /** Returns what goes on when something has completed, and lets a future fail when it does. */
  static <T> Completion<T> then(CompletableFuture<?> future, java.util.function.Consumer<T> goOn) {
    return new Completion<>() {
      @Override
      public void completed(T value) {
        goOn.accept(value);
      }

      @Override
      public void failed(BrokerException reason) {
        future.completeExceptionally(reason);
      }
    };
  }
}

package io.carrick.benchmarks;

import io.carrick.BrokerException;
import io.carrick.Refusal;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.ProtocolAdapter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An adapter without a protocol and all of its clients: what stands behind it is the engine alone.
 * Confined to the thread that runs the loop.
 */
final class PortClient implements ProtocolAdapter, AttachmentListener {

  private final HandRunLoop loop;
  private @Nullable AdapterContext context;

  PortClient(HandRunLoop loop) {
    this.loop = loop;
  }

  /** Attaches to the broker, which has started, under a name. */
  Attachment attach(String clientId) {
    AdapterContext desk = context;
    if (desk == null) {
      throw new IllegalStateException("the broker has not started");
    }
    var credentials = new Credentials("", new byte[0], clientId, name(), true);
    var request = new AttachRequest("/", credentials, name(), clientId);
    return ask(done -> desk.attach(loop, request, this, done));
  }

  /** Asks for something and runs the loop until the answer is there. */
  <T> T ask(Consumer<Completion<T>> question) {
    var answer = new CompletableFuture<T>();
    loop.execute(
        () ->
            question.accept(
                new Completion<>() {
                  @Override
                  public void completed(T value) {
                    answer.complete(value);
                  }

                  @Override
                  public void failed(BrokerException reason) {
                    answer.completeExceptionally(reason);
                  }
                }));
    return loop.await(answer);
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext given) {
    context = given;
    return List.of();
  }

  @Override
  public void accepted(long first, long last) {}

  @Override
  public void refused(long first, long last, Refusal reason) {
    throw new IllegalStateException("refused: " + reason);
  }

  @Override
  public void pauseReading(Pause why) {}

  @Override
  public void resumeReading(Pause why) {}

  @Override
  public void closeRequested(CloseReason reason, String text) {}
}

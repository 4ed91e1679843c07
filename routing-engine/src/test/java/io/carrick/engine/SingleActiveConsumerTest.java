package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.ConsumerInfo;
import io.carrick.QueueOptions;
import io.carrick.Selection;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Queues whose messages only one of their consumers gets, until it goes. */
@Tag("amqp091:x-single-active-consumer")
class SingleActiveConsumerTest {

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient client = run.client("client");
  private final TestClient far = run.farClient("far");

  @BeforeEach
  void declare() {
    declare("q", false);
  }

  private void declare(String queue, boolean autoDelete) {
    var arguments = QueueOptions.none().singleActiveConsumer().arguments();
    run.declare(client, new QueueDeclaration(queue, true, false, autoDelete, arguments, null));
  }

  private static ConsumeRequest request(int prefetch, int priority) {
    return new ConsumeRequest("q", false, Mode.SHARED, prefetch, priority);
  }

  private void cancel(Consuming consumer) {
    consumer
        .client()
        .ask((Attachment p, Completion<Done> done) -> consumer.consumption.cancel(done));
  }

  private List<Boolean> active() {
    var page = run.broker.admin().consumers(Selection.everything());
    run.loops.run();
    return page.toCompletableFuture().join().items().stream().map(ConsumerInfo::active).toList();
  }

  @Test
  void onlyTheFirstGetsMessagesAndTheNextWhenItIsCancelled() {
    Consuming first = client.consume(request(0, 0));
    Consuming second = far.consume(request(0, 0));
    Consuming third = client.consume(request(0, 0));
    run.publish(client, "", "q", "1", "2", "3");
    assertThat(first.got).containsExactly("1", "2", "3");
    assertThat(active()).containsExactlyInAnyOrder(true, false, false);

    cancel(first);
    run.publish(client, "", "q", "4", "5");
    first.settle(0, Settlement.ACCEPT); // what it has stays its own
    first.settle(1, Settlement.REQUEUE);
    assertThat(first.got).containsExactly("1", "2", "3");
    assertThat(second.got).containsExactly("4", "5", "2*");

    cancel(second);
    run.publish(client, "", "q", "6");
    assertThat(second.got).hasSize(3);
    assertThat(third.got).containsExactly("6");
    assertThat(active()).containsExactly(true);
  }

  @Test
  void whatWaitedWhileTheActiveOneWasFullComesToTheNext() {
    Consuming first = client.consume(request(1, 0));
    Consuming second = far.consume(request(0, 0));
    run.publish(client, "", "q", "1", "2", "3");
    assertThat(first.got).containsExactly("1");
    assertThat(second.got).isEmpty();
    cancel(first);
    assertThat(second.got).containsExactly("2", "3");
  }

  @Test
  void whatTheActiveOneHadWhenItLeftComesToTheNextBeforeAllElse() {
    Consuming first = far.consume(request(2, 0));
    Consuming second = client.consume(request(0, 0));
    run.publish(client, "", "q", "1", "2", "3");
    far.act(p -> first.consumption.detach());
    assertThat(second.got).containsExactly("1*", "2*", "3");
  }

  @Test
  void theNextIsTheOneOfTheHighestPriorityAndNobodyIsSentAway() {
    Consuming low = client.consume(request(0, 1));
    Consuming middle = client.consume(request(0, 3));
    Consuming high = far.consume(request(0, 9));
    Consuming alsoHigh = far.consume(request(0, 9));
    run.publish(client, "", "q", "1");
    cancel(low);
    run.publish(client, "", "q", "2");
    cancel(high);
    run.publish(client, "", "q", "3");
    cancel(alsoHigh);
    run.publish(client, "", "q", "4");
    assertThat(low.got).containsExactly("1");
    assertThat(high.got).containsExactly("2");
    assertThat(alsoHigh.got).containsExactly("3");
    assertThat(middle.got).containsExactly("4");
  }

  @Test
  void whoWaitsMayLeave() {
    Consuming first = client.consume(request(0, 0));
    Consuming second = far.consume(request(0, 0));
    Consuming third = client.consume(request(0, 0));
    cancel(second);
    far.act(p -> second.consumption.detach());
    cancel(first);
    run.publish(client, "", "q", "1");
    assertThat(second.got).isEmpty();
    assertThat(third.got).containsExactly("1");
  }

  @Test
  void nobodyConsumesItExclusively() {
    var exclusive = new ConsumeRequest("q", false, Mode.EXCLUSIVE, 0, 0);
    assertThatThrownBy(() -> client.consume(exclusive))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("queue 'q' in vhost '/' in exclusive use");
    Consuming shared = client.consume(request(0, 0));
    run.publish(client, "", "q", "1");
    assertThat(shared.got).containsExactly("1");
  }

  @Test
  void allAreToldOfTheQueuesEnd() {
    Consuming first = client.consume(request(0, 0));
    Consuming second = far.consume(request(0, 0));
    run.publish(client, "", "q", "1");
    client.ask((Attachment p, Completion<Long> done) -> p.deleteQueue("q", false, false, done));
    assertThat(first.got).containsExactly("1", "QUEUE_DELETED");
    assertThat(second.got).containsExactly("QUEUE_DELETED");
  }

  @Test
  void anAutoDeleteQueueGoesWithTheLastOfThem() {
    declare("passing", true);
    var shared = RestartableBroker.shared("passing");
    Consuming first = client.consume(shared);
    Consuming second = far.consume(shared);
    cancel(first);
    run.publish(client, "", "passing", "1");
    assertThat(second.got).containsExactly("1");
    assertThat(run.queues()).contains("passing:0");
    cancel(second);
    assertThat(run.queues()).noneMatch(queue -> queue.startsWith("passing"));
  }

  @Test
  void aSingleMessageMayBeTakenByAnybody() {
    client.consume(request(1, 0));
    run.publish(client, "", "q", "1", "2");
    assertThat(run.get(far, "q").orElseThrow().message().text()).isEqualTo("2");
  }
}

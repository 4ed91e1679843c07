package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueOptions;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.engine.definitions.Records;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues whose messages come by priority. */
@Tag("amqp091:x-max-priority")
class PrioritiesTest {

  private static final int HIGHEST = 5;

  private final RestartableBroker run = new RestartableBroker();
  private TestClient client = run.client("client");

  @BeforeEach
  void declare() {
    declare("q", QueueOptions.none().maxPriority(HIGHEST));
  }

  private void declare(String queue, QueueOptions options) {
    run.declare(client, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private Message message(int priority, String text) {
    Message.Builder builder = Message.builder("").persistent();
    MessageProperties properties =
        (priority < 0 ? builder : builder.priority(priority)).build().properties();
    return client.message("", "q", properties, text);
  }

  private void publish(int priority, String text) {
    client.act(p -> p.publishConfirmed(message(priority, text)));
  }

  private void settle(Fetched fetched, Settlement how) {
    client.act(p -> fetched.consumption().settle(fetched.deliveryId(), how));
  }

  private void crash() {
    run.crash();
    client = run.client("client");
  }

  @Test
  void theHighestComesFirstAndOfOnePriorityTheOldest() {
    publish(-1, "none");
    publish(3, "3a");
    publish(0, "0");
    publish(9, "9");
    publish(5, "5");
    publish(3, "3b");
    assertThat(run.drain(client, "q")).containsExactly("9", "5", "3a", "3b", "none", "0");
  }

  @Test
  void aConsumerGetsTheHighestAmongWhatWaitsForIt() {
    Consuming consumer = client.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 0));
    publish(0, "first");
    publish(1, "low");
    publish(4, "high");
    consumer.settle(0, Settlement.ACCEPT);
    publish(5, "highest");
    consumer.settle(1, Settlement.ACCEPT);
    consumer.settle(2, Settlement.ACCEPT);
    assertThat(consumer.got).containsExactly("first", "high", "highest", "low");
  }

  @Test
  void whatComesBackHasItsOldPlaceAmongItsOwn() {
    publish(2, "2a");
    publish(2, "2b");
    publish(1, "1a");
    Fetched first = run.get(client, "q").orElseThrow();
    publish(2, "2c");
    publish(4, "4");
    settle(first, Settlement.REQUEUE);
    assertThat(run.drain(client, "q")).containsExactly("4", "2a*", "2b", "2c", "1a");
  }

  /** The window is of four messages, so nearly all of them are only in the store. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void manyMoreThanFitInMemoryComeInOrderAlsoAfterARestart(boolean crash) {
    record Sent(int priority, String text) {}
    List<Sent> sent = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      var next = new Sent(i * 7 % 6, "m" + i);
      sent.add(next);
      publish(next.priority, next.text);
    }
    sent.sort(Comparator.comparing(Sent::priority).reversed());
    List<String> expected = new ArrayList<>(sent.stream().map(Sent::text).toList());
    for (int i = 0; i < 20; i++) {
      Fetched next = run.get(client, "q").orElseThrow();
      assertThat(next.message().text()).isEqualTo(expected.remove(0));
      settle(next, Settlement.ACCEPT);
    }
    if (crash) {
      crash();
      assertThat(run.queues()).contains("q:280");
    }
    publish(5, "late 5");
    publish(0, "late 0");
    expected.add(30, "late 5");
    expected.add("late 0");
    assertThat(run.drain(client, "q").stream().map(text -> text.replace("*", "")))
        .containsExactlyElementsOf(expected);
    crash();
    assertThat(run.queues()).contains("q:0");
  }

  @Test
  void whatIsTooOldGoesThoughSomethingHigherIsBeforeIt() {
    publish(5, "high");
    MessageProperties soonOld =
        Message.builder("").persistent().expiration(Duration.ofMillis(100)).build().properties();
    client.act(p -> p.publishConfirmed(client.message("", "q", soonOld, "low")));
    run.loops.advance(100);
    run.loops.run();
    assertThat(run.broker.metrics().dropped("expired")).isEqualTo(1);
    assertThat(run.drain(client, "q")).containsExactly("high");
  }

  /** As with RabbitMQ: the head of the queue is what would be delivered next. */
  @Test
  void beyondItsLengthTheHeadIsDropped() {
    declare("bounded", QueueOptions.none().maxPriority(HIGHEST).maxLength(2));
    for (int priority : List.of(1, 3, 2)) {
      client.act(
          p ->
              p.publishConfirmed(
                  client.message(
                      "",
                      "bounded",
                      Message.builder("").persistent().priority(priority).build().properties(),
                      "" + priority)));
    }
    assertThat(run.drain(client, "bounded")).containsExactly("2", "1");
    assertThat(run.broker.metrics().dropped("max-length")).isEqualTo(1);
  }

  @Test
  void ofAPurgedQueueAndOfADeletedOneNothingIsLeftInTheStore() throws IOException {
    for (int i = 0; i < 60; i++) {
      publish(i % 6, "old");
    }
    long purged = client.ask((Attachment p, Completion<Long> done) -> p.purgeQueue("q", done));
    assertThat(purged).isEqualTo(60);
    publish(4, "kept");
    crash();
    assertThat(run.queues()).contains("q:1");
    assertThat(stored()).hasSize(1);
    client.ask((Attachment p, Completion<Long> done) -> p.deleteQueue("q", false, false, done));
    assertThat(stored()).isEmpty();
    declare();
    publish(2, "new");
    crash();
    assertThat(run.drain(client, "q")).containsExactly("new");
    run.crash();
    assertThat(stored()).isEmpty();
  }

  /** Returns the queues of which the store has messages. */
  private List<Long> stored() throws IOException {
    var all = new ArrayList<Long>();
    var recovery =
        new MessageStore.Recovery() {
          @Override
          public void definition(String table, String key, byte[] bytes) {}

          @Override
          public void queue(long queueId, long messages) {
            if (messages > 0) {
              all.add(queueId);
            }
          }
        };
    var context = new StoreContext(new Records(Map.of()), Limits.defaults());
    run.disk.asOf(run.disk.durableEntries()).open(context).recover(recovery);
    return all;
  }

  @Test
  void aTransactionAcceptsAMessageOfAnyPriority() {
    publish(0, "0");
    publish(4, "4");
    publish(2, "2");
    var transaction = client.openTransaction(m -> {});
    Fetched highest = run.get(client, "q").orElseThrow();
    client.act(
        p -> transaction.settle(highest.consumption(), highest.deliveryId(), Settlement.ACCEPT));
    client.act(p -> transaction.publish(message(3, "3"), false));
    client.ask((Attachment p, Completion<Done> done) -> transaction.commit(done));
    crash();
    assertThat(run.drain(client, "q").stream().map(text -> text.replace("*", "")))
        .containsExactly("3", "2", "0");
  }

  @Test
  void aDeadLetterKeepsItsPriority() {
    declare("dead", QueueOptions.none().maxPriority(2));
    declare("source", QueueOptions.none().maxPriority(9).deadLetterTo("", "dead"));
    for (int priority : List.of(0, 8, 1)) {
      MessageProperties properties =
          Message.builder("").persistent().priority(priority).build().properties();
      client.act(p -> p.publishConfirmed(client.message("", "source", properties, "" + priority)));
    }
    for (int i = 0; i < 3; i++) {
      settle(run.get(client, "source").orElseThrow(), Settlement.REJECT);
    }
    crash();
    assertThat(run.queues()).contains("source:0", "dead:3");
    assertThat(run.drain(client, "dead")).containsExactly("8", "1", "0");
  }

  @Test
  @Tag("amqp091:x-queue-type=quorum")
  void ofAQuorumQueueTwoHighOnesComeBeforeOneThatIsNot() {
    var quorum = Map.<String, Object>of(QueueOptions.TYPE, "quorum");
    run.declare(client, new QueueDeclaration("quorum", true, false, false, quorum, null));
    int number = 0;
    for (int priority : List.of(0, 4, -1, 5, 9, 5, 5, 255, 1)) {
      Message.Builder builder = Message.builder("").persistent();
      MessageProperties properties =
          (priority < 0 ? builder : builder.priority(priority)).build().properties();
      String text = (priority > 4 ? "high " : "") + number++;
      client.act(p -> p.publishConfirmed(client.message("", "quorum", properties, text)));
    }
    crash();
    assertThat(run.drain(client, "quorum"))
        .containsExactly("high 3", "high 4", "0", "high 5", "high 6", "1", "high 7", "2", "8");
  }
}

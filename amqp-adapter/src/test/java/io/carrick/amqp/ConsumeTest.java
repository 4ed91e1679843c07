package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.BasicMethod.Ack;
import io.carrick.amqp.codec.BasicMethod.Cancel;
import io.carrick.amqp.codec.BasicMethod.CancelOk;
import io.carrick.amqp.codec.BasicMethod.Consume;
import io.carrick.amqp.codec.BasicMethod.ConsumeOk;
import io.carrick.amqp.codec.BasicMethod.Deliver;
import io.carrick.amqp.codec.BasicMethod.Get;
import io.carrick.amqp.codec.BasicMethod.GetEmpty;
import io.carrick.amqp.codec.BasicMethod.GetOk;
import io.carrick.amqp.codec.BasicMethod.Nack;
import io.carrick.amqp.codec.BasicMethod.Qos;
import io.carrick.amqp.codec.BasicMethod.QosOk;
import io.carrick.amqp.codec.BasicMethod.Reject;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delivering, acknowledging and what bounds it. AMQP 0-9-1 §1.8 */
class ConsumeTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  /** On one loop, where the queues are. */
  private RawClient publisher;

  /** On the other loop. */
  private RawClient consumer;

  @BeforeEach
  void connect() {
    publisher = RawClient.open(broker).channel(1);
    consumer = RawClient.open(broker).channel(1);
  }

  private void queue(String queue, String... bodies) {
    publisher.send(1, new QueueMethod.Declare(queue, false, false, false, false, true, Map.of()));
    for (String body : bodies) {
      publish(queue, body);
    }
  }

  private void publish(String queue, String body) {
    publisher.bytes(
        RawClient.content(
            1,
            new BasicMethod.Publish("", RoutingKey.ofKey(queue), false, false),
            new byte[2],
            body.getBytes(StandardCharsets.UTF_8),
            4_000));
  }

  private static Consume consume(String queue, String tag, boolean noAck) {
    return new Consume(queue, tag, false, noAck, false, true, Map.of());
  }

  private static Qos qos(int prefetch, boolean global) {
    return new Qos(0, prefetch, global);
  }

  /** Takes the next delivery and its body; returns body, tag and R if it was redelivered. */
  private static String delivery(RawClient from) {
    Deliver deliver = from.next(Deliver.class);
    return from.body() + "#" + deliver.deliveryTag() + (deliver.redelivered() ? "R" : "");
  }

  private static String get(RawClient from, String queue, boolean noAck) {
    from.send(1, new Get(queue, noAck));
    Method answer = from.next();
    if (answer instanceof GetEmpty) {
      return "empty";
    }
    GetOk ok = (GetOk) answer;
    return from.body()
        + "#"
        + ok.deliveryTag()
        + (ok.redelivered() ? "R" : "")
        + "+"
        + ok.messages();
  }

  private static void assertChannelCloses(RawClient client, int code) {
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(code);
  }

  // ---- get

  @Test
  @Tag("amqp091:basic.get")
  @Tag("amqp091:basic.get-ok")
  @Tag("amqp091:basic.get-empty")
  void getTakesOneAndTellsHowManyAreLeft() {
    queue("q", "a", "b");
    assertThat(get(consumer, "q", true)).isEqualTo("a#1+1");
    assertThat(get(consumer, "q", false)).isEqualTo("b#2+0");
    assertThat(get(consumer, "q", true)).isEqualTo("empty");
  }

  @Test
  void whatAGetGivesBackGoesToAWaitingConsumer() {
    queue("q", "a");
    assertThat(get(consumer, "q", false)).isEqualTo("a#1+0");
    publisher.send(1, consume("q", "t", true));
    consumer.send(1, new Reject(1, true));
    assertThat(delivery(publisher)).isEqualTo("a#1R");
  }

  // ---- acknowledging

  @Test
  @Tag("amqp091:basic.nack")
  void requeuedMessagesGoToTheirOldPlaces() {
    queue("q", "a", "b", "c", "d");
    for (int i = 0; i < 4; i++) {
      get(consumer, "q", false);
    }
    consumer.send(1, new Nack(3, false, true), new Reject(1, true), new Nack(4, false, true));
    assertThat(get(consumer, "q", true)).isEqualTo("a#5R+2");
    assertThat(get(consumer, "q", true)).isEqualTo("c#6R+1");
    assertThat(get(consumer, "q", true)).isEqualTo("d#7R+0");
  }

  @Test
  @Tag("amqp091:basic.ack")
  void multipleSettlesEverythingUpToATagAndZeroEverything() {
    queue("q", "a", "b", "c", "d");
    for (int i = 0; i < 4; i++) {
      get(consumer, "q", false);
    }
    consumer.send(1, new Ack(2, true), new Nack(0, true, true));
    assertThat(get(consumer, "q", true)).isEqualTo("c#5R+1");
    assertThat(get(consumer, "q", true)).isEqualTo("d#6R+0");
    consumer.send(1, new Ack(0, true)); // nothing is left, and that is no error
    assertThat(get(consumer, "q", true)).isEqualTo("empty");
  }

  @Test
  @Tag("amqp091:basic.reject")
  void aRejectedMessageIsGone() {
    queue("q", "a", "b");
    get(consumer, "q", false);
    get(consumer, "q", false);
    consumer.send(1, new Reject(1, false), new Nack(2, false, false));
    assertThat(get(consumer, "q", true)).isEqualTo("empty");
    assertThat(broker.broker().metrics().dropped("rejected")).isEqualTo(2);
  }

  @Test
  void aTagIsSettledOnce() {
    queue("q", "a", "b");
    get(consumer, "q", false);
    get(consumer, "q", false);
    consumer.send(1, new Ack(1, false), new Ack(1, false));
    assertChannelCloses(consumer, 406);
    consumer.send(1, new ChannelMethod.CloseOk());
    consumer.channel(1);
    assertThat(get(consumer, "q", true)).isEqualTo("b#1R+0");
  }

  @ParameterizedTest
  @ValueSource(longs = {7, -1, 0})
  void anUnknownTagClosesTheChannel(long tag) {
    queue("q", "a");
    get(consumer, "q", false);
    consumer.send(1, new Nack(tag, false, true));
    assertChannelCloses(consumer, 406);
  }

  @Test
  void whatNeedsNoAcknowledgementHasNoTagToAcknowledge() {
    queue("q", "a");
    get(consumer, "q", true);
    consumer.send(1, new Ack(1, false));
    assertChannelCloses(consumer, 406);
  }

  @Test
  @Tag("amqp091:basic.recover-async")
  void recoverDeliversEverythingOnTheChannelAgain() {
    queue("q", "a", "b");
    consumer.send(1, consume("q", "t", false));
    assertThat(delivery(consumer)).isEqualTo("a#1");
    assertThat(delivery(consumer)).isEqualTo("b#2");
    consumer.send(1, new BasicMethod.Recover(true));
    consumer.next(BasicMethod.RecoverOk.class);
    List<String> again = List.of(delivery(consumer), delivery(consumer));
    assertThat(again).containsExactlyInAnyOrder("a#3R", "b#4R");
    consumer.send(1, new BasicMethod.RecoverAsync(true));
    delivery(consumer);
    delivery(consumer);
    assertThat(consumer.silent()).isTrue();
  }

  // ---- consumers

  @Test
  @Tag("amqp091:basic.consume")
  @Tag("amqp091:basic.consume-ok")
  void aConsumerWithoutATagIsGivenOne() {
    queue("q", "a");
    consumer.send(1, new Consume("q", "", false, true, false, false, Map.of()));
    String tag = consumer.next(ConsumeOk.class).consumerTag();
    assertThat(tag).startsWith("amq.ctag-");
    assertThat(consumer.next(Deliver.class).consumerTag()).isEqualTo(tag);
  }

  @Test
  void aTagIsOneConsumersOnItsChannel() {
    queue("q");
    consumer.channel(2);
    consumer.send(1, consume("q", "t", true));
    consumer.send(2, consume("q", "t", true));
    consumer.send(1, consume("q", "t", true));
    assertThat(consumer.next(ConnectionMethod.Close.class).code()).isEqualTo(530);
  }

  @Test
  @Tag("amqp091:exclusive-consumer")
  void anExclusiveConsumerIsAlone() {
    queue("q");
    consumer.send(1, new Consume("q", "t", false, true, true, true, Map.of()));
    publisher.send(1, consume("q", "u", true));
    assertChannelCloses(publisher, 403);
    consumer.send(1, new Cancel("t", false));
    consumer.next(CancelOk.class);
    consumer.send(1, consume("q", "v", true));
    assertThat(get(consumer, "q", true)).isEqualTo("empty");
  }

  @Test
  @Tag("amqp091:basic.cancel")
  @Tag("amqp091:basic.cancel-ok")
  void aCancelledConsumerMayStillAcknowledge() {
    queue("q", "a", "b");
    consumer.send(1, consume("q", "t", false));
    delivery(consumer);
    delivery(consumer);
    consumer.send(1, new Cancel("t", false));
    assertThat(consumer.next(CancelOk.class).consumerTag()).isEqualTo("t");
    publish("q", "c");
    assertThat(consumer.silent()).isTrue();
    consumer.send(1, new Ack(1, false), new Nack(2, false, true));
    assertThat(get(consumer, "q", true)).isEqualTo("b#3R+1");
    assertThat(get(consumer, "q", true)).isEqualTo("c#4+0");
  }

  @Test
  void cancellingWhatIsNotThereIsAnswered() {
    consumer.send(1, new Cancel("none", false));
    assertThat(consumer.next(CancelOk.class).consumerTag()).isEqualTo("none");
    consumer.send(1, new Cancel("none", true));
    assertThat(consumer.silent()).isTrue();
  }

  @Test
  void aConsumerHearsThatItsQueueIsGone() {
    queue("q");
    consumer.send(1, consume("q", "t", false));
    publisher.send(1, new QueueMethod.Delete("q", false, false, true));
    assertThat(consumer.next()).isEqualTo(new Cancel("t", true));
    queue("q", "a");
    consumer.send(1, consume("q", "t", true));
    assertThat(delivery(consumer)).isEqualTo("a#1");
  }

  @Test
  @Tag("amqp091:consumer_cancel_notify")
  void whoDoesNotKnowOfCancelledConsumersIsNotTold() {
    var old = new RawClient(broker.peer("amqp"));
    old.bytes(RawClient.PROTOCOL_HEADER);
    old.next();
    old.send(0, RawClient.plain("guest", "guest", Map.of()));
    old.next();
    old.send(0, new ConnectionMethod.TuneOk(10, 4_096, 0), new ConnectionMethod.Open("/"));
    old.next(ConnectionMethod.OpenOk.class);
    old.channel(1);
    queue("q");
    old.send(1, consume("q", "t", false));
    publisher.send(1, new QueueMethod.Delete("q", false, false, true));
    assertThat(old.silent()).isTrue();
    old.channel(2);
  }

  @Test
  @Tag("amqp091:x-priority")
  void aConsumerOfHigherPriorityIsServedFirst() {
    queue("q");
    consumer.send(1, new Consume("q", "low", false, true, false, true, Map.of("x-priority", -1)));
    consumer.send(1, new Consume("q", "high", false, true, false, true, Map.of("x-priority", 5)));
    publish("q", "a");
    assertThat(consumer.next(Deliver.class).consumerTag()).isEqualTo("high");
    consumer.body();
    consumer.send(1, new Consume("q", "t", false, true, false, true, Map.of("x-priority", "x")));
    assertChannelCloses(consumer, 406);
  }

  // ---- prefetch

  @Test
  void prefetchBoundsEachConsumerThatComesAfterIt() {
    queue("q", "1", "2", "3", "4", "5");
    consumer.send(1, qos(1, false));
    consumer.next(QosOk.class);
    consumer.send(1, consume("q", "one", false));
    consumer.send(1, qos(2, false), consume("q", "two", false));
    assertThat(delivery(consumer)).isEqualTo("1#1");
    consumer.next(QosOk.class);
    assertThat(delivery(consumer)).isEqualTo("2#2");
    assertThat(delivery(consumer)).isEqualTo("3#3");
    assertThat(consumer.silent()).isTrue();
    consumer.send(1, new Ack(1, false));
    Deliver next = consumer.next(Deliver.class);
    assertThat(next.consumerTag()).isEqualTo("one");
    assertThat(consumer.body()).isEqualTo("4");
    assertThat(consumer.silent()).isTrue();
  }

  @Test
  void globalPrefetchBoundsTheChannelAndChangesAtOnce() {
    queue("a", "1", "2", "3", "4");
    queue("b", "5", "6", "7", "8");
    consumer.send(1, qos(1, true), consume("a", "a", false), consume("b", "b", false));
    consumer.next(QosOk.class);
    assertThat(bodies()).hasSize(1);
    consumer.send(1, qos(3, true));
    consumer.next(QosOk.class);
    assertThat(bodies()).hasSize(2);
    consumer.send(1, qos(0, true));
    consumer.next(QosOk.class);
    assertThat(bodies()).hasSize(5);
    assertThat(get(publisher, "a", true)).isEqualTo("empty");
    assertThat(get(publisher, "b", true)).isEqualTo("empty");
  }

  @Test
  void consumersShareAGlobalPrefetchFairly() {
    queue("a", "a", "a", "a", "a");
    queue("b", "b", "b", "b", "b");
    consumer.send(1, qos(1, true), consume("a", "a", false), consume("b", "b", false));
    consumer.next(QosOk.class);
    var seen = new ArrayList<String>();
    for (int tag = 1; tag <= 6; tag++) {
      List<String> now = bodies();
      assertThat(now).hasSize(1);
      seen.addAll(now);
      consumer.send(1, new Ack(tag, false));
    }
    // The first was served before there was a second; from then on they take turns.
    assertThat(seen).containsExactly("a", "a", "b", "a", "b", "a");
  }

  @Test
  void whatGoesBeyondAGlobalPrefetchStaysInItsQueue() {
    queue("a", "1");
    queue("b", "2");
    consumer.send(1, qos(1, true), consume("a", "a", false), consume("b", "b", false));
    consumer.next(QosOk.class);
    assertThat(bodies()).containsExactly("1");
    assertThat(get(publisher, "b", true)).isEqualTo("2#1+0");
  }

  /** Takes the bodies of everything that has been delivered. */
  private List<String> bodies() {
    var bodies = new ArrayList<String>();
    while (!consumer.silent()) {
      consumer.next(Deliver.class);
      bodies.add(consumer.body());
    }
    return bodies;
  }

  // ---- channels

  @Test
  void oneChannelWaitsAndTheOthersGoOn() {
    queue("far", "a");
    consumer.channel(2);
    byte[] far = RawClient.frames(1, new Get("far", true), new Qos(0, 1, false));
    byte[] near = RawClient.frames(2, new Qos(0, 1, false));
    byte[] both = new byte[far.length + near.length];
    System.arraycopy(far, 0, both, 0, far.length);
    System.arraycopy(near, 0, both, far.length, near.length);
    consumer.bytes(both);
    assertThat(consumer.nextFrame().channel()).isEqualTo(2);
    consumer.next(GetOk.class);
    assertThat(consumer.body()).isEqualTo("a");
    consumer.next(QosOk.class);
  }
}

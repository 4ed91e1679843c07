package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Limit;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Replies;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An address for replies is no queue: what comes there is handed over at once, or not at all. */
@Tag("amqp091:direct-reply-to")
class RepliesTest {

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");
  private final TestClient.Consuming got = near.new Consuming();
  private final Replies replies = open();

  private Replies open() {
    var opened = new ArrayList<Replies>();
    near.act(p -> opened.add(p.openReplies("replies.", got)));
    got.consumption = opened.get(0).consumption();
    return opened.get(0);
  }

  private boolean reply(TestClient by, String text) {
    var routed = new ArrayList<Boolean>();
    by.act(
        p ->
            routed.add(
                p.publish(by.message("", replies.address(), RestartableBroker.PERSISTENT, text))));
    return routed.get(0);
  }

  @Test
  void repliesComeFromEitherLoopAndNothingIsStored() {
    int before = run.disk.durableEntries();

    assertThat(reply(near, "1")).isTrue();
    assertThat(reply(far, "2")).isTrue();

    assertThat(got.got).containsExactly("1", "2");
    assertThat(run.disk.durableEntries()).isEqualTo(before);
    assertThat(replies.address()).startsWith("replies.").hasSizeGreaterThan(40);
  }

  @Test
  void anAddressIsNotAmongTheQueuesAndNobodyCanUseItAsOne() {
    assertThat(run.queues()).isEmpty();
    String address = replies.address();
    assertThatThrownBy(
            () -> far.ask((Attachment p, Completion<QueueInfo> done) -> p.findQueue(address, done)))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> far.consume(RestartableBroker.shared(address)))
        .isInstanceOf(NotFoundException.class);
    assertThat(
            far.ask(
                (Attachment p, Completion<Long> done) ->
                    p.deleteQueue(address, false, false, done)))
        .isZero();
    far.act(p -> assertThat(p.hasReplies(address)).isTrue());
    far.act(p -> assertThat(p.hasReplies("replies.other")).isFalse());

    assertThat(reply(far, "still there")).isTrue();
    assertThat(got.got).containsExactly("still there");
  }

  @Test
  void anAddressGoesWithItsConsumption() {
    near.ask((Attachment p, Completion<Done> done) -> replies.consumption().cancel(done));

    assertThat(reply(far, "too late")).isFalse();
    far.act(p -> assertThat(p.hasReplies(replies.address())).isFalse());
    assertThat(got.got).isEmpty();
  }

  @Test
  void anAddressGoesWithItsClient() {
    near.act(Attachment::close);

    assertThat(reply(far, "too late")).isFalse();
    assertThat(run.broker.metrics().value("messages.unroutable")).isEqualTo(1);
  }

  @Test
  void whoDoesNotReadItsRepliesHoldsTheirPublishersUpForAWhileAndThenLosesThem() {
    near.act(p -> replies.consumption().writable(false));

    reply(far, "taken still");
    assertThat(far.told).contains("pause SLOW_CONSUMER");
    run.loops.advance(Limit.SLOW_CONSUMER_PAUSE_MS.byDefault());
    assertThat(far.told).contains("resume SLOW_CONSUMER");
    reply(far, "dropped");
    reply(near, "dropped as well");

    assertThat(got.got).isEqualTo(List.of("taken still"));
    assertThat(run.broker.metrics().value("messages.dropped{reason=slow-consumer}")).isEqualTo(2);
    near.act(p -> replies.consumption().writable(true));
    reply(far, "again");
    assertThat(got.got).containsExactly("taken still", "again");
  }
}

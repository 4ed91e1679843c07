package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a session outlives its client, and who hears of its end. */
class SessionLifeTest {

  private static final String QUEUE = "mqtt.session.client";

  private final RestartableBroker run = new RestartableBroker();

  private TestClient withSession(boolean far) {
    TestClient client = far ? run.farClient("client") : run.client("client");
    run.declare(client, session("client"));
    return client;
  }

  private static void expires(TestClient client, long afterMs) {
    client.ask((Attachment p, Completion<Done> done) -> p.sessionExpiry(QUEUE, afterMs, done));
  }

  private static void leave(TestClient client) {
    client.act(Attachment::close);
  }

  private void remember(TestClient client) {
    client.act(p -> p.sessionTable("client").put(1, new byte[1]));
  }

  private int remembered() {
    var keys = new ArrayList<Integer>();
    run.client("client").port.sessionTable("client").forEach((key, record) -> keys.add(key));
    return keys.size();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSessionEndsSoLongAfterItsLastConsumerAndItsAdapterIsTold(boolean far) {
    withSession(far);
    TestClient client = run.client("client");
    client.consume(lease("client"));
    remember(client);
    expires(client, 10_000);
    run.loops.advance(60_000);
    assertThat(run.queues()).as("while it is consumed").hasSize(1);

    leave(client);
    run.loops.advance(9_999);
    assertThat(run.queues()).hasSize(1);
    assertThat(run.ended()).isEmpty();
    run.loops.advance(1);

    assertThat(run.queues()).isEmpty();
    assertThat(run.ended()).containsExactly("client EXPIRED");
    assertThat(remembered()).isZero();
  }

  @Test
  void aClientThatComesBackInTimeFindsItsSessionAndTheTimeStartsAnew() {
    TestClient client = withSession(false);
    expires(client, 10_000);
    run.loops.advance(9_000);
    client.consume(lease("client"));
    run.loops.advance(9_000);
    leave(client);
    run.loops.advance(9_000);
    assertThat(run.queues()).hasSize(1);
    run.loops.advance(1_000);
    assertThat(run.ended()).containsExactly("client EXPIRED");
  }

  @Test
  void theTimeCanBeChangedInEitherDirectionWhileTheSessionLives() {
    TestClient client = withSession(false);
    expires(client, 1_000);
    client.consume(lease("client"));
    expires(client, Long.MAX_VALUE);
    leave(client);
    run.loops.advance(1_000_000);
    assertThat(run.queues()).hasSize(1);

    TestClient again = run.client("client");
    again.consume(lease("client"));
    expires(again, 0); // as at DISCONNECT
    assertThat(run.queues()).hasSize(1);
    leave(again);
    assertThat(run.queues()).isEmpty();
    assertThat(run.ended()).containsExactly("client EXPIRED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTimeGoesOnWhileTheBrokerIsDown(boolean clean) {
    TestClient client = withSession(false);
    remember(client);
    client.consume(lease("client"));
    expires(client, 10_000);
    if (!clean) {
      leave(client);
    }
    run.loops.advance(4_000);
    if (clean) {
      run.restart(); // which closes the client
    }
    run.crash(4_000);
    assertThat(run.queues()).hasSize(1);
    assertThat(remembered()).isEqualTo(1);

    run.crash(clean ? 6_000 : 2_000);

    assertThat(run.queues()).isEmpty();
    assertThat(run.ended()).containsExactly("client EXPIRED");
    assertThat(remembered()).isZero();
    run.crash();
    assertThat(run.queues()).as("for good").isEmpty();
    assertThat(run.ended()).isEmpty();
  }

  @Test
  void whatIsLeftOfTheTimeAfterARestartRunsOut() {
    TestClient client = withSession(false);
    expires(client, 10_000);
    run.crash(4_000);
    run.loops.advance(5_999);
    assertThat(run.queues()).hasSize(1);
    run.loops.advance(1);
    assertThat(run.ended()).containsExactly("client EXPIRED");
  }

  @Test
  void whoWasThereWhenTheBrokerCrashedHasItsTimeFromTheNextStartOn() {
    TestClient client = withSession(false);
    expires(client, 10_000);
    run.loops.advance(9_000);
    client.consume(lease("client"));
    run.crash(50_000);
    assertThat(run.queues()).hasSize(1);
    run.loops.advance(10_000);
    assertThat(run.ended()).containsExactly("client EXPIRED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSessionThatIsDeletedHasEndedWhenTheAnswerComes(boolean far) {
    withSession(far);
    TestClient holder = far ? run.client("client") : run.farClient("client");
    Consuming consuming = holder.consume(lease("client"));
    remember(holder);
    TestClient other = run.client("client");

    var atTheAnswer = new ArrayList<String>();
    var answered =
        new Then(
            () -> {
              atTheAnswer.addAll(consuming.got);
              atTheAnswer.addAll(run.ended());
            });
    other.act(p -> p.deleteQueue(QUEUE, false, false, answered));

    assertThat(atTheAnswer).containsExactly("QUEUE_DELETED", "client DELETED");
    assertThat(remembered()).isZero();
  }

  @Test
  void whatACrashLeavesOfALifeWhoseQueueIsGoneIsForgotten() {
    TestClient near = withSession(false);
    run.farClient("client").consume(lease("client"));
    expires(near, 10_000);
    // The queue goes, and who consumes it on the other loop is not told any more.
    run.loops.first.turn(() -> near.port.deleteQueue(QUEUE, false, false, new Then(() -> {})));
    assertThat(run.disk.keys("life")).hasSize(1);

    run.crash();

    assertThat(run.queues()).isEmpty();
    assertThat(run.disk.keys("life")).isEmpty();
  }

  @Test
  void aSessionThatGoesWithItsConnectionHasLeft() {
    TestClient client = run.client("client");
    SessionQueue session = SessionQueue.of("client", PortAdapter.ADMISSION);
    run.declare(client, new QueueDeclaration(QUEUE, false, false, true, Map.of(), session));
    client.consume(lease("client"));
    leave(client);
    assertThat(run.ended()).containsExactly("client LEFT");
  }

  @Test
  void onlyASessionHasSuchATimeAndOnlyItsClientChangesIt() {
    TestClient client = withSession(false);
    client.declare("q");
    assertThatThrownBy(
            () ->
                client.ask((Attachment p, Completion<Done> done) -> p.sessionExpiry("q", 1, done)))
        .isInstanceOf(PreconditionFailedException.class);
    assertThatThrownBy(() -> expires(run.client("other"), 1))
        .isInstanceOf(AccessRefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSharedQueueAdmitsTheClientsThatItsAdmissionNames(boolean restarted) {
    String queue = "mqtt.shared.team";
    SessionQueue session = SessionQueue.of("team", PortAdapter.SHARED);
    run.declare(
        run.client("team-1"), new QueueDeclaration(queue, true, false, false, Map.of(), session));
    if (restarted) {
      run.crash();
    }
    TestClient one = run.client("team-1");
    Consuming first = one.consume(shared(queue));
    Consuming second = run.farClient("team-2").consume(shared(queue));
    run.publish(one, "", queue, "1", "2");
    assertThat(first.got).hasSize(1);
    assertThat(second.got).hasSize(1);
    assertThatThrownBy(() -> run.client("stranger").consume(shared(queue)))
        .isInstanceOf(AccessRefusedException.class);
  }

  /** Runs something when a number comes. */
  private record Then(Runnable task) implements Completion<Long> {

    @Override
    public void completed(Long value) {
      task.run();
    }

    @Override
    public void failed(io.carrick.BrokerException reason) {
      throw reason;
    }
  }
}

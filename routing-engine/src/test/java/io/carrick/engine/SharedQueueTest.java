package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.session;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.SessionInfo;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue that several sessions share: who gets what, and what becomes of it when they go. */
class SharedQueueTest {

  private static final String QUEUE = "mqtt.share.g.1";
  private static final String KEY = "a.b";

  private final RestartableBroker run = new RestartableBroker();
  private TestClient publisher = run.client("publisher");

  /** One who shares the queue. */
  private final class Member {
    final TestClient client;
    final String queue;

    Member(String name, boolean far) {
      client = far ? run.farClient(name) : run.client(name);
      queue = "mqtt.session." + name;
    }

    int join(int qos) {
      return join(QUEUE, "g/a.b", qos);
    }

    int join(String shared, String what, int qos) {
      var declaration =
          new QueueDeclaration(
              shared, true, false, false, Map.of(), SessionQueue.of(what, PortAdapter.SHARING));
      var binding = Binding.of("amq.topic", shared, KEY);
      return client.ask(
          (Attachment p, Completion<Integer> done) ->
              p.join(new JoinRequest(declaration, binding, queue, qos), done));
    }

    int leave() {
      return client.ask((Attachment p, Completion<Integer> done) -> p.leave(QUEUE, queue, done));
    }

    Consuming consume(int most) {
      return client.consume(new ConsumeRequest(QUEUE, false, Mode.SHARED, most, 0).asMember(queue));
    }

    void go() {
      client.act(Attachment::close);
    }

    void endSession() {
      client.ask((Attachment p, Completion<Long> done) -> p.deleteQueue(queue, false, false, done));
    }
  }

  private Member member(String name) {
    return member(name, false);
  }

  /** One with a session, that has not joined. */
  private Member member(String name, boolean far) {
    var member = new Member(name, far);
    run.declare(member.client, session(name));
    return member;
  }

  private void publish(String... texts) {
    run.publish(publisher, "amq.topic", KEY, texts);
  }

  private List<String> shares() {
    return run.queues().stream().filter(q -> q.startsWith("mqtt.share")).toList();
  }

  private long dropped(String reason) {
    return run.broker.metrics().dropped(reason);
  }

  private static void accept(Consuming c, int... which) {
    for (int i : which) {
      c.settle(i, Settlement.ACCEPT);
    }
  }

  // ---- members

  @Test
  void aQueueIsThereAsLongAsASessionHasAPartInIt() {
    Member a = member("a");
    Member b = member("b", true);
    assertThat(a.join(1)).isEqualTo(1);
    assertThat(b.join(1)).isEqualTo(1);
    assertThat(a.join(2)).as("again").isZero();
    assertThat(a.client.port.memberships(a.queue))
        .containsExactly(new io.carrick.spi.Membership(QUEUE, 2, true));
    assertThat(run.broker.sessions())
        .extracting(SessionInfo::name, SessionInfo::subscriptions)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("a", 1),
            org.assertj.core.groups.Tuple.tuple("b", 1));

    assertThat(a.leave()).isEqualTo(1);
    assertThat(a.leave()).as("again").isZero();
    publish("1");
    assertThat(shares()).containsExactly(QUEUE + ":1");
    b.endSession();
    assertThat(shares()).isEmpty();
    assertThat(run.ended()).containsExactly("b DELETED");
    assertThat(dropped("queue-deleted")).isEqualTo(1);
  }

  @Test
  void whatIsSharedIsComparedAndNotOnlyItsName() {
    member("a").join(1);
    Member b = member("b");
    assertThatThrownBy(() -> b.join(QUEUE, "g/another", 1))
        .isInstanceOf(PreconditionFailedException.class);
    b.client.declare("q");
    assertThatThrownBy(() -> b.join("q", "g/another", 1))
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void othersNeitherBindNorDeleteItAndNobodyHasItAlone() {
    member("a").join(1);
    TestClient other = run.client("other");
    assertThatThrownBy(() -> other.bind(Binding.of("amq.fanout", QUEUE, "")))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(
            () ->
                other.ask(
                    (Attachment p, Completion<Long> done) ->
                        p.deleteQueue(QUEUE, false, false, done)))
        .isInstanceOf(AccessRefusedException.class);
    for (Mode mode : List.of(Mode.EXCLUSIVE, Mode.LEASE)) {
      assertThatThrownBy(() -> other.consume(new ConsumeRequest(QUEUE, false, mode, 0, 0)))
          .isInstanceOf(AccessRefusedException.class);
    }
    assertThatThrownBy(() -> other.consume(shared(QUEUE).asMember("mqtt.session.a")))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> member("b").consume(0)).isInstanceOf(NotFoundException.class);
  }

  // ---- whose turn it is

  @Test
  void whoHasLeastToSettleIsNextAndOfSeveralWhoHasWaitedLongest() {
    Consuming[] all = new Consuming[3];
    for (int i = 0; i < all.length; i++) {
      Member m = member("m" + i, i == 1);
      m.join(1);
      all[i] = m.consume(10);
    }
    publish("1", "2", "3", "4");
    assertThat(all[0].got).containsExactly("1/q1", "4/q1");
    assertThat(all[1].got).containsExactly("2/q1");
    assertThat(all[2].got).containsExactly("3/q1");
    accept(all[0], 0, 1);
    publish("5", "6", "7");
    assertThat(all[0].got).containsExactly("1/q1", "4/q1", "5/q1");
    assertThat(all[1].got).containsExactly("2/q1", "6/q1");
    assertThat(all[2].got).containsExactly("3/q1", "7/q1");
  }

  @Test
  void whatIsSettledByBeingSentGoesInTurn() {
    Consuming[] all = new Consuming[2];
    for (int i = 0; i < all.length; i++) {
      Member m = member("m" + i, i == 1);
      m.join(0);
      all[i] = m.consume(1);
    }
    publish("1", "2", "3", "4");
    assertThat(all[0].got).containsExactly("1/q0", "3/q0");
    assertThat(all[1].got).containsExactly("2/q0", "4/q0");
    assertThat(all[1].ids).containsExactly(0L, 0L);
    assertThat(shares()).containsExactly(QUEUE + ":0");
  }

  @Test
  void oneThatIsNoMemberCompetes() {
    Member a = member("a");
    a.join(1);
    Consuming mine = a.consume(10);
    Consuming others = run.farClient("other").consume(shared(QUEUE));
    publish("1", "2", "3");
    assertThat(mine.got).containsExactly("1/q1", "3/q1");
    assertThat(others.got).containsExactly("2");
    others.client().act(Attachment::close);
    assertThat(mine.got).containsExactly("1/q1", "3/q1", "2/q1*");
  }

  @Test
  void aMemberWithoutCreditIsPassedOverAndNoOneWaitsForIt() {
    Member a = member("a");
    Member b = member("b", true);
    a.join(1);
    b.join(1);
    Consuming slow = a.consume(1);
    Consuming quick = b.consume(3);
    publish("1", "2", "3", "4", "5", "6");
    assertThat(slow.got).containsExactly("1/q1");
    assertThat(quick.got).containsExactly("2/q1", "3/q1", "4/q1");
    accept(quick, 0);
    assertThat(quick.got).endsWith("5/q1");
    accept(slow, 0);
    assertThat(slow.got).endsWith("6/q1");
  }

  // ---- who goes

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAMemberHasNotSettledGoesToAnotherAtOnce(boolean far) {
    Member a = member("a", far);
    Member b = member("b");
    a.join(1);
    b.join(1);
    Consuming first = a.consume(10);
    publish("1", "2");
    assertThat(first.got).containsExactly("1/q1", "2/q1");
    Consuming second = b.consume(10);
    a.go();
    assertThat(second.got).containsExactly("1/q1*", "2/q1*");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAMemberHasBegunToGetExactlyOnceWaitsForItAlone(boolean far) {
    Member a = member("a", far);
    Member b = member("b");
    a.join(2);
    b.join(2);
    Consuming first = a.consume(2);
    publish("1", "2", "3");
    a.go();
    Consuming second = b.consume(10);
    assertThat(second.got).containsExactly("3/q2");
    Consuming again = new Member("a", !far).consume(1);
    assertThat(again.got).containsExactly("1/q2*");
    assertThat(again.ids).containsExactly(first.ids.get(0));
    accept(again, 0);
    assertThat(again.got).containsExactly("1/q2*", "2/q2*");
    accept(again, 1);
    accept(second, 0);
    publish("4", "5");
    assertThat(again.got.size() + second.got.size()).isEqualTo(5);
    assertThat(run.broker.queues())
        .filteredOn(q -> q.name().equals(QUEUE))
        .allMatch(q -> q.unsettled() == 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whenItsSessionEndsThatGoesAndIsCountedAndNobodyElseGetsIt(boolean connected) {
    Member a = member("a", true);
    Member b = member("b");
    a.join(2);
    b.join(2);
    a.consume(10);
    publish("1", "2");
    if (!connected) {
      a.go();
      new Member("a", false).endSession();
    } else {
      a.endSession();
    }
    Consuming second = b.consume(10);
    assertThat(connected ? 0 : dropped("session-ended")).isEqualTo(connected ? 0 : 2);
    a.go();
    publish("3");
    assertThat(second.got).containsExactly("3/q2");
    assertThat(dropped("session-ended")).isEqualTo(2);
    assertThat(run.broker.queues())
        .filteredOn(q -> q.name().equals(QUEUE))
        .allMatch(q -> q.unsettled() == 1);
  }

  @Test
  void aSessionThatBeginsAnewGetsNothingOfWhatItsForerunnerHadBegunToGet() {
    Member a = member("a");
    a.join(2);
    a.consume(10);
    publish("1");
    a.go();
    Member anew = new Member("a", true);
    anew.endSession();
    assertThat(shares()).isEmpty();
    run.declare(anew.client, session("a"));
    anew.join(2);
    Consuming c = anew.consume(10);
    publish("2");
    assertThat(c.got).containsExactly("2/q2");
  }

  @Test
  void whoIsAwayGetsNothingNewWhileOthersAreThereAndWhatIsThereIsKeptForAll() {
    Member a = member("a");
    Member b = member("b");
    a.join(1);
    b.join(1);
    publish("1");
    assertThat(shares()).containsExactly(QUEUE + ":1");
    Consuming c = b.consume(10);
    publish("2");
    assertThat(c.got).containsExactly("1/q1", "2/q1");
    assertThat(a.consume(10).got).isEmpty();
  }

  @Test
  void aRejectedMessageIsGivenUpForAll() {
    Member a = member("a");
    Member b = member("b");
    a.join(2);
    b.join(1);
    Consuming first = a.consume(1);
    Consuming second = b.consume(1);
    publish("1", "2");
    first.settle(0, Settlement.REJECT);
    second.settle(0, Settlement.REJECT);
    assertThat(first.got).containsExactly("1/q2");
    assertThat(second.got).containsExactly("2/q1");
    assertThat(dropped("rejected")).isEqualTo(2);
  }

  // ---- who leaves

  @Test
  void whoHasLeftFinishesWhatItHasAndTheQueueGoesThen() {
    Member a = member("a", true);
    a.join(2);
    Consuming c = a.consume(10);
    publish("1", "2");
    a.leave();
    publish("3");
    assertThat(shares()).containsExactly(QUEUE + ":0");
    accept(c, 0);
    assertThat(shares()).hasSize(1);
    accept(c, 1);
    assertThat(shares()).isEmpty();
    assertThat(c.got).containsExactly("1/q2", "2/q2");
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "1, true", "2, true"})
  void whoHasLeftAndGoesGetsTheRestWhenItIsBack(int qos, boolean crash) {
    Member a = member("a", true);
    a.join(qos);
    a.consume(10);
    publish("1", "2");
    a.leave();
    a.go();
    if (crash) {
      run.crash();
    }
    Member back = new Member("a", false);
    assertThat(back.client.port.memberships(back.queue))
        .containsExactly(new io.carrick.spi.Membership(QUEUE, qos, false));
    Consuming c = back.consume(1);
    assertThat(c.got).containsExactly("1/q" + qos + "*");
    accept(c, 0);
    assertThat(c.got).endsWith("2/q" + qos + "*");
    accept(c, 1);
    assertThat(shares()).isEmpty();
    assertThat(back.client.port.memberships(back.queue)).isEmpty();
  }

  @Test
  void whoJoinsAgainWhileItFinishesGetsNewMessagesToo() {
    Member a = member("a");
    a.join(2);
    Consuming c = a.consume(10);
    publish("1");
    a.leave();
    a.join(2);
    Consuming anew = a.consume(10);
    publish("2");
    assertThat(anew.got).containsExactly("2/q2");
    accept(c, 0);
    accept(anew, 0);
    publish("3");
    assertThat(anew.got).containsExactly("2/q2", "3/q2");
    assertThat(shares()).containsExactly(QUEUE + ":0");
  }

  @Test
  void whatOneThatHasLeftDoesNotFinishGoesToAnotherUnlessExactlyOnce() {
    Member a = member("a");
    Member b = member("b");
    a.join(1);
    b.join(1);
    a.consume(10);
    publish("1");
    a.leave();
    a.go();
    assertThat(b.consume(10).got).containsExactly("1/q1*");
  }

  // ---- after a restart

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void membersAndWhatTheyHadBegunToGetComeBack(boolean clean) {
    Member a = member("a", true);
    Member b = member("b");
    a.join(2);
    b.join(1);
    List<Long> ids = a.consume(2).ids;
    publish("1", "2", "3", "4", "5", "6", "7");
    if (clean) {
      run.restart();
    } else {
      run.crash();
    }
    publisher = run.client("publisher");
    Consuming second = new Member("b", true).consume(10);
    assertThat(second.got)
        .extracting(s -> s.substring(0, 4))
        .containsExactly("3/q1", "4/q1", "5/q1", "6/q1", "7/q1");
    Member back = new Member("a", false);
    Consuming first = back.consume(10);
    assertThat(first.got).containsExactly("1/q2*", "2/q2*");
    assertThat(first.ids).isEqualTo(ids);
    accept(first, 0, 1);
    accept(second, 0, 1, 2, 3, 4);
    run.crash();
    assertThat(shares()).containsExactly(QUEUE + ":0");
    assertThat(new Member("a", false).join(2)).isZero();
  }

  @Test
  void whatASessionHadBegunToGetThatHasEndedIsNobodysAfterARestart() {
    Member a = member("a");
    Member b = member("b");
    a.join(2);
    b.join(2);
    a.consume(1);
    publish("1", "2");
    a.go();
    new Member("a", false).endSession();
    run.crash();
    assertThat(new Member("b", false).consume(10).got)
        .extracting(s -> s.substring(0, 4))
        .containsExactly("2/q2");
  }

  @Test
  void aQueueWhoseMembersDidNotOutliveTheBrokerIsGone() {
    Member a = new Member("a", false);
    run.declare(
        a.client,
        new QueueDeclaration(
            a.queue, false, false, true, Map.of(), SessionQueue.of("a", PortAdapter.ADMISSION)));
    a.join(1);
    publish("1");
    run.crash();
    assertThat(shares()).isEmpty();
  }
}

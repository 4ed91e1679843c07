package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that share a queue, or have joined an ordinary one, with others that consume it beside
 * them, on both loops and over stops and crashes, against a small model: what one has begun to get
 * exactly once is nobody else's as long as there is its session, what is settled never comes again,
 * nobody has what somebody else has, and in the end nothing is missing.
 */
class SharedQueueModelTest {

  private static final String SHARE = "mqtt.share.g.1";
  private static final String ORDINARY = "q";
  private static final int SESSIONS = 3;

  /** Sessions, and one who consumes without having any. */
  private static final int ALL = SESSIONS + 1;

  /** What may happen; who is meant is the number of a session. */
  sealed interface Action {

    record Publish(int messages) implements Action {}

    record Join(int who, int qos) implements Action {}

    record Leave(int who) implements Action {}

    record Come(int who, boolean far, int prefetch) implements Action {}

    record Go(int who) implements Action {}

    record Settle(int who, int which, Settlement how) implements Action {}

    record EndSession(int who) implements Action {}

    record Restart(boolean crash) implements Action {}
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<Integer> who = Arbitraries.integers().between(0, SESSIONS - 1);
    Arbitrary<Integer> anybody = Arbitraries.integers().between(0, ALL - 1);
    Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 4);
    Arbitrary<Action> publish = few.map(Action.Publish::new);
    Arbitrary<Action> come = Combinators.combine(anybody, yesOrNo, few).as(Action.Come::new);
    Arbitrary<Action> settle =
        Combinators.combine(
                anybody,
                Arbitraries.integers().between(0, 9),
                Arbitraries.of(
                    Settlement.ACCEPT, Settlement.ACCEPT, Settlement.REJECT, Settlement.REQUEUE))
            .as(Action.Settle::new);
    Arbitrary<Action> join =
        Combinators.combine(who, Arbitraries.integers().between(0, 2)).as(Action.Join::new);
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, publish),
            net.jqwik.api.Tuple.of(4, settle),
            net.jqwik.api.Tuple.of(3, come),
            net.jqwik.api.Tuple.of(2, join),
            net.jqwik.api.Tuple.of(2, anybody.map(Action.Go::new)),
            net.jqwik.api.Tuple.of(1, who.map(Action.Leave::new)),
            net.jqwik.api.Tuple.of(1, who.map(Action.EndSession::new)),
            net.jqwik.api.Tuple.of(1, yesOrNo.map(Action.Restart::new)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Property(tries = 250)
  void whatOneHasBegunToGetIsItsOwnAndNothingIsLost(@ForAll("actions") List<Action> actions) {
    var model = new Model(SHARE);
    actions.forEach(model::does);
    model.ends();
  }

  @Property(tries = 250)
  void inAnOrdinaryQueueItIsEverybodysAgainWhenItsSessionEnds(
      @ForAll("actions") List<Action> actions) {
    var model = new Model(ORDINARY);
    actions.forEach(model::does);
    model.ends();
  }

  /** A session, until it ends. */
  private static final class Session {
    final String name;

    /** Whether there is such a session: else somebody consumes who has none. */
    final boolean member;

    boolean joined;
    boolean left;
    @Nullable Here here;

    Session(int who) {
      name = "s" + who;
      member = who < SESSIONS;
    }

    String queue() {
      return "mqtt.session." + name;
    }
  }

  /** A session's client, while it is connected. */
  private static final class Here {
    final TestClient client;
    final List<Consuming> consuming = new ArrayList<>();
    final List<Integer> seen = new ArrayList<>();

    Here(TestClient client) {
      this.client = client;
    }
  }

  /** A message that is in the queue, or with somebody. */
  private static final class Sent {
    @Nullable Session owner;
    @Nullable Session holder;
    @Nullable Consuming with;
    long id;
  }

  /** What there should be. */
  private static final class Model {
    private final RestartableBroker run =
        new RestartableBroker(new Disk(), Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, 4));
    private final Session[] sessions = new Session[ALL];
    private final Map<String, Sent> there = new HashMap<>();
    private final String queue;
    private TestClient control = run.client("control");
    private int published;

    Model(String queue) {
      this.queue = queue;
      if (!shared()) {
        run.declare(control, RestartableBroker.durable(queue));
        control.bind(Binding.of("amq.topic", queue, "k"));
      }
      for (int i = 0; i < ALL; i++) {
        begin(i);
      }
    }

    private boolean shared() {
      return queue.equals(SHARE);
    }

    private void begin(int who) {
      sessions[who] = new Session(who);
      if (sessions[who].member) {
        run.declare(run.client("s" + who), RestartableBroker.session("s" + who));
      }
    }

    void does(Action action) {
      if (action instanceof Action.Publish p) {
        publish(p.messages());
      } else if (action instanceof Action.Join j) {
        join(sessions[j.who()], j.qos());
      } else if (action instanceof Action.Leave l) {
        leave(sessions[l.who()]);
      } else if (action instanceof Action.Come c) {
        come(sessions[c.who()], c.far(), c.prefetch());
      } else if (action instanceof Action.Go g) {
        go(sessions[g.who()]);
      } else if (action instanceof Action.Settle s) {
        settle(sessions[s.who()], s.which(), s.how());
      } else if (action instanceof Action.EndSession e) {
        endSession(e.who());
      } else if (action instanceof Action.Restart r) {
        restart(r.crash());
      }
      look();
    }

    private boolean deserted() {
      if (!shared()) {
        return false;
      }
      for (Session s : sessions) {
        if (s.joined) {
          return false;
        }
      }
      return true;
    }

    private void publish(int messages) {
      for (int i = 0; i < messages; i++) {
        String text = "m" + ++published;
        if (!deserted()) {
          there.put(text, new Sent());
        }
        run.publish(control, "amq.topic", "k", text);
      }
    }

    private void join(Session s, int qos) {
      var declaration =
          new QueueDeclaration(
              SHARE, true, false, false, Map.of(), SessionQueue.of("g/k", PortAdapter.SHARING));
      var request =
          new JoinRequest(declaration, Binding.of("amq.topic", queue, "k"), s.queue(), qos);
      TestClient client = s.here == null ? run.client(s.name) : s.here.client;
      int fresh =
          shared()
              ? client.ask((Attachment p, Completion<Integer> done) -> p.join(request, done))
              : client.ask(
                  (Attachment p, Completion<Integer> done) ->
                      p.join(queue, s.queue(), new PortAdapter.PortPart(qos), done));
      assertThat(fresh).isEqualTo(s.joined ? 0 : 1);
      boolean again = s.left;
      s.joined = true;
      s.left = false;
      look();
      if (s.here != null && (fresh == 1 || again)) {
        consume(s, s.here, 2);
      }
    }

    private void leave(Session s) {
      TestClient client = s.here == null ? run.client(s.name) : s.here.client;
      int was =
          client.ask((Attachment p, Completion<Integer> done) -> p.leave(queue, s.queue(), done));
      assertThat(was).isEqualTo(s.joined ? 1 : 0);
      s.left |= s.joined;
      s.joined = false;
      if (was == 1) {
        desertIfSo();
      }
      look();
    }

    /** What is under way is its holders' then, and the rest is nobody's. */
    private void desertIfSo() {
      if (deserted()) {
        Session stranger = sessions[SESSIONS];
        there.values().removeIf(m -> m.owner == null && m.holder == null);
        there.values().stream()
            .filter(m -> m.holder != null && m.holder != stranger)
            .forEach(m -> m.owner = m.holder);
      }
    }

    private void come(Session s, boolean far, int prefetch) {
      go(s);
      var here = new Here(far ? run.farClient(s.name) : run.client(s.name));
      s.here = here;
      if (!s.member) {
        if (isThere()) {
          consume(s, here, prefetch);
        }
        return;
      }
      boolean has = !here.client.port.memberships(s.queue()).isEmpty();
      boolean unfinished = there.values().stream().anyMatch(m -> m.owner == s);
      assertThat(has).isEqualTo(s.joined || unfinished);
      if (has) {
        consume(s, here, prefetch);
      }
    }

    private void consume(Session s, Here here, int prefetch) {
      here.consuming.add(
          here.client.consume(
              s.member ? request(prefetch).asMember(s.queue()) : request(prefetch)));
      here.seen.add(0);
    }

    private ConsumeRequest request(int prefetch) {
      return new ConsumeRequest(queue, false, Mode.SHARED, prefetch, 0);
    }

    private void go(Session s) {
      Here here = s.here;
      if (here != null) {
        here.client.act(Attachment::close);
        gone(s);
      }
    }

    private void gone(Session s) {
      s.here = null;
      for (Sent m : there.values()) {
        if (m.holder == s) {
          m.holder = null;
          m.with = null;
        }
      }
    }

    private void settle(Session s, int which, Settlement asked) {
      boolean returns = !shared() || !s.member; // no member of a share does
      Settlement how = asked == Settlement.REQUEUE && !returns ? Settlement.ACCEPT : asked;
      List<String> held =
          there.entrySet().stream()
              .filter(e -> e.getValue().holder == s)
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      if (!held.isEmpty() && s.here != null) {
        String text = held.get(which % held.size());
        Sent m = there.remove(text);
        Consuming with = m.with;
        if (how == Settlement.REQUEUE) {
          there.put(text, new Sent());
        }
        s.here.client.act(p -> with.consumption.settle(m.id, how));
      }
    }

    private void endSession(int who) {
      Session s = sessions[who];
      TestClient client = run.client(s.name);
      client.ask(
          (Attachment p, Completion<Long> done) -> p.deleteQueue(s.queue(), false, false, done));
      boolean was = s.joined;
      s.joined = false;
      s.left = false;
      if (was) {
        desertIfSo();
      }
      if (shared()) {
        look();
        there.values().removeIf(m -> m.owner == s);
      } else {
        there.values().stream().filter(m -> m.owner == s).forEach(m -> m.owner = null);
        // What its client holds goes back when that has gone.
        look();
      }
      go(s);
      begin(who);
    }

    private void restart(boolean crash) {
      if (crash) {
        run.crash();
      } else {
        for (Session s : sessions) { // else one might be given what another had, and not see it
          go(s);
          look();
        }
        run.restart();
      }
      control = run.client("control");
      for (Session s : sessions) {
        gone(s);
      }
      desertIfSo();
    }

    /** Takes note of what has been delivered, and checks that it may have been. */
    private void look() {
      for (Session s : sessions) {
        if (s.here != null) {
          for (int i = 0; i < s.here.consuming.size(); i++) {
            Consuming c = s.here.consuming.get(i);
            int size = c.ids.size(); // behind that may stand that the queue is no more
            for (int at = s.here.seen.get(i); at < size; at++) {
              delivered(s, c, c.got.get(at), c.ids.get(at));
            }
            s.here.seen.set(i, size);
          }
        }
      }
      if (shared() && !isThere()) {
        there.clear(); // also what one has who is no member
      }
    }

    private boolean isThere() {
      return run.queues().stream().anyMatch(q -> q.startsWith(queue + ":"));
    }

    private void delivered(Session s, Consuming by, String what, long id) {
      String text = what.split("[/*]")[0];
      Sent m = there.get(text);
      assertThat(m).as("%s for %s is settled, or was never there", what, s.name).isNotNull();
      assertThat(m.holder).as("%s for %s is with somebody", what, s.name).isNull();
      assertThat(m.owner).as("whose %s is", what).isIn(null, s);
      if (id == 0) {
        there.remove(text);
        return;
      }
      m.holder = s;
      m.with = by;
      m.id = id;
      if (what.contains("/q2")) {
        m.owner = s;
      }
    }

    /** Everybody comes and takes what there is. */
    void ends() {
      for (Session s : sessions) {
        come(s, false, 100);
        look();
      }
      join(sessions[0], 1);
      look();
      for (int i = 0; i < ALL; i++) {
        for (int left = there.size(); left > 0; left--) {
          settle(sessions[i], 0, Settlement.ACCEPT);
          look();
        }
      }
      assertThat(there.keySet()).as("what nobody got").isEmpty();
      assertThat(run.broker.queues())
          .filteredOn(q -> q.name().equals(queue))
          .allMatch(q -> q.ready() == 0 && q.unsettled() == 0);
      for (Session s : sessions) {
        if (s.member) {
          leave(s);
        }
      }
      assertThat(run.queues()).noneMatch(q -> q.startsWith("mqtt.share"));
    }
  }
}

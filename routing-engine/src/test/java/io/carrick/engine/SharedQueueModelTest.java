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
 * Sessions that share a queue, on both loops and over stops and crashes, against a small model:
 * what one has begun to get exactly once is never another's, what is settled never comes again,
 * nobody has what somebody else has, and in the end nothing is missing.
 */
class SharedQueueModelTest {

  private static final String QUEUE = "mqtt.share.g.1";
  private static final int SESSIONS = 3;

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
    Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 4);
    Arbitrary<Action> publish = few.map(Action.Publish::new);
    Arbitrary<Action> come = Combinators.combine(who, yesOrNo, few).as(Action.Come::new);
    Arbitrary<Action> settle =
        Combinators.combine(
                who,
                Arbitraries.integers().between(0, 9),
                Arbitraries.of(Settlement.ACCEPT, Settlement.ACCEPT, Settlement.REJECT))
            .as(Action.Settle::new);
    Arbitrary<Action> join =
        Combinators.combine(who, Arbitraries.integers().between(0, 2)).as(Action.Join::new);
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, publish),
            net.jqwik.api.Tuple.of(4, settle),
            net.jqwik.api.Tuple.of(3, come),
            net.jqwik.api.Tuple.of(2, join),
            net.jqwik.api.Tuple.of(2, who.map(Action.Go::new)),
            net.jqwik.api.Tuple.of(1, who.map(Action.Leave::new)),
            net.jqwik.api.Tuple.of(1, who.map(Action.EndSession::new)),
            net.jqwik.api.Tuple.of(1, yesOrNo.map(Action.Restart::new)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Property(tries = 400)
  void whatOneHasBegunToGetIsItsOwnAndNothingIsLost(@ForAll("actions") List<Action> actions) {
    var model = new Model();
    actions.forEach(model::does);
    model.ends();
  }

  /** A session, until it ends. */
  private static final class Session {
    final String name;
    boolean joined;
    boolean left;
    @Nullable Here here;

    Session(int who) {
      name = "s" + who;
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
    private final Session[] sessions = new Session[SESSIONS];
    private final Map<String, Sent> there = new HashMap<>();
    private TestClient control = run.client("control");
    private int published;

    Model() {
      for (int i = 0; i < SESSIONS; i++) {
        begin(i);
      }
    }

    private void begin(int who) {
      sessions[who] = new Session(who);
      run.declare(run.client("s" + who), RestartableBroker.session("s" + who));
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
              QUEUE, true, false, false, Map.of(), SessionQueue.of("g/k", PortAdapter.SHARING));
      var request =
          new JoinRequest(declaration, Binding.of("amq.topic", QUEUE, "k"), s.queue(), qos);
      TestClient client = s.here == null ? run.client(s.name) : s.here.client;
      int fresh = client.ask((Attachment p, Completion<Integer> done) -> p.join(request, done));
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
          client.ask((Attachment p, Completion<Integer> done) -> p.leave(QUEUE, s.queue(), done));
      assertThat(was).isEqualTo(s.joined ? 1 : 0);
      s.left |= s.joined;
      s.joined = false;
      desertIfSo();
    }

    /** What is under way is its holders' then, and the rest is nobody's. */
    private void desertIfSo() {
      if (deserted()) {
        there.values().removeIf(m -> m.owner == null && m.holder == null);
        there.values().stream().filter(m -> m.holder != null).forEach(m -> m.owner = m.holder);
      }
    }

    private void come(Session s, boolean far, int prefetch) {
      go(s);
      var here = new Here(far ? run.farClient(s.name) : run.client(s.name));
      s.here = here;
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
              new ConsumeRequest(QUEUE, false, Mode.SHARED, prefetch, 0).asMember(s.queue())));
      here.seen.add(0);
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

    private void settle(Session s, int which, Settlement how) {
      List<String> held =
          there.entrySet().stream()
              .filter(e -> e.getValue().holder == s)
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      if (!held.isEmpty() && s.here != null) {
        Sent m = there.remove(held.get(which % held.size()));
        s.here.client.act(p -> m.with.consumption.settle(m.id, how));
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
      look();
      there.values().removeIf(m -> m.owner == s);
      go(s);
      begin(who);
    }

    private void restart(boolean crash) {
      if (crash) {
        run.crash();
      } else {
        run.restart();
      }
      control = run.client("control");
      for (Session s : sessions) {
        gone(s);
      }
    }

    /** Takes note of what has been delivered, and checks that it may have been. */
    private void look() {
      for (Session s : sessions) {
        if (s.here != null) {
          for (int i = 0; i < s.here.consuming.size(); i++) {
            Consuming c = s.here.consuming.get(i);
            for (int at = s.here.seen.get(i); at < c.got.size(); at++) {
              delivered(s, c, c.got.get(at), c.ids.get(at));
            }
            s.here.seen.set(i, c.got.size());
          }
        }
      }
    }

    private void delivered(Session s, Consuming by, String what, long id) {
      String text = what.substring(0, what.indexOf('/'));
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
      for (int i = 0; i < SESSIONS; i++) {
        for (int left = there.size(); left > 0; left--) {
          settle(sessions[i], 0, Settlement.ACCEPT);
          look();
        }
      }
      assertThat(there.keySet()).as("what nobody got").isEmpty();
      assertThat(run.broker.queues())
          .filteredOn(q -> q.name().equals(QUEUE))
          .allMatch(q -> q.ready() == 0 && q.unsettled() == 0);
      for (Session s : sessions) {
        leave(s);
      }
      assertThat(run.queues()).noneMatch(q -> q.startsWith("mqtt.share"));
    }
  }
}

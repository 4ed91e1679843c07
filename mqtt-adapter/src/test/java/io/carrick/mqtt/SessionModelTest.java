package io.carrick.mqtt;

import io.carrick.mqtt.SessionModel.Act;
import io.carrick.mqtt.SessionModel.Step;
import io.carrick.storage.Disk;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/**
 * One client and its session against a small model, in any history of connections of either
 * version: nothing acknowledged is lost, QoS 2 is exactly once in both directions, order holds, a
 * client is told rightly whether its session is there, and wills come when they are due and not
 * otherwise.
 *
 * <p>Shared subscriptions have their place here when there are some.
 */
class SessionModelTest {

  private static final int STEPS = 100;

  private static Arbitrary<Step> step(List<Tuple.Tuple2<Integer, Act>> acts) {
    Arbitrary<Integer> number =
        Arbitraries.integers().between(0, 59).withDistribution(RandomDistribution.uniform());
    return Combinators.combine(Arbitraries.frequency(tuples(acts)), number, number)
        .as(Step::new)
        .withoutEdgeCases();
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Tuple.Tuple2<Integer, Act>[] tuples(List<Tuple.Tuple2<Integer, Act>> acts) {
    return acts.toArray(Tuple.Tuple2[]::new);
  }

  private static final List<Tuple.Tuple2<Integer, Act>> IN_ONE_RUN =
      List.of(
          Tuple.of(12, Act.CONNECT),
          Tuple.of(4, Act.VANISH),
          Tuple.of(3, Act.DISCONNECT),
          Tuple.of(3, Act.SUBSCRIBE),
          Tuple.of(1, Act.UNSUBSCRIBE),
          Tuple.of(22, Act.PUBLISH_TO),
          Tuple.of(18, Act.ACKNOWLEDGE),
          Tuple.of(2, Act.REJECT),
          Tuple.of(2, Act.ACKNOWLEDGE_LATE),
          Tuple.of(8, Act.SEND),
          Tuple.of(3, Act.SEND_AND_VANISH),
          Tuple.of(5, Act.RELEASE),
          Tuple.of(2, Act.RELEASE_AND_VANISH),
          Tuple.of(4, Act.ADVANCE));

  @Provide
  Arbitrary<List<Step>> inOneRun() {
    return step(IN_ONE_RUN).list().ofMinSize(STEPS / 2).ofMaxSize(STEPS);
  }

  @Provide
  Arbitrary<List<Step>> overRuns() {
    var acts = new java.util.ArrayList<>(IN_ONE_RUN);
    acts.add(Tuple.of(2, Act.STOP));
    acts.add(Tuple.of(2, Act.CRASH));
    return step(acts).list().ofMinSize(STEPS / 2).ofMaxSize(STEPS);
  }

  @Property(tries = 60)
  @Tag("MQTT-3.1.2-5/5")
  @Tag("MQTT-3.1.2-6/5")
  @Tag("MQTT-3.1.3-9/5")
  @Tag("MQTT-3.2.2-2/5")
  @Tag("MQTT-3.2.2-3/5")
  @Tag("MQTT-3.3.4-9/5")
  @Tag("MQTT-4.1.0-1/5")
  @Tag("MQTT-4.1.0-2/5")
  @Tag("MQTT-4.3.2-2/5")
  @Tag("MQTT-4.3.3-2/5")
  @Tag("MQTT-4.4.0-1/5")
  @Tag("MQTT-4.6.0-5/5")
  @Tag("MQTT-4.1.0-1/311")
  @Tag("MQTT-4.4.0-1/311")
  @Tag("MQTT-4.6.0-6/311")
  void aSessionKeepsWhatItHasToInMemory(@ForAll("inOneRun") List<Step> steps) {
    try (var model = new SessionModel(null)) {
      model.run(steps);
    }
  }

  @Property(tries = 60)
  void aSessionKeepsWhatItHasToOverTheEndsOfBrokers(@ForAll("overRuns") List<Step> steps) {
    try (var model = new SessionModel(new Disk())) {
      model.run(steps);
    }
  }
}

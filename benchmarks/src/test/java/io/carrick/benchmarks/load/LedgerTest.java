package io.carrick.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.benchmarks.load.Scenario.Crowd;
import io.carrick.benchmarks.load.Scenario.Pace;
import io.carrick.benchmarks.load.Scenario.Promise;
import io.carrick.benchmarks.load.Scenario.Route;
import org.junit.jupiter.api.Test;

/** The count of what was lost, came twice or came late. */
class LedgerTest {

  private static final int RUN = 1;

  private static Ledger ledger(Route route, int publishers, int receivers, int lanes) {
    return new Ledger(
        new Scenario(
            "test",
            "",
            route,
            new Promise(0, false),
            new Crowd(publishers, receivers, lanes, 0),
            Pace.window(10)));
  }

  private static Stamp stamp(int publisher, long number) {
    return new Stamp(RUN, publisher, number, 0);
  }

  @Test
  void whatEveryReceiverGotOnceIsNeitherLostNorDuplicatedNorReordered() {
    Ledger ledger = ledger(Route.MQTT_ALL, 2, 3, 2);
    for (int publisher = 0; publisher < 2; publisher++) {
      for (int i = 0; i < 5; i++) {
        long number = ledger.sent(publisher);
        for (int receiver = 0; receiver < 3; receiver++) {
          ledger.received(receiver, stamp(publisher, number));
        }
      }
    }

    assertThat(ledger.totalReceived()).isEqualTo(30);
    assertThat(ledger.lost()).isZero();
    assertThat(ledger.duplicates()).isZero();
    assertThat(ledger.reordered()).isZero();
    assertThat(ledger.underWay(0)).isZero();
  }

  @Test
  void aCopyThatOneReceiverMissesIsLost() {
    Ledger ledger = ledger(Route.MQTT_ALL, 1, 2, 1);
    ledger.received(0, stamp(0, ledger.sent(0)));

    assertThat(ledger.lost()).isEqualTo(1);
    assertThat(ledger.underWay(0)).isEqualTo(1);
  }

  @Test
  void receiversThatCompeteForAQueueShareItsMessages() {
    Ledger ledger = ledger(Route.AMQP_QUEUE, 1, 2, 1);
    ledger.received(0, stamp(0, ledger.sent(0)));
    ledger.received(1, stamp(0, ledger.sent(0)));

    assertThat(ledger.lost()).isZero();
    assertThat(ledger.duplicates()).isZero();
  }

  @Test
  void aSecondCopyInAGroupIsADuplicate() {
    Ledger ledger = ledger(Route.AMQP_QUEUE, 1, 2, 1);
    long number = ledger.sent(0);
    ledger.received(0, stamp(0, number));
    ledger.received(1, stamp(0, number));

    assertThat(ledger.duplicates()).isEqualTo(1);
  }

  @Test
  void aMessageBehindALaterOneOfItsPublisherIsReordered() {
    Ledger ledger = ledger(Route.MQTT, 1, 1, 1);
    long first = ledger.sent(0);
    long second = ledger.sent(0);
    ledger.received(0, stamp(0, second));
    ledger.received(0, stamp(0, first));

    assertThat(ledger.reordered()).isEqualTo(1);
    assertThat(ledger.lost()).isZero();
  }

  @Test
  void aPublisherReachesTheReceiversOfItsLaneOnly() {
    Ledger ledger = ledger(Route.MQTT, 2, 2, 2);
    ledger.received(0, stamp(0, ledger.sent(0)));
    ledger.received(1, stamp(1, ledger.sent(1)));

    assertThat(ledger.lost()).isZero();
  }
}

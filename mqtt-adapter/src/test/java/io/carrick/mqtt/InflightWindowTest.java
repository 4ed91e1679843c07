package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Packet identifiers, up to the last of them. */
class InflightWindowTest {

  private static final int ALL = 0xFFFF;

  private final InflightWindow filled = new InflightWindow();

  private void fill() {
    for (int i = 1; i <= ALL; i++) {
      assertThat(filled.assign(1_000_000L + i, 1)).isEqualTo(i);
    }
  }

  @Test
  void everyIdentifierIsGivenOutOnceAndOneMoreIsAMistake() {
    fill();
    assertThatThrownBy(() -> filled.assign(1, 1)).isInstanceOf(IllegalStateException.class);
    assertThat(filled.size()).isEqualTo(ALL);
  }

  @Test
  @Timeout(30)
  void theOnlyFreeIdentifierIsFoundWithoutASearch() {
    fill();
    var random = new Random(1);
    for (int i = 0; i < 1_000_000; i++) {
      int packetId = 1 + random.nextInt(ALL);
      boolean acknowledged = filled.acknowledge(packetId) > 0;
      if (!acknowledged || filled.assign(2_000_000L + i, 1) != packetId) {
        throw new AssertionError("identifier " + packetId);
      }
    }
  }

  @Test
  @Timeout(30)
  void aDeliveryIsFoundAmongAllOthersWithoutASearch() {
    fill();
    filled.begin(id -> true);
    for (int round = 0; round < 10; round++) {
      for (int i = 1; i <= ALL; i++) {
        if (filled.find(1_000_000L + i) != i || filled.find(9_000_000L + i) != 0) {
          throw new AssertionError("delivery " + i);
        }
      }
    }
  }

  /** What the window is to do, done by searching. */
  private static final class Model {
    final Map<Integer, Long> sent = new HashMap<>();
    final Set<Integer> earlier = new TreeSet<>();

    int find(long deliveryId) {
      int packetId =
          sent.entrySet().stream()
              .filter(e -> e.getValue() == deliveryId)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(0);
      earlier.remove(packetId);
      return packetId;
    }

    /** Those of even deliveries are asked for. */
    void begin() {
      earlier.clear();
      sent.forEach(
          (packetId, deliveryId) -> {
            if (deliveryId % 2 == 0) {
              earlier.add(packetId);
            }
          });
    }

    int[] takeEarlier() {
      int[] taken = earlier.stream().mapToInt(Integer::intValue).toArray();
      earlier.clear();
      return taken;
    }
  }

  @Property(tries = 300)
  void anyHistoryLeavesEachDeliveryUnderItsIdentifier(@ForAll long seed) {
    var random = new Random(seed);
    var window = new InflightWindow();
    var model = new Model();
    List<Long> deliveries = new ArrayList<>();
    long next = 1;
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          int packetId = window.assign(next, 1 + random.nextInt(2));
          assertThat(model.sent.put(packetId, next)).as("it was free").isNull();
          deliveries.add(next++);
        }
        case 2 -> {
          if (!model.sent.isEmpty()) {
            int packetId =
                new ArrayList<>(model.sent.keySet()).get(random.nextInt(model.sent.size()));
            long acked = window.acknowledge(packetId);
            if (acked == InflightWindow.WRONG) {
              acked = window.reject(packetId);
            }
            assertThat(acked).isEqualTo(model.sent.remove(packetId));
            model.earlier.remove(packetId);
          }
        }
        case 3 -> {
          window.begin(id -> id % 2 == 0);
          model.begin();
        }
        case 4 -> {
          assertThat(window.hasEarlier() || model.earlier.isEmpty()).isTrue();
          if (random.nextInt(4) == 0) {
            assertThat(window.takeEarlier()).containsExactly(model.takeEarlier());
          }
        }
        default -> {
          if (!deliveries.isEmpty()) {
            long deliveryId = deliveries.get(random.nextInt(deliveries.size()));
            assertThat(window.find(deliveryId)).isEqualTo(model.find(deliveryId));
          }
        }
      }
      assertThat(window.size()).isEqualTo(model.sent.size());
    }
  }
}

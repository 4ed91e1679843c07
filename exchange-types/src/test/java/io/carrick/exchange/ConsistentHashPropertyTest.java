package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Any queues with any weights: each has its share, and only what must move does. */
@Tag("amqp091:x-consistent-hash")
class ConsistentHashPropertyTest {

  private static final int KEYS = 40_000;

  private static final Message MESSAGE = Message.of("");

  private static Binding weighted(int queue, int weight) {
    return Binding.of("hashed", "queue-" + queue, Integer.toString(weight));
  }

  private static RoutingTable table(List<Integer> weights) {
    RoutingTable table = ExchangeTypes.consistentHash().newTable(Map.of());
    for (int i = 0; i < weights.size(); i++) {
      table.add(weighted(i, weights.get(i)));
    }
    return table;
  }

  private static String[] destinations(RoutingTable table) {
    var destinations = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      int at = i;
      table.route(
          RoutingKey.ofKey("order." + i),
          MESSAGE,
          binding -> {
            assertThat(destinations[at]).as("only one").isNull();
            destinations[at] = binding.destination();
          });
      assertThat(destinations[i]).isNotNull();
    }
    return destinations;
  }

  @Property(tries = 40)
  void everyQueueGetsItsShareOfKeysWithinAFewPercent(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 1_000_000) Integer> weights) {
    Map<String, Integer> counts = new HashMap<>();
    for (String destination : destinations(table(weights))) {
      counts.merge(destination, 1, Integer::sum);
    }
    double all = weights.stream().mapToLong(Integer::longValue).sum();
    for (int i = 0; i < weights.size(); i++) {
      double share = weights.get(i) / all;
      // Six times the deviation of drawing as many keys, and as many slots, by chance; of a share
      // that is less than a slot, one slot with its keys more.
      double chance =
          6 * Math.sqrt(share * (1.0 / KEYS + 1.0 / ConsistentHashType.SLOTS))
              + 12.0 / ConsistentHashType.SLOTS;
      assertThat(counts.getOrDefault("queue-" + i, 0) / (double) KEYS)
          .isBetween(share - chance, share + chance);
    }
  }

  @Property(tries = 40)
  void whatMovesWhenAQueueComesMovesToIt(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 1_000) Integer> weights,
      @ForAll @IntRange(min = 1, max = 1_000) int weight) {
    RoutingTable table = table(weights);
    String[] before = destinations(table);

    table.add(weighted(99, weight));
    String[] after = destinations(table);

    for (int i = 0; i < KEYS; i++) {
      if (!after[i].equals("queue-99")) {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
    table.remove(weighted(99, weight));
    assertThat(destinations(table)).isEqualTo(before);
  }

  @Property(tries = 20)
  void whatMovesWhenAQueueGoesHadBeenWithIt(
      @ForAll @Size(min = 2, max = 12) List<@IntRange(min = 1, max = 1_000) Integer> weights) {
    RoutingTable table = table(weights);
    String[] before = destinations(table);

    table.remove(weighted(0, weights.get(0)));
    String[] after = destinations(table);

    for (int i = 0; i < KEYS; i++) {
      if (!before[i].equals("queue-0")) {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
  }
}

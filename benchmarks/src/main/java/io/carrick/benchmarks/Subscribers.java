package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Limits;
import io.carrick.RoutingKey;
import io.carrick.engine.matching.TopicType;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.List;
import java.util.Map;

/**
 * A topic exchange's table and the subscriptions of many devices, whose topics have four levels and
 * who stand at sites of 250. Confined to one thread.
 */
final class Subscribers {

  private static final int DEVICES_OF_A_SITE = 250;

  final RoutingTable table = new TopicType(Limits.defaults()).newTable(Map.of());
  final int devices;
  private final Filters filters;

  Subscribers(int subscriptions, Filters filters) {
    this.devices = subscriptions / filters.subscriptions();
    this.filters = filters;
  }

  private static String site(int device) {
    return "site" + device / DEVICES_OF_A_SITE;
  }

  /** Returns what a device subscribes to. */
  static List<String> filters(Filters filters, int device) {
    return filters.of(site(device), "device" + device);
  }

  /** Returns what a device publishes to. */
  static String topic(int device) {
    return site(device) + "/alarm/device" + device + "/state";
  }

  void subscribe(int device) {
    for (String filter : filters(filters, device)) {
      table.add(binding(filter));
    }
  }

  void unsubscribe(int device) {
    for (String filter : filters(filters, device)) {
      table.remove(binding(filter));
    }
  }

  private static Binding binding(String filter) {
    return new Binding(
        "amq.topic",
        Binding.Target.QUEUE,
        "q",
        RoutingKey.ofTopic(filter).compact(),
        Map.of(),
        null);
  }
}

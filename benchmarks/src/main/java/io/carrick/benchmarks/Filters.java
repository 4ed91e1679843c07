package io.carrick.benchmarks;

import java.util.List;

/** The subscriptions of a device, whose topic has four levels. */
public enum Filters {
  /** One without wildcards. */
  EXACT,
  /** One of four levels, one of them a wildcard. */
  WILDCARD,
  /** Four that overlap, one of which starts with a wildcard. */
  OVERLAPPING;

  /** Returns the filters of one device. */
  List<String> of(String site, String device) {
    return switch (this) {
      case EXACT -> List.of(site + "/alarm/" + device + "/state");
      case WILDCARD -> List.of(site + "/+/" + device + "/state");
      case OVERLAPPING ->
          List.of(
              site + "/+/" + device + "/state",
              site + "/alarm/" + device + "/#",
              site + "/alarm/" + device + "/+",
              "+/alarm/" + device + "/state");
    };
  }

  /** Returns how many there are for a device. */
  int subscriptions() {
    return of("", "").size();
  }
}

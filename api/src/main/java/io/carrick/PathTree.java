package io.carrick;

import io.carrick.TraceEvent.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes the tree of a message's way, line by line. Confined to the calling thread. */
final class PathTree {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** One line, and those that are part of it. */
  private static final class Line {
    private final StringBuilder text;
    private final List<Line> below = new ArrayList<>();
    private boolean toldSomething;

    /** Whether it is a queue that has the message. */
    private boolean queued;

    Line(String text) {
      this.text = new StringBuilder(text);
    }

    Line add(String line) {
      var added = new Line(line);
      below.add(added);
      return added;
    }

    /** Says more at the end of the line. */
    void tell(String more) {
      text.append(toldSomething ? ", " : ": ").append(more);
      toldSomething = true;
    }

    void print(String indent, StringBuilder out) {
      for (int i = 0; i < below.size(); i++) {
        boolean last = i == below.size() - 1;
        Line line = below.get(i);
        if (line.queued && !line.toldSomething) {
          line.tell("queued"); // what has been delivered since need not be said to have waited
        }
        out.append('\n').append(indent).append(last ? "└─ " : "├─ ").append(line.text);
        line.print(indent + (last ? "   " : "│  "), out);
      }
    }
  }

  private final Instant start;
  private final Line root;

  /** Where it was routed from, last. */
  private Line passage;

  /** By their names, where they are in the last routing. */
  private final Map<String, Line> exchanges = new HashMap<>();

  /** By their names, where they were matched last. */
  private final Map<String, Line> queues = new HashMap<>();

  private PathTree(TraceEvent arrived) {
    start = arrived.time();
    root = new Line(arrival(arrived));
    passage = root;
  }

  static String of(MessagePath path) {
    if (path.events().isEmpty()) {
      return "";
    }
    var tree = new PathTree(path.events().get(0));
    tree.addAll(path.events());
    if (path.leftOut() > 0) {
      tree.root.add("… and " + path.leftOut() + " more events");
    }
    var out = new StringBuilder(tree.root.text);
    tree.root.print("", out);
    return out.toString();
  }

  private static String arrival(TraceEvent e) {
    String how = e.detail().isEmpty() ? "" : ", " + e.detail();
    String who = e.party().isEmpty() ? "the broker" : e.party();
    if (who.endsWith(")")) {
      who = who.substring(0, who.length() - 1) + how + ")";
    } else {
      who += how;
    }
    return "%s from %s at %s".formatted(e.key(), who, TIME.format(e.time()));
  }

  private void addAll(List<TraceEvent> events) {
    for (int i = 1; i < events.size(); i++) {
      TraceEvent e = events.get(i);
      if (e.stage() == Stage.ROUTED) {
        i = addRouting(events, i);
      } else {
        add(e);
      }
    }
  }

  private static String exchange(String name) {
    return name.isEmpty() ? "(default exchange)" : name;
  }

  /** Adds all that is said of one routing; returns where the last of that is. */
  private int addRouting(List<TraceEvent> events, int at) {
    exchanges.clear();
    String from = events.get(at).exchange();
    exchanges.put(from, passage.add(exchange(from)));
    int i = at + 1;
    Map<List<String>, Set<String>> keys = new LinkedHashMap<>();
    for (; i < events.size() && isRouting(events.get(i).stage()); i++) {
      TraceEvent e = events.get(i);
      if (e.stage() == Stage.MATCHED) {
        keys.computeIfAbsent(
                List.of(e.exchange(), e.queue(), e.detail()), to -> new LinkedHashSet<>())
            .add(e.key());
        continue;
      }
      addMatches(keys);
      keys.clear();
      at(e.exchange()).tell(e.stage() == Stage.UNROUTABLE ? "unroutable" : "led nowhere");
      if (e.stage() == Stage.ALTERNATE) {
        Line line = at(e.exchange()).add("alternate → " + exchange(e.detail()));
        exchanges.put(e.detail(), line);
      }
    }
    addMatches(keys);
    return i - 1;
  }

  private static boolean isRouting(Stage stage) {
    return stage == Stage.MATCHED || stage == Stage.ALTERNATE || stage == Stage.UNROUTABLE;
  }

  private Line at(String exchange) {
    return exchanges.computeIfAbsent(exchange, name -> passage.add(exchange(name)));
  }

  /** Each destination of an exchange once, with all the keys that lead to it. */
  private void addMatches(Map<List<String>, Set<String>> keys) {
    keys.forEach(
        (way, by) -> {
          String key =
              by.stream().filter(k -> !k.isEmpty()).collect(Collectors.joining(", ", "", " "));
          String queue = way.get(1);
          String to = queue.isEmpty() ? exchange(way.get(2)) : queue;
          Line line = at(way.get(0)).add((key.equals(" ") ? "" : key) + "→ " + to);
          if (queue.isEmpty()) {
            exchanges.putIfAbsent(way.get(2), line);
          } else {
            queues.put(queue, line);
          }
        });
  }

  private void add(TraceEvent e) {
    Line at = e.queue().isEmpty() ? passage : queues.getOrDefault(e.queue(), passage);
    switch (e.stage()) {
      case DEAD_LETTERED -> {
        passage = at.add("dead-lettered, " + e.detail() + after(e));
        exchanges.clear();
      }
      case RELEASED -> passage = root.add("released" + after(e));
      case DELAYED -> at(e.exchange()).tell("delayed" + after(e));
      case LAST_VALUE -> passage.add("last value " + e.detail());
      case REFUSED -> passage.add("refused, " + e.detail());
      case NOT_ADMITTED -> at.tell("not admitted");
      case QUEUED -> at.queued = true;
      case DELIVERED -> at.tell("delivered to " + e.party() + after(e) + settled(e));
      case DELIVERED_AGAIN -> at.tell("delivered again to " + e.party() + after(e) + settled(e));
      case DROPPED -> at.tell("dropped, " + e.detail() + after(e));
      case ACCEPTED, REQUEUED, REJECTED, UNDELIVERABLE ->
          at.tell(e.stage().name().toLowerCase(Locale.ROOT) + after(e));
      default -> throw new IllegalStateException("not in a queue: " + e.stage());
    }
  }

  private static String settled(TraceEvent e) {
    return e.detail().isEmpty() ? "" : ", " + e.detail();
  }

  private String after(TraceEvent e) {
    return " +" + Duration.between(start, e.time()).toMillis() + " ms";
  }
}

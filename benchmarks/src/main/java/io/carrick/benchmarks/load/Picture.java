package io.carrick.benchmarks.load;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Draws CPU per message, a group of bars for each scenario, to a scale of its own, as SVG. Confined
 * to its thread.
 */
final class Picture {

  private static final int WIDTH = 900;
  private static final int LABELS = 150;
  private static final int FIGURES = 70;
  private static final int BAR = 13;
  private static final int GAP = 12;
  private static final int TOP = 70;
  private static final String[] COLOURS = {
    "#1b6ca8", "#c8553d", "#8a8d91", "#588157", "#e0a458", "#7b5ea7"
  };

  private final List<Result> results;
  private final List<String> brokers;
  private final StringBuilder svg = new StringBuilder();

  private Picture(List<Result> results) {
    this.results = results;
    Set<String> names = new LinkedHashSet<>();
    results.forEach(r -> names.add(r.broker()));
    this.brokers = new ArrayList<>(names);
  }

  /** Returns the picture of those results that know the broker's CPU time. */
  static String of(List<Result> results) {
    return new Picture(results.stream().filter(r -> r.cpuPerMillion().isPresent()).toList()).draw();
  }

  private static double cpu(Result result) {
    return result.cpuPerMillion().orElse(0);
  }

  private String draw() {
    Set<Scenario> scenarios = new LinkedHashSet<>();
    results.forEach(r -> scenarios.add(r.scenario()));
    int height = TOP + results.size() * BAR + scenarios.size() * GAP;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"11\">",
        WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, height);
    add(
        "<text x=\"10\" y=\"22\" font-size=\"15\" fill=\"#222222\">"
            + "CPU seconds of the broker per million messages, each group to its own scale</text>");
    drawLegend();
    int y = TOP;
    for (Scenario scenario : scenarios) {
      y = drawGroup(scenario, y) + GAP;
    }
    add("</svg>");
    return svg.toString();
  }

  private void drawLegend() {
    int x = 10;
    for (int i = 0; i < brokers.size(); i++) {
      add("<rect x=\"%d\" y=\"36\" width=\"10\" height=\"10\" fill=\"%s\"/>", x, colour(i));
      add("<text x=\"%d\" y=\"45\" fill=\"#222222\">%s</text>", x + 15, brokers.get(i));
      x += 40 + brokers.get(i).length() * 7;
    }
  }

  private int drawGroup(Scenario scenario, int top) {
    add("<text x=\"10\" y=\"%d\" fill=\"#222222\">%s</text>", top + BAR - 3, scenario.name());
    List<Result> group = results.stream().filter(r -> r.scenario().equals(scenario)).toList();
    double most = group.stream().mapToDouble(Picture::cpu).max().orElse(1);
    int y = top;
    for (Result result : group) {
      double width = Math.max(1, cpu(result) / most * (WIDTH - LABELS - FIGURES));
      int broker = brokers.indexOf(result.broker());
      add(
          "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
          LABELS, y, width, BAR - 2, colour(broker));
      add(
          "<text x=\"%.1f\" y=\"%d\" fill=\"#555555\">%.2f</text>",
          LABELS + width + 5, y + BAR - 4, cpu(result));
      y += BAR;
    }
    return y;
  }

  private static String colour(int broker) {
    return COLOURS[broker % COLOURS.length];
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}

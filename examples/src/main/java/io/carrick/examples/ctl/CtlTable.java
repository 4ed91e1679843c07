package io.carrick.examples.ctl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A list as it is shown: rows of columns, divided by tabs, or JSON. Confined to one thread. */
final class CtlTable {

  private final List<String> columns;
  private final List<Map<String, Object>> rows = new ArrayList<>();

  /**
   * Makes an empty one.
   *
   * @param asked the columns that are asked for
   * @param byDefault those that are shown if none is
   * @param known all that there are
   * @throws CtlFailure for a column that is not known
   */
  CtlTable(List<String> asked, List<String> byDefault, List<String> known) {
    for (String column : asked) {
      if (!known.contains(column)) {
        throw CtlFailure.wrongUse(
            "no column '" + column + "'; there are " + String.join(", ", known));
      }
    }
    this.columns = asked.isEmpty() ? byDefault : asked;
  }

  /** Adds a row, of which the columns are taken that are shown. */
  void add(Map<String, Object> row) {
    var shown = new LinkedHashMap<String, Object>();
    columns.forEach(column -> shown.put(column, row.getOrDefault(column, "")));
    rows.add(shown);
  }

  /** Returns it as people read it. */
  String text(CtlArguments how) {
    if (how.json()) {
      return JsonText.of(rows) + "\n";
    }
    var text = new StringBuilder();
    if (!how.has("silent")) {
      text.append(String.join("\t", columns)).append('\n');
    }
    for (Map<String, Object> row : rows) {
      text.append(row.values().stream().map(CtlTable::cell).collect(Collectors.joining("\t")));
      text.append('\n');
    }
    return text.toString();
  }

  /** A table is shown as RabbitMQ shows one: {@code [{"name","value"}]}. */
  private static String cell(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(e -> "{" + quoted(e.getKey()) + "," + quoted(e.getValue()) + "}")
          .collect(Collectors.joining(",", "[", "]"));
    } else if (value instanceof List<?> list) {
      return list.stream().map(CtlTable::cell).collect(Collectors.joining(", ", "[", "]"));
    }
    return printable(value.toString());
  }

  private static String quoted(Object value) {
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : '"' + printable(value.toString()).replace("\"", "\\\"") + '"';
  }

  /** One line and one column, whatever is in a name. */
  private static String printable(String text) {
    return text.codePoints()
        .mapToObj(
            c ->
                Character.isISOControl(c) ? "\\" + Integer.toOctalString(c) : Character.toString(c))
        .collect(Collectors.joining());
  }
}

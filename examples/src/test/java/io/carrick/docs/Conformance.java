package io.carrick.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a protocol asks for, and the tests that carry a tag for it. Immutable. */
final class Conformance {

  private static final Pattern TAG_OR_TEST =
      Pattern.compile(
          "@Tag\\(\\s*\"amqp091:([^\"]+)\"\\s*\\)"
              + "|^(?:  (?:public )?void (\\w+)\\(|(?:public |final |abstract )*class \\w+)");

  private final List<Row> rows;
  private final Map<String, List<Proof>> proofs;

  private Conformance(List<Row> rows, Map<String, List<Proof>> proofs) {
    this.rows = rows;
    this.proofs = proofs;
  }

  /**
   * A row of the document.
   *
   * @param section the heading it stands under
   * @param name what tests are tagged with
   * @param meaning a few words
   */
  record Row(String section, String name, String meaning) {}

  /**
   * A test.
   *
   * @param file its source
   * @param test the method's name, empty for the whole class
   */
  record Proof(Path file, String test) {}

  /** Reads the rows of AMQP 0-9-1 and the tags of all tests of this checkout. */
  static Conformance amqp091() {
    Path rows = Documents.root().resolve("examples/src/test/resources/conformance/amqp091.txt");
    return new Conformance(rows(Documents.text(rows)), proofs());
  }

  private static List<Row> rows(String text) {
    var rows = new ArrayList<Row>();
    String section = "";
    for (String line : text.lines().toList()) {
      if (line.startsWith("# ")) {
        section = line.substring(2);
      } else {
        String[] parts = line.split(" \\| ", 2);
        rows.add(new Row(section, parts[0], parts[1]));
      }
    }
    return rows;
  }

  private static Map<String, List<Proof>> proofs() {
    var proofs = new TreeMap<String, List<Proof>>();
    addModules(Documents.root(), proofs);
    addModules(Documents.root().resolve("examples/consumers/projects"), proofs);
    return proofs;
  }

  private static void addModules(Path folder, Map<String, List<Proof>> proofs) {
    try (Stream<Path> modules = Files.list(folder)) {
      for (Path module : modules.sorted().toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          addAll(tests, proofs);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addAll(Path tests, Map<String, List<Proof>> proofs) throws IOException {
    try (Stream<Path> files = Files.walk(tests)) {
      files
          .filter(file -> file.toString().endsWith("Test.java"))
          .sorted()
          .forEach(file -> add(file, proofs));
    }
  }

  /** A tag belongs to the class or the method that comes next. */
  private static void add(Path file, Map<String, List<Proof>> proofs) {
    var tags = new ArrayList<String>();
    for (String line : Documents.text(file).lines().toList()) {
      Matcher found = TAG_OR_TEST.matcher(line);
      while (found.find()) {
        if (found.group(1) != null) {
          tags.add(found.group(1));
        } else {
          String test = found.group(2) == null ? "" : found.group(2);
          var proof = new Proof(file, test);
          tags.forEach(tag -> proofs.computeIfAbsent(tag, t -> new ArrayList<>()).add(proof));
          tags.clear();
        }
      }
    }
  }

  /** Returns the rows that no test proves. */
  List<String> unproven() {
    return names().stream().filter(name -> !proofs.containsKey(name)).toList();
  }

  /** Returns the tags that no row has. */
  List<String> unknown() {
    return proofs.keySet().stream().filter(tag -> !names().contains(tag)).toList();
  }

  /** Returns what the rows are called. */
  List<String> names() {
    return rows.stream().map(Row::name).toList();
  }

  /** Returns the document's tables. */
  String tables() {
    var text = new StringBuilder();
    String section = "";
    for (Row row : rows) {
      if (!row.section().equals(section)) {
        section = row.section();
        text.append("\n## ").append(section).append("\n\n| | what | proof |\n|---|---|---|\n");
      }
      text.append("| `").append(row.name()).append("` | ").append(row.meaning()).append(" | ");
      text.append(String.join(", ", links(row))).append(" |\n");
    }
    return text.toString();
  }

  private List<String> links(Row row) {
    return proofs.getOrDefault(row.name(), List.of()).stream().map(Conformance::link).toList();
  }

  private static String link(Proof proof) {
    String type = proof.file().getFileName().toString().replace(".java", "");
    Path path = Documents.root().relativize(proof.file());
    String test = proof.test().isEmpty() ? type : type + "." + proof.test();
    return "[" + test + "](../../" + path + ")";
  }
}

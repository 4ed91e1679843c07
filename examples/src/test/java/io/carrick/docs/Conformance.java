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

/** What a standard asks for, and the tests that carry a tag for it. Immutable. */
final class Conformance {

  private static final Pattern TAG_OR_TEST =
      Pattern.compile(
          "@[\\w.]*Tag\\(\\s*\"([^\"]+)\"\\s*\\)"
              + "|^(?:  (?:public )?void (\\w+)\\(|(?:public |final |abstract )*class \\w+)");

  private final Standard standard;
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, List<Proof>> proofs = new TreeMap<>();

  private Conformance(Standard standard, Map<String, List<Proof>> proofsByTag) {
    this.standard = standard;
    readRows();
    proofsByTag.forEach(
        (tag, tests) -> {
          if (standard.owns(tag)) {
            proofs.put(standard.row(tag), tests);
          }
        });
  }

  /** A standard with a file of rows, a document, and a form of tags. */
  enum Standard {
    /** {@code amqp091:tx.commit}. */
    AMQP_091("amqp091", "amqp091:", "", "| | what | proof |\n|---|---|---|\n"),
    /** {@code MQTT-3.1.2-24/311}. */
    MQTT_311("mqtt311", "MQTT-", "/311", "| | concerns | what | proof |\n|---|---|---|---|\n"),
    /** {@code MQTT-3.1.2-24/5}. */
    MQTT_5("mqtt5", "MQTT-", "/5", "| | concerns | what | proof |\n|---|---|---|---|\n");

    private final String file;
    private final String before;
    private final String behind;
    private final String head;

    Standard(String file, String before, String behind, String head) {
      this.file = file;
      this.before = before;
      this.behind = behind;
      this.head = head;
    }

    boolean owns(String tag) {
      return tag.startsWith(before) && tag.endsWith(behind);
    }

    /** A statement's number is all of its row's name, a tag of AMQP only what stands behind. */
    private String row(String tag) {
      return behind.isEmpty()
          ? tag.substring(before.length())
          : tag.substring(0, tag.length() - behind.length());
    }

    Path document() {
      return Documents.root().resolve("docs/conformance/" + file + ".md");
    }

    private Path rows() {
      return Documents.root().resolve("examples/src/test/resources/conformance/" + file + ".txt");
    }
  }

  /**
   * A row of the document.
   *
   * @param section the heading it stands under
   * @param name what tests are tagged with
   * @param concerns {@code server}, {@code client} or {@code both}
   * @param meaning a few words
   * @param why why a client's is the client's alone, empty for others
   */
  record Row(String section, String name, String concerns, String meaning, String why) {

    boolean needsProof() {
      return !concerns.equals("client");
    }
  }

  /**
   * A test.
   *
   * @param file its source
   * @param test the method's name, empty for the whole class
   */
  record Proof(Path file, String test) {}

  /** Reads a standard's rows, and takes its tags out of all. */
  static Conformance of(Standard standard, Map<String, List<Proof>> proofsByTag) {
    return new Conformance(standard, proofsByTag);
  }

  private void readRows() {
    String section = "";
    for (String line : Documents.text(standard.rows()).lines().toList()) {
      if (line.startsWith("# ")) {
        section = line.substring(2);
      } else if (!line.startsWith("//")) {
        rows.add(row(section, line.split(" \\| ", -1)));
      }
    }
  }

  private static Row row(String section, String[] parts) {
    return parts.length == 2
        ? new Row(section, parts[0], "server", parts[1], "")
        : new Row(section, parts[0], parts[1], parts[2], parts.length == 3 ? "" : parts[3]);
  }

  /** Returns the tags of all tests of this checkout, each with its tests. */
  static Map<String, List<Proof>> proofsByTag() {
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

  /** Returns the rows that no test proves, though one must. */
  List<String> unproven() {
    return rows.stream()
        .filter(Row::needsProof)
        .map(Row::name)
        .filter(name -> !proofs.containsKey(name))
        .toList();
  }

  /** Returns the rows of clients alone that do not say why, and the others that do. */
  List<String> wronglyExplained() {
    return rows.stream()
        .filter(row -> row.needsProof() != row.why().isEmpty())
        .map(Row::name)
        .toList();
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
        text.append("\n## ").append(section).append("\n\n").append(standard.head);
      }
      text.append("| `").append(row.name()).append("` | ");
      if (standard != Standard.AMQP_091) {
        text.append(row.concerns()).append(" | ");
      }
      text.append(row.meaning()).append(" | ").append(proof(row)).append(" |\n");
    }
    return text.toString();
  }

  private String proof(Row row) {
    String links =
        String.join(
            ", ",
            proofs.getOrDefault(row.name(), List.of()).stream().map(Conformance::link).toList());
    return row.why().isEmpty() || links.isEmpty() ? row.why() + links : row.why() + ": " + links;
  }

  private static String link(Proof proof) {
    String type = proof.file().getFileName().toString().replace(".java", "");
    Path path = Documents.root().relativize(proof.file());
    String test = proof.test().isEmpty() ? type : type + "." + proof.test();
    return "[" + test + "](../../" + path + ")";
  }
}

package io.carrick.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents of this checkout and the Java that they quote. Stateless. */
final class Documents {

  private static final Pattern FENCE = Pattern.compile("^\\s*```(\\w*)\\s*$");
  private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  private Documents() {}

  /**
   * Some lines of a file.
   *
   * @param where file and line, for people
   * @param language what the fence says, empty for a region of Java source
   * @param text without the indentation that its lines share
   */
  record Block(String where, String language, String text) {}

  /** Returns the project's root folder: Maven runs a module's tests in the module's folder. */
  static Path root() {
    return Path.of("").toAbsolutePath().getParent();
  }

  /** Returns every document, from the root's to the last decision. */
  static List<Path> all() {
    var documents = new ArrayList<Path>();
    for (Path folder : List.of(root(), root().resolve("examples"), root().resolve("benchmarks"))) {
      documents.addAll(in(folder, 1));
    }
    documents.addAll(in(root().resolve("docs"), 4));
    return documents;
  }

  /** Returns the documents of a folder and so many levels below it, in order. */
  static List<Path> in(Path folder, int depth) {
    try (Stream<Path> files = Files.walk(folder, depth)) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what stands between fences in a document. */
  static List<Block> blocks(Path document) {
    var blocks = new ArrayList<Block>();
    List<String> lines = text(document).lines().toList();
    int start = -1;
    String language = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        continue;
      }
      if (start < 0) {
        start = i + 1;
        language = fence.group(1);
      } else {
        String where = document.getFileName() + ":" + start;
        blocks.add(new Block(where, language, stripped(lines.subList(start, i))));
        start = -1;
      }
    }
    return blocks;
  }

  /** Returns the regions of this package's sources that are for the documents. */
  static List<Block> snippets() {
    var snippets = new ArrayList<Block>();
    Path folder = root().resolve("examples/src/test/java/io/carrick/docs");
    try (Stream<Path> files = Files.list(folder)) {
      files.sorted().forEach(file -> snippets.addAll(snippets(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return snippets;
  }

  private static List<Block> snippets(Path file) {
    var snippets = new ArrayList<Block>();
    List<String> lines = text(file).lines().toList();
    int start = -1;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.equals("// snippet")) {
        start = i + 1;
      } else if (line.equals("// end") && start >= 0) {
        String where = file.getFileName() + ":" + start;
        snippets.add(new Block(where, "", stripped(lines.subList(start, i))));
        start = -1;
      }
    }
    return snippets;
  }

  private static String stripped(List<String> lines) {
    return String.join("\n", lines).stripTrailing().stripIndent().strip();
  }

  /** Returns the targets of a document's links, pictures included, outside of code. */
  static List<String> links(Path document) {
    var links = new ArrayList<String>();
    for (String line : prose(document)) {
      Matcher link = LINK.matcher(line.replaceAll("`[^`]*`", ""));
      while (link.find()) {
        links.add(link.group(1));
      }
    }
    return links;
  }

  /** Returns the names by which links reach the headings of a document. */
  static List<String> anchors(Path document) {
    return prose(document).stream()
        .map(HEADING::matcher)
        .filter(Matcher::matches)
        .map(heading -> heading.group(1).toLowerCase(java.util.Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").strip().replace(' ', '-'))
        .toList();
  }

  private static List<String> prose(Path document) {
    var prose = new ArrayList<String>();
    boolean code = false;
    for (String line : text(document).lines().toList()) {
      if (FENCE.matcher(line).matches()) {
        code = !code;
      } else if (!code) {
        prose.add(line);
      }
    }
    return prose;
  }

  /** Returns the rows of the first table behind a heading, without its head. */
  static List<String> table(Path document, String heading) {
    return prose(document).stream()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("#"))
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .toList();
  }
}

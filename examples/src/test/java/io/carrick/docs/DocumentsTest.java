package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.docs.Documents.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents agree with the code and with each other. */
class DocumentsTest {

  private static final Path README = Documents.root().resolve("README.md");
  private static final Path DOCS = Documents.root().resolve("docs");

  @Test
  void everyJavaBlockIsCompiledCode() {
    assertThat(javaBlocks()).isNotEmpty();
    assertThat(notAmong(Documents.snippets(), javaBlocks())).isEmpty();
  }

  @Test
  void everySnippetIsQuotedSomewhere() {
    assertThat(notAmong(javaBlocks(), Documents.snippets())).isEmpty();
  }

  /** Returns where the blocks stand whose text is not among others. */
  private static List<String> notAmong(List<Block> others, List<Block> blocks) {
    List<String> texts = others.stream().map(Block::text).toList();
    return blocks.stream().filter(b -> !texts.contains(b.text())).map(Block::where).toList();
  }

  private static List<Block> javaBlocks() {
    return Documents.all().stream()
        .flatMap(document -> Documents.blocks(document).stream())
        .filter(block -> block.language().equals("java"))
        .toList();
  }

  @Test
  void everyLinkBetweenDocumentsLeadsSomewhere() {
    assertThat(Documents.all()).as("documents").isNotEmpty();
    for (Path document : Documents.all()) {
      assertThat(Documents.links(document))
          .filteredOn(link -> !link.contains("://"))
          .allSatisfy(link -> assertThat(leadsSomewhere(document, link)).as(link).isTrue());
    }
  }

  private static boolean leadsSomewhere(Path document, String link) {
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
    if (!Files.exists(target)) {
      return false;
    }
    return parts.length == 1 || Documents.anchors(target).contains(parts[1]);
  }

  @Test
  void theIndexKnowsEveryDocument() {
    Path index = DOCS.resolve("README.md");
    List<Path> linked =
        Documents.links(index).stream()
            .filter(link -> !link.contains("://"))
            .map(link -> DOCS.resolve(link.split("#", 2)[0]).normalize())
            .toList();
    assertThat(Documents.in(DOCS, 4))
        .filteredOn(document -> !document.equals(index))
        .isNotEmpty()
        .allSatisfy(document -> assertThat(linked).contains(document));
  }

  @Test
  void decisionsAreNumberedWithoutAGap() {
    List<Path> decisions = Documents.in(DOCS.resolve("decisions"), 1);
    assertThat(decisions).isNotEmpty();
    for (int i = 0; i < decisions.size(); i++) {
      String number = String.format("%04d-", i + 1);
      assertThat(decisions.get(i).getFileName().toString()).startsWith(number);
      assertThat(Documents.text(decisions.get(i)))
          .contains("## Context", "## Decision", "## Consequences");
    }
  }

  // ---- the two commands

  @Test
  void ciRunsTheTestCommandOfTheReadme() {
    List<String> ci =
        Documents.text(Documents.root().resolve(".ci/run"))
            .lines()
            .filter(line -> line.contains("mvn "))
            .map(line -> line.replace("exec ", "").replace(" </dev/null", ""))
            .toList();
    assertThat(ci).hasSize(1);
    assertThat(shellLines(README)).contains(ci.get(0));
    assertThat(shellLines(Documents.root().resolve("CONTRIBUTING.md"))).contains(ci.get(0));
  }

  @Test
  void theMainJobRunsTheJarThatTheBuildMakes() {
    String pom = Documents.text(Documents.root().resolve("examples/pom.xml"));
    assertThat(pom).contains("<outputFile>${project.build.directory}/carrick.jar</outputFile>");
    assertThat(shellLines(README))
        .anyMatch(
            line ->
                line.startsWith("mvn ")
                    && line.endsWith(" && java -jar examples/target/carrick.jar demo"));
  }

  private static List<String> shellLines(Path document) {
    return Documents.blocks(document).stream()
        .filter(block -> block.language().equals("sh"))
        .flatMap(block -> block.text().lines())
        .toList();
  }

  // ---- the README's module table and dependency

  @Test
  void theReadmeNamesEveryModuleAndItsArtifact() {
    String parent = Documents.text(Documents.root().resolve("pom.xml"));
    List<String> modules =
        parent
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("<module>"))
            .map(line -> line.replaceAll("</?module>", ""))
            .toList();
    List<String> rows = Documents.table(README, "## Modules");
    assertThat(rows.stream().map(row -> row.split("`")[1])).containsExactlyElementsOf(modules);
    for (String row : rows) {
      String pom = Documents.text(Documents.root().resolve(row.split("`")[1]).resolve("pom.xml"));
      assertThat(pom).contains("<artifactId>" + row.split("`")[3] + "</artifactId>");
    }
  }

  @Test
  void theDependencyThatTheReadmeShowsIsOneOfOurs() {
    String shown =
        Documents.blocks(README).stream()
            .filter(block -> block.language().equals("xml"))
            .map(Block::text)
            .reduce("", String::concat);
    String parent = Documents.text(Documents.root().resolve("pom.xml"));
    String version = parent.split("<version>", 2)[1].split("</version>", 2)[0];
    assertThat(shown).contains("<groupId>io.carrick</groupId>", "<version>" + version);
    assertThat(artifacts(shown)).as("one is enough").containsExactly("carrick");
    assertThat(parent).contains("<artifactId>carrick</artifactId>");
  }

  private static List<String> artifacts(String xml) {
    return Stream.of(xml.split("<artifactId>")).skip(1).map(s -> s.split("<", 2)[0]).toList();
  }
}

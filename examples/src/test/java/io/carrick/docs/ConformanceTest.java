package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The document of conformance has every method and extension, each with a test. */
class ConformanceTest {

  private static final Pattern METHOD = Pattern.compile("record (\\w+)\\b");
  private static final Path DOCUMENT = Documents.root().resolve("docs/conformance/amqp091.md");

  private final Conformance conformance = Conformance.amqp091();

  @Test
  void everyRowHasATest() {
    assertThat(conformance.unproven()).isEmpty();
  }

  @Test
  void everyTagHasARow() {
    assertThat(conformance.unknown()).isEmpty();
  }

  @Test
  void everyMethodOfTheCodecHasARow() throws IOException {
    assertThat(methods()).hasSizeGreaterThan(60);
    assertThat(conformance.names()).containsAll(methods()).doesNotHaveDuplicates();
  }

  /** Run with {@code -Dcarrick.conformance.write=true} to write the document anew. */
  @Test
  void theDocumentIsWhatTheTagsSay() throws IOException {
    String introduction = Documents.text(DOCUMENT).split("\n## ", 2)[0];
    String expected = introduction.stripTrailing() + "\n" + conformance.tables();
    if (Boolean.getBoolean("carrick.conformance.write")) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Documents.text(DOCUMENT)).isEqualTo(expected);
  }

  /** Returns the methods as AMQP 0-9-1 spells them: {@code queue.declare-ok}. */
  private static List<String> methods() throws IOException {
    Path codec = Documents.root().resolve("amqp-adapter/src/main/java/io/carrick/amqp/codec");
    var methods = new ArrayList<String>();
    try (Stream<Path> files = Files.list(codec)) {
      for (Path file : files.sorted().toList()) {
        String type = file.getFileName().toString().replace("Method.java", "");
        if (type.isEmpty() || type.endsWith(".java")) {
          continue;
        }
        Matcher record = METHOD.matcher(Documents.text(file));
        while (record.find()) {
          methods.add(dashed(type) + "." + dashed(record.group(1)));
        }
      }
    }
    return methods;
  }

  private static String dashed(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(java.util.Locale.ROOT);
  }
}

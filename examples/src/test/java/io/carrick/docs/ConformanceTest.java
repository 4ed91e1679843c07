package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.docs.Conformance.Proof;
import io.carrick.docs.Conformance.Standard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The documents of conformance have every method, extension and statement, each with a test. */
class ConformanceTest {

  private static final Pattern METHOD = Pattern.compile("record (\\w+)\\b");

  private static final Map<String, List<Proof>> PROOFS = Conformance.proofsByTag();

  private static Conformance of(Standard standard) {
    return Conformance.of(standard, PROOFS);
  }

  @ParameterizedTest
  @EnumSource
  void everyRowHasATestUnlessItConcernsClientsAlone(Standard standard) {
    assertThat(of(standard).unproven()).isEmpty();
    assertThat(of(standard).wronglyExplained()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everyTagHasARow(Standard standard) {
    assertThat(of(standard).unknown()).isEmpty();
  }

  @Test
  void everyTagOfAStandardNamesIt() {
    assertThat(PROOFS.keySet())
        .filteredOn(tag -> tag.startsWith("MQTT") || tag.startsWith("amqp"))
        .allMatch(tag -> Stream.of(Standard.values()).anyMatch(standard -> standard.owns(tag)));
  }

  @Test
  void everyMethodOfTheCodecHasARow() throws IOException {
    assertThat(methods()).hasSizeGreaterThan(60);
    assertThat(of(Standard.AMQP_091).names()).containsAll(methods()).doesNotHaveDuplicates();
  }

  @Test
  void everyStatementOfMqttHasARow() {
    assertThat(of(Standard.MQTT_311).names()).hasSize(141).doesNotHaveDuplicates();
    assertThat(of(Standard.MQTT_5).names()).hasSize(251).doesNotHaveDuplicates();
  }

  /** Run with {@code -Dcarrick.conformance.write=true} to write the documents anew. */
  @ParameterizedTest
  @EnumSource
  void theDocumentIsWhatTheTagsSay(Standard standard) throws IOException {
    Path document = standard.document();
    String introduction = Documents.text(document).split("\n## ", 2)[0];
    String expected = introduction.stripTrailing() + "\n" + of(standard).tables();
    if (Boolean.getBoolean("carrick.conformance.write")) {
      Files.writeString(document, expected);
    }
    assertThat(Documents.text(document)).isEqualTo(expected);
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

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of counters is complete and has none that nothing counts. */
class MetricsTableTest {

  /** A counter asked for by name, perhaps with the end of the name put together at run time. */
  private static final Pattern ASKED =
      Pattern.compile("\\b(counter|dropped)\\(\\s*\"([^\"]+)\"(\\s*\\+)?");

  private static List<String> documented() {
    Path document = Documents.root().resolve("docs/metrics.md");
    return Documents.table(document, "## Counters").stream().map(row -> row.split("`")[1]).toList();
  }

  /** What a broker with both adapters counts from its start. */
  private static Set<String> running() {
    try (Broker broker =
        EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start()) {
      return broker.metrics().counters().keySet();
    }
  }

  /** What the sources ask for: whole names, or beginnings that end in an equals sign. */
  private static List<String> inSources() throws IOException {
    var names = new ArrayList<String>();
    for (String module : List.of("routing-engine", "transport", "mqtt-adapter", "amqp-adapter")) {
      Path sources = Documents.root().resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> names.addAll(asked(Documents.text(file))));
      }
    }
    return names;
  }

  private static List<String> asked(String source) {
    var names = new ArrayList<String>();
    Matcher asked = ASKED.matcher(source);
    while (asked.find()) {
      boolean drop = asked.group(1).equals("dropped");
      names.add(drop ? "messages.dropped{reason=" + asked.group(2) + "}" : asked.group(2));
    }
    return names;
  }

  @Test
  void everyCounterIsDocumented() throws IOException {
    List<String> documented = documented();
    assertThat(documented).doesNotHaveDuplicates().containsAll(running());
    assertThat(inSources())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(documented).anyMatch(row -> row.startsWith(name)));
  }

  @Test
  void everyDocumentedCounterExists() throws IOException {
    Set<String> running = running();
    List<String> inSources = inSources();
    assertThat(documented())
        .allSatisfy(
            row ->
                assertThat(running.contains(row) || inSources.stream().anyMatch(row::startsWith))
                    .as(row)
                    .isTrue());
  }
}

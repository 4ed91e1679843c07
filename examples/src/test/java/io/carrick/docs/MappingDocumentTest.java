package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Client;
import io.carrick.HeaderNames;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What docs/mapping.md and docs/extending.md show of mappings, and that the page leaves none out.
 */
class MappingDocumentTest {

  private static final Path PAGE = Documents.root().resolve("docs/mapping.md");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| MAP-(\\d+) \\|.*\\| ([^|]+) \\|$");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`( in `io/carrick/docs`)?");

  // snippet
  private final EmbeddedBroker.Builder chosen =
      EmbeddedBroker.builder()
          .virtualHost("migrated")
          .mapping(Mapping.lossless().exposeMetadata(true))
          .mapping("migrated", Mapping.rabbitMq());

  // end

  // snippet
  private final EmbeddedBroker.Builder description =
      EmbeddedBroker.builder()
          .adapter(Mqtt.onAnyPort())
          .mapping(Mapping.lossless().topics(new ShortNames()));

  // end

  @RegisterExtension final BrokerExtension broker = BrokerExtension.of(description).realTime();

  @Test
  void aMappingIsChosenForAVirtualHost() {
    try (var started = chosen.start();
        Client client = started.connect("migrated")) {
      client.publisher("amq.topic").publish("a.b", Message.of("x"));
    }
  }

  @Test
  void devicesHaveShortNames() throws Exception {
    MessageProbe services = broker.probe(Source.topic("devices.#"));
    try (var device = new MqttClient(broker.url("tcp", "mqtt"), "t1", new MemoryPersistence())) {
      device.connect();
      device.publish("d/t1", "21.5".getBytes(), 1, false);
      device.disconnect();
    }
    assertThat(services.take().message().text()).isEqualTo("21.5");
  }

  // ---- the rules and their tests

  @Test
  void eachRuleHasARow() {
    List<Integer> rules =
        ROW.matcher(Documents.text(PAGE)).results().map(r -> Integer.valueOf(r.group(1))).toList();
    assertThat(rules)
        .containsAll(IntStream.rangeClosed(1, 40).boxed().toList())
        .allMatch(rule -> rule <= 40);
  }

  @Test
  void eachRowNamesItsTests() {
    Set<String> ofTheBridge = tests("examples/src/test/java/io/carrick/bridge");
    Set<String> ofDocuments = tests("examples/src/test/java/io/carrick/docs");
    Set<String> ofModules = new HashSet<>();
    for (String module : List.of("api", "routing-engine", "mqtt-adapter", "amqp-adapter")) {
      ofModules.addAll(tests(module + "/src/test/java"));
    }
    ROW.matcher(Documents.text(PAGE))
        .results()
        .forEach(
            row -> {
              String cell = row.group(2);
              assertThat(named(cell)).as(row.group()).isNotEmpty();
              for (MatchResult test : named(cell)) {
                Set<String> known = new HashSet<>(ofTheBridge);
                if (test.group(2) != null) {
                  known = ofDocuments;
                } else if (cell.contains(" of the ")) {
                  known.addAll(ofModules);
                }
                assertThat(known).as(row.group()).contains(test.group(1));
              }
              assertThat(named(cell)).as(row.group()).anyMatch(t -> isWithClients(t, ofTheBridge));
            });
  }

  private static boolean isWithClients(MatchResult test, Set<String> ofTheBridge) {
    return ofTheBridge.contains(test.group(1));
  }

  private static List<MatchResult> named(String cell) {
    return NAME.matcher(cell).results().toList();
  }

  private static Set<String> tests(String folder) {
    try (Stream<Path> files = Files.walk(Documents.root().resolve(folder))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void eachWordOfTheBridgeIsSaid() throws Exception {
    String pages =
        Documents.text(PAGE) + Documents.text(Documents.root().resolve("docs/receipts.md"));
    for (Field word : HeaderNames.class.getFields()) {
      String name = (String) word.get(null);
      if (name.matches("x-(mqtt|amqp|receipt|reply|correlation|dedup).*[a-z]")) {
        assertThat(pages).containsPattern("`[^`]*" + Pattern.quote(name) + "(?![-\\w])");
      }
    }
  }

  @Test
  void eachWordOfTheBridgeStandsInOnePlace() throws Exception {
    Pattern word = Pattern.compile("\"x-(mqtt|amqp|receipt)-?[a-z0-9-]*\"");
    for (String module : List.of("api", "routing-engine", "mqtt-adapter", "amqp-adapter")) {
      try (Stream<Path> files = Files.walk(Documents.root().resolve(module + "/src/main/java"))) {
        assertThat(files)
            .filteredOn(file -> file.toString().endsWith(".java"))
            .filteredOn(file -> !file.endsWith("HeaderNames.java"))
            .isNotEmpty()
            .allSatisfy(file -> assertThat(Documents.text(file)).doesNotContainPattern(word));
      }
    }
  }
}

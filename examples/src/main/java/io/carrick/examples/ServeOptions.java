package io.carrick.examples;

import io.carrick.Endpoint;
import io.carrick.spi.LoopGroup;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What {@code serve} was asked for. Immutable.
 *
 * @param host address to listen on
 * @param mqtt where MQTT is spoken
 * @param amqp where AMQP is spoken
 * @param loops how many threads do the broker's work
 * @param data directory to keep messages in, null for memory
 * @param sync when a stored message counts as safe
 * @param skipDamaged whether damaged records are passed over
 * @param ctl where {@code ctl} is answered, null for nowhere
 * @param rules who may do what, and how much of it
 */
record ServeOptions(
    String host,
    List<Endpoint> mqtt,
    List<Endpoint> amqp,
    int loops,
    @Nullable Path data,
    Sync sync,
    boolean skipDamaged,
    @Nullable Path ctl,
    ServeRules rules) {

  static final String DEFAULT_HOST = "127.0.0.1";
  static final String DEFAULT_MQTT_PORT = "1883";
  static final String DEFAULT_AMQP_PORT = "5672";

  static final int DEFAULT_LOOPS = LoopGroup.defaultSize();

  private static final ServeOptions DEFAULTS =
      new ServeOptions(
          DEFAULT_HOST,
          plain("mqtt", List.of(DEFAULT_MQTT_PORT)),
          plain("amqp", List.of(DEFAULT_AMQP_PORT)),
          DEFAULT_LOOPS,
          null,
          Sync.FSYNC,
          false,
          null,
          ServeRules.DEFAULT);

  /** When a stored message counts as safe. */
  enum Sync {
    /** When the disk has it. */
    FSYNC,
    /** When the operating system has it. */
    OS,
    /** At once. */
    NONE
  }

  /**
   * Reads a plain command line: {@code serve} and options with their values. Picocli would read it
   * as well, but to load it takes a third of the time that a fresh JVM needs to be ready.
   *
   * @return empty for anything else, right or wrong: picocli has the words for it
   */
  static Optional<ServeOptions> ofPlain(String... args) {
    if (args.length % 2 == 0 || !args[0].equals("serve")) {
      return Optional.empty();
    }
    try {
      List<String> mqtt = new ArrayList<>();
      List<String> amqp = new ArrayList<>();
      ServeOptions options = DEFAULTS;
      for (int i = 1; i < args.length; i += 2) {
        switch (args[i]) {
          case "--mqtt" -> mqtt.add(args[i + 1]);
          case "--amqp" -> amqp.add(args[i + 1]);
          default -> options = options.with(args[i], args[i + 1]);
        }
      }
      return Optional.of(
          options.at(
              mqtt.isEmpty() ? DEFAULTS.mqtt : plain("mqtt", mqtt),
              amqp.isEmpty() ? DEFAULTS.amqp : plain("amqp", amqp)));
    } catch (IllegalArgumentException | CommandFailure notPlain) {
      return Optional.empty();
    }
  }

  private static List<Endpoint> plain(String protocol, List<String> texts) {
    return ServeEndpoints.read(protocol, texts, UnaryOperator.identity());
  }

  /**
   * Sets an option.
   *
   * @throws IllegalArgumentException for an unknown one and for a value that cannot be read
   */
  private ServeOptions with(String option, String value) {
    return switch (option) {
      case "--host" ->
          new ServeOptions(value, mqtt, amqp, loops, data, sync, skipDamaged, ctl, rules);
      case "--loops" -> loops(Integer.parseInt(value));
      case "--data" -> kept(path(value), sync);
      case "--sync" -> kept(data, sync(value));
      case "--ctl" ->
          new ServeOptions(host, mqtt, amqp, loops, data, sync, skipDamaged, path(value), rules);
      default -> ruled(option, value);
    };
  }

  private ServeOptions ruled(String text, String value) {
    ServeRules.Option option = ServeRules.Option.of(text);
    if (option == null) {
      throw new IllegalArgumentException(text);
    }
    ServeRules ruled = rules.with(option, value);
    return new ServeOptions(host, mqtt, amqp, loops, data, sync, skipDamaged, ctl, ruled);
  }

  private ServeOptions at(List<Endpoint> mqttEndpoints, List<Endpoint> amqpEndpoints) {
    return new ServeOptions(
        host, mqttEndpoints, amqpEndpoints, loops, data, sync, skipDamaged, ctl, rules);
  }

  private ServeOptions loops(int count) {
    return new ServeOptions(host, mqtt, amqp, count, data, sync, skipDamaged, ctl, rules);
  }

  private ServeOptions kept(@Nullable Path where, Sync when) {
    return new ServeOptions(host, mqtt, amqp, loops, where, when, skipDamaged, ctl, rules);
  }

  private static Path path(String value) throws InvalidPathException {
    return Path.of(value);
  }

  private static Sync sync(String value) {
    return Sync.valueOf(value.toUpperCase(Locale.ROOT));
  }
}

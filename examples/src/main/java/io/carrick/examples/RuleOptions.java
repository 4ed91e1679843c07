package io.carrick.examples;

import io.carrick.examples.ServeRules.Option;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** What the command line says of {@link ServeRules}. Confined to the main thread. */
final class RuleOptions {

  private static final String TIME = "TIME";
  private static final String FLAG = "true|false";

  @CommandLine.Option(
      names = "--users",
      paramLabel = "FILE",
      description = "Who may log in: lines 'name:hash', of 'carrick passwd' or mosquitto_passwd.")
  private @Nullable String users;

  @CommandLine.Option(
      names = "--access",
      paramLabel = "FILE",
      description = "What may be read and written: lines as of mosquitto's acl_file.")
  private @Nullable String access;

  @CommandLine.Option(
      names = "--anonymous",
      paramLabel = FLAG,
      description =
          "Whether MQTT clients that are no users are let in, from anywhere; from this machine if"
              + " nothing is said and there is no --users.")
  private @Nullable String anonymous;

  @CommandLine.Option(
      names = "--limit",
      paramLabel = "NAME=VALUE",
      description = "A limit of docs/limits.md, such as message-bytes=64k; may be repeated.")
  private List<String> limits = List.of();

  @CommandLine.Option(
      names = "--max-keep-alive",
      paramLabel = TIME,
      description = "The longest keep-alive of an MQTT client, such as 5m.")
  private @Nullable String keepAlive;

  @CommandLine.Option(
      names = "--max-qos",
      paramLabel = "0|1|2",
      description = "The highest QoS of MQTT clients.")
  private @Nullable String qos;

  @CommandLine.Option(
      names = "--retain",
      paramLabel = FLAG,
      description = "Whether MQTT clients may publish retained messages.")
  private @Nullable String retain;

  @CommandLine.Option(
      names = "--empty-client-ids",
      paramLabel = FLAG,
      description = "Whether MQTT clients without a client id are given one.")
  private @Nullable String emptyClientIds;

  @CommandLine.Option(
      names = "--session-expiry",
      paramLabel = TIME,
      description = "How long an MQTT session outlives its connection at most, such as 14d.")
  private @Nullable String sessionExpiry;

  @CommandLine.Option(
      names = "--refusal-reasons",
      paramLabel = FLAG,
      description = "Whether MQTT 5 clients are told that they are not allowed something.")
  private @Nullable String refusalReasons;

  @CommandLine.Option(
      names = "--refused-publishes",
      paramLabel = "close|ack",
      description = "What an MQTT 3 client gets whose message all queues refuse.")
  private @Nullable String refusedPublishes;

  @CommandLine.Option(
      names = "--dead-letters",
      paramLabel = "EXCHANGE[/KEY]",
      description = "Where messages go that MQTT sessions give up; /QUEUE for a queue.")
  private @Nullable String deadLetters;

  @CommandLine.Option(
      names = "--sys-interval",
      paramLabel = TIME,
      description =
          "How often topics below $$SYS are published, such as 10s; there are none without.")
  private @Nullable String systemInterval;

  @CommandLine.Option(
      names = "--overlap",
      paramLabel = "once|per-subscription",
      description = "How a message comes to an MQTT client of whose filters several match it.")
  private @Nullable String overlap;

  @CommandLine.Option(
      names = "--mapping",
      paramLabel = "lossless|rabbitmq",
      description = "How topics and properties cross between MQTT and AMQP (docs/mapping.md).")
  private @Nullable String mapping;

  @CommandLine.Option(
      names = "--sparkplug",
      paramLabel = FLAG,
      description = "Whether Sparkplug's topics have the keys that RabbitMQ gives them.")
  private @Nullable String sparkplug;

  @CommandLine.Option(
      names = "--expose-metadata",
      paramLabel = FLAG,
      description = "Whether what crosses always shows its topic, QoS or routing key.")
  private @Nullable String metadata;

  @CommandLine.Option(
      names = "--refuse-long-topics",
      paramLabel = FLAG,
      description = "Whether MQTT topics are refused whose routing key AMQP cannot carry.")
  private @Nullable String longTopics;

  @CommandLine.Option(
      names = "--hide-dollar-topics",
      paramLabel = FLAG,
      description = "Whether wildcards of AMQP do not meet topics that start with a dollar sign.")
  private @Nullable String dollarTopics;

  @CommandLine.Option(
      names = "--transient-qos",
      paramLabel = "0|1",
      description = "The QoS of AMQP's messages that are not persistent.")
  private @Nullable String transientQos;

  ServeRules read() {
    ServeRules rules = ServeRules.DEFAULT;
    rules = with(rules, Option.USERS, users);
    rules = with(rules, Option.ACCESS, access);
    rules = with(rules, Option.ANONYMOUS, anonymous);
    for (String limit : limits) {
      rules = rules.with(Option.LIMIT, limit);
    }
    rules = with(rules, Option.MAX_KEEP_ALIVE, keepAlive);
    rules = with(rules, Option.MAX_QOS, qos);
    rules = with(rules, Option.RETAIN, retain);
    rules = with(rules, Option.EMPTY_CLIENT_IDS, emptyClientIds);
    rules = with(rules, Option.SESSION_EXPIRY, sessionExpiry);
    rules = with(rules, Option.REFUSAL_REASONS, refusalReasons);
    rules = with(rules, Option.REFUSED_PUBLISHES, refusedPublishes);
    rules = with(rules, Option.DEAD_LETTERS, deadLetters);
    rules = with(rules, Option.SYS_INTERVAL, systemInterval);
    rules = with(rules, Option.OVERLAP, overlap);
    rules = with(rules, Option.MAPPING, mapping);
    rules = with(rules, Option.SPARKPLUG, sparkplug);
    rules = with(rules, Option.EXPOSE_METADATA, metadata);
    rules = with(rules, Option.REFUSE_LONG_TOPICS, longTopics);
    rules = with(rules, Option.HIDE_DOLLAR_TOPICS, dollarTopics);
    return with(rules, Option.TRANSIENT_QOS, transientQos);
  }

  private static ServeRules with(ServeRules rules, Option option, @Nullable String value) {
    return value == null ? rules : rules.with(option, value);
  }
}

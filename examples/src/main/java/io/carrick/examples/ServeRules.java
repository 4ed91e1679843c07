package io.carrick.examples;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.QueueOptions;
import io.carrick.TopicMapper;
import io.carrick.mqtt.Mqtt;
import io.carrick.mqtt.Overlap;
import io.carrick.mqtt.RefusedPublish;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who {@code serve} lets in, what each may do, and how much of everything there may be. Immutable.
 *
 * @param users the file that says who may log in, null for those whom the store knows
 * @param access the file that says what may be read and written, null for none
 * @param anonymous whether who gives no name is let in, from anywhere; null if nothing was said
 * @param limits of the broker
 * @param mqtt what clients of MQTT get less of
 * @param mapping what becomes of what crosses between MQTT and AMQP
 */
record ServeRules(
    @Nullable Path users,
    @Nullable Path access,
    @Nullable Boolean anonymous,
    Limits limits,
    UnaryOperator<Mqtt> mqtt,
    Mapping mapping) {

  static final ServeRules DEFAULT =
      new ServeRules(
          null, null, null, Limits.defaults(), UnaryOperator.identity(), Mapping.lossless());

  private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})([kmgKMG]?)");
  private static final Pattern TIME = Pattern.compile("(\\d{1,10})([smhdw]?)");
  private static final int KILO = 1_024;

  /** What options set; the one place that knows their values, however the line was read. */
  enum Option {
    USERS("--users"),
    ACCESS("--access"),
    ANONYMOUS("--anonymous"),
    LIMIT("--limit"),
    MAX_KEEP_ALIVE("--max-keep-alive"),
    MAX_QOS("--max-qos"),
    RETAIN("--retain"),
    EMPTY_CLIENT_IDS("--empty-client-ids"),
    SESSION_EXPIRY("--session-expiry"),
    REFUSAL_REASONS("--refusal-reasons"),
    REFUSED_PUBLISHES("--refused-publishes"),
    DEAD_LETTERS("--dead-letters"),
    SYS_INTERVAL("--sys-interval"),
    OVERLAP("--overlap"),
    MAPPING("--mapping"),
    SPARKPLUG("--sparkplug"),
    EXPOSE_METADATA("--expose-metadata"),
    REFUSE_LONG_TOPICS("--refuse-long-topics"),
    HIDE_DOLLAR_TOPICS("--hide-dollar-topics"),
    TRANSIENT_QOS("--transient-qos");

    private final String text;

    Option(String text) {
      this.text = text;
    }

    static @Nullable Option of(String text) {
      return Arrays.stream(values()).filter(o -> o.text.equals(text)).findFirst().orElse(null);
    }
  }

  /**
   * Sets an option.
   *
   * @throws CommandFailure for a value that cannot be read
   */
  ServeRules with(Option option, String value) {
    try {
      return switch (option) {
        case USERS -> new ServeRules(Path.of(value), access, anonymous, limits, mqtt, mapping);
        case ACCESS -> new ServeRules(users, Path.of(value), anonymous, limits, mqtt, mapping);
        case ANONYMOUS -> new ServeRules(users, access, flag(value), limits, mqtt, mapping);
        case LIMIT -> new ServeRules(users, access, anonymous, limit(value), mqtt, mapping);
        case MAX_KEEP_ALIVE -> mqtt(m -> m.keepAlive(time(value)));
        case MAX_QOS -> mqtt(m -> m.maximumQos(Integer.parseInt(value)));
        case RETAIN -> mqtt(m -> m.retain(flag(value)));
        case EMPTY_CLIENT_IDS -> mqtt(m -> m.emptyClientIds(flag(value)));
        case SESSION_EXPIRY -> mqtt(m -> m.sessionExpiry(time(value)));
        case REFUSAL_REASONS -> mqtt(m -> m.refusalReasons(flag(value)));
        case REFUSED_PUBLISHES -> mqtt(m -> m.refusedPublishes(refused(value)));
        case DEAD_LETTERS -> mqtt(m -> m.sessionQueues(deadLetters(value)));
        case SYS_INTERVAL -> mqtt(m -> systemTopics(m, time(value)));
        case OVERLAP -> mqtt(m -> m.overlap(overlap(value)));
        case MAPPING -> by(mapping.profile(profile(value)));
        case SPARKPLUG -> by(flag(value) ? mapping.topics(TopicMapper.sparkplug()) : mapping);
        case EXPOSE_METADATA -> by(mapping.exposeMetadata(flag(value)));
        case REFUSE_LONG_TOPICS -> by(mapping.refuseLongTopics(flag(value)));
        case HIDE_DOLLAR_TOPICS -> by(mapping.hideDollarTopics(flag(value)));
        case TRANSIENT_QOS -> by(mapping.transientQos(Integer.parseInt(value)));
      };
    } catch (NumberFormatException e) {
      throw wrong(option, "not a number: " + value);
    } catch (IllegalArgumentException e) {
      throw wrong(option, String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailure wrong(Option option, String why) {
    return new CommandFailure(CommandFailure.WRONG_USE, option.text + ": " + why);
  }

  /** Says one thing more; tried at once, so that it is refused here if it is wrong. */
  private ServeRules mqtt(UnaryOperator<Mqtt> more) {
    Objects.requireNonNull(more.apply(Mqtt.onAnyPort()));
    UnaryOperator<Mqtt> before = mqtt;
    return new ServeRules(
        users, access, anonymous, limits, m -> more.apply(before.apply(m)), mapping);
  }

  private ServeRules by(Mapping other) {
    return new ServeRules(users, access, anonymous, limits, mqtt, other);
  }

  private static Overlap overlap(String value) {
    return switch (value) {
      case "once" -> Overlap.ONCE;
      case "per-subscription" -> Overlap.PER_SUBSCRIPTION;
      default -> throw new IllegalArgumentException("neither once nor per-subscription: " + value);
    };
  }

  private static Mapping.Profile profile(String value) {
    return switch (value) {
      case "lossless" -> Mapping.Profile.LOSSLESS;
      case "rabbitmq" -> Mapping.Profile.RABBITMQ;
      default -> throw new IllegalArgumentException("neither lossless nor rabbitmq: " + value);
    };
  }

  /** With 0 there are none, as with mosquitto. */
  private static Mqtt systemTopics(Mqtt adapter, Duration interval) {
    return interval.isZero() ? adapter : adapter.systemTopics(interval);
  }

  private static RefusedPublish refused(String value) {
    return switch (value) {
      case "close" -> RefusedPublish.CLOSE_CONNECTION;
      case "ack" -> RefusedPublish.POSITIVE_ACK;
      default -> throw new IllegalArgumentException("neither close nor ack: " + value);
    };
  }

  /** No exchange before the slash is the default one, behind which a key is a queue. */
  private static QueueOptions deadLetters(String value) {
    int slash = value.indexOf('/');
    return slash < 0
        ? QueueOptions.none().deadLetterTo(value)
        : QueueOptions.none().deadLetterTo(value.substring(0, slash), value.substring(slash + 1));
  }

  private static boolean flag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false: " + value);
    };
  }

  private static Duration time(String value) {
    Matcher time = TIME.matcher(value);
    if (!time.matches()) {
      throw new IllegalArgumentException("not a time such as 90s, 15m, 12h, 14d or 2w: " + value);
    }
    long count = Long.parseLong(time.group(1));
    return switch (time.group(2)) {
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      case "d" -> Duration.ofDays(count);
      case "w" -> Duration.ofDays(7 * count);
      default -> Duration.ofSeconds(count);
    };
  }

  private Limits limit(String value) {
    int equals = value.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException("not NAME=VALUE: " + value);
    }
    String name = value.substring(0, equals);
    return limits.with(named(name), number(value.substring(equals + 1)));
  }

  private static Limit named(String name) {
    String known = name.replace('-', '_').toUpperCase(Locale.ROOT);
    return Arrays.stream(Limit.values())
        .filter(limit -> limit.name().equals(known))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("no limit '" + name + "'; there are " + limitNames()));
  }

  private static String limitNames() {
    return Arrays.stream(Limit.values())
        .map(limit -> limit.name().replace('_', '-').toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static long number(String text) {
    Matcher number = NUMBER.matcher(text);
    if (!number.matches()) {
      throw new IllegalArgumentException("not a number such as 500, 64k or 2m: " + text);
    }
    long value = Long.parseLong(number.group(1));
    long unit =
        switch (number.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> KILO;
          case "m" -> (long) KILO * KILO;
          case "g" -> (long) KILO * KILO * KILO;
          default -> 1;
        };
    return Math.multiplyExact(value, unit);
  }
}

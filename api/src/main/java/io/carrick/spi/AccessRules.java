package io.carrick.spi;

import io.carrick.Identity;
import io.carrick.RoutingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who may read and write which topics, in the words of Mosquitto's {@code acl_file}:
 *
 * <pre>
 * # who gives no name
 * topic read public/#
 *
 * user anne
 * topic readwrite home/#
 * topic deny home/safe/#
 *
 * # everybody
 * pattern write devices/%c/state
 * pattern read devices/%u/#
 * </pre>
 *
 * <p>Beside Mosquitto's words there is {@code publish}: to write what is not to be retained, where
 * {@code write} allows both. What nothing allows is refused, and {@code deny} wins over everything.
 * A subscription is taken if it stands for some topic that may be read, and brings what may be read
 * ({@link #filters}). Who may not read and write everything comes in by MQTT only, since other
 * protocols have more than topics. Immutable.
 */
public final class AccessRules implements Authorizer {

  private static final String SESSION_QUEUES = "mqtt.";
  private static final RoutingKey BROKERS = RoutingKey.ofTopic("$SYS/#");

  private final Map<String, List<Rule>> byUser;
  private final List<Rule> nameless;
  private final List<Rule> everybody;

  /** As whom they act who give no name. */
  private final String anonymous;

  /** A line. Immutable. */
  private record Rule(AccessPattern topics, boolean reads, boolean writes, boolean retains) {

    boolean denies() {
      return !reads && !writes;
    }

    boolean allows(Action action) {
      return switch (action) {
        case READ -> reads;
        case RETAIN -> retains;
        default -> writes;
      };
    }
  }

  private AccessRules(
      Map<String, List<Rule>> byUser, List<Rule> nameless, List<Rule> everybody, String anonymous) {
    this.byUser = byUser;
    this.nameless = nameless;
    this.everybody = everybody;
    this.anonymous = anonymous;
  }

  /**
   * Reads rules.
   *
   * @param text lines with {@code user}, {@code topic} or {@code pattern}; empty ones and those
   *     that begin with {@code #} say nothing
   * @throws IllegalArgumentException for another line, which the message names by its number
   */
  public static AccessRules of(String text) {
    var byUser = new HashMap<String, List<Rule>>();
    var nameless = new ArrayList<Rule>();
    var everybody = new ArrayList<Rule>();
    List<Rule> current = nameless;
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split("[ \t]+", 2);
      String rest = words.length < 2 ? "" : words[1];
      try {
        switch (words[0]) {
          case "user" -> current = byUser.computeIfAbsent(named(rest), u -> new ArrayList<>());
          case "topic" -> current.add(rule(rest, false));
          case "pattern" -> everybody.add(rule(rest, true));
          default -> throw new IllegalArgumentException("neither user, topic nor pattern: " + line);
        }
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException("line " + number + ": " + wrong.getMessage(), wrong);
      }
    }
    return new AccessRules(byUser, nameless, everybody, "");
  }

  private static String named(String user) {
    if (user.isEmpty()) {
      throw new IllegalArgumentException("a user without a name");
    }
    return user;
  }

  private static Rule rule(String text, boolean named) {
    String[] words = text.split("[ \t]+", 2);
    boolean says = words.length == 2 && isAccess(words[0]);
    String topics = says ? words[1] : text;
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("no topic");
    }
    AccessPattern pattern = AccessPattern.of(topics, named);
    return switch (says ? words[0] : "readwrite") {
      case "read" -> new Rule(pattern, true, false, false);
      case "write" -> new Rule(pattern, false, true, true);
      case "publish" -> new Rule(pattern, false, true, false);
      case "deny" -> new Rule(pattern, false, false, false);
      default -> new Rule(pattern, true, true, true);
    };
  }

  private static boolean isAccess(String word) {
    return switch (word) {
      case "read", "write", "publish", "readwrite", "deny" -> true;
      default -> false;
    };
  }

  /**
   * Returns the same where a user stands for those who give no name: then the topics in front of
   * the first {@code user} are for it, too.
   */
  public AccessRules anonymous(String user) {
    return new AccessRules(byUser, nameless, everybody, user);
  }

  private List<Rule> own(Identity who) {
    List<Rule> own = byUser.get(who.user());
    if (own == null) {
      boolean hasNoName = who.user().isEmpty() || who.user().equals(anonymous);
      return hasNoName ? nameless : List.of();
    }
    return own;
  }

  // ---- what the broker asks

  @Override
  public boolean allows(Identity who, Action action, Resource resource) {
    if (action == Action.ADMINISTER) {
      return who.has(Identity.ADMINISTRATOR);
    }
    return switch (resource.kind()) {
      case TOPIC -> allowsTopic(who, action, RoutingKey.ofKey(resource.name()));
      case VIRTUAL_HOST -> !who.clientId().isEmpty() || allowsAllTopics(who);
      case QUEUE -> resource.name().startsWith(SESSION_QUEUES) || allowsAllTopics(who);
      case EXCHANGE -> action != Action.CONFIGURE || allowsAllTopics(who);
      case BROKER -> false;
    };
  }

  private boolean allowsTopic(Identity who, Action action, RoutingKey key) {
    List<Rule> own = own(who);
    return !denied(own, key, who)
        && !denied(everybody, key, who)
        && (covered(own, action, key, who) || covered(everybody, action, key, who));
  }

  private static boolean denied(List<Rule> rules, RoutingKey key, Identity who) {
    for (Rule rule : rules) {
      if (rule.denies() && rule.topics.meets(key, who)) {
        return true;
      }
    }
    return false;
  }

  private static boolean covered(List<Rule> rules, Action action, RoutingKey key, Identity who) {
    for (Rule rule : rules) {
      if (rule.allows(action) && rule.topics.covers(key, who)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean allowsPart(Identity who, Action action, Resource topics) {
    RoutingKey key = RoutingKey.ofKey(topics.name());
    List<Rule> own = own(who);
    return !deniedAll(own, key, who)
        && !deniedAll(everybody, key, who)
        && (met(own, action, key, who) || met(everybody, action, key, who));
  }

  private static boolean deniedAll(List<Rule> rules, RoutingKey key, Identity who) {
    for (Rule rule : rules) {
      if (rule.denies() && rule.topics.covers(key, who)) {
        return true;
      }
    }
    return false;
  }

  private static boolean met(List<Rule> rules, Action action, RoutingKey key, Identity who) {
    for (Rule rule : rules) {
      if (rule.allows(action) && rule.topics.meets(key, who)) {
        return true;
      }
    }
    return false;
  }

  /** Each message is asked about: a subscription may stand for more than may be read. */
  @Override
  public boolean filters() {
    return true;
  }

  /** Who may read and write every topic, those of the broker itself as well. */
  @Override
  public boolean allowsEverything(Identity who, String virtualHost) {
    return allowsAllTopics(who) && allowsTopic(who, Action.READ, BROKERS);
  }

  private boolean allowsAllTopics(Identity who) {
    List<Rule> own = own(who);
    return any(own, everybody, Action.READ)
        && any(own, everybody, Action.WRITE)
        && any(own, everybody, Action.RETAIN)
        && own.stream().noneMatch(Rule::denies)
        && everybody.stream().noneMatch(Rule::denies);
  }

  private static boolean any(List<Rule> own, List<Rule> others, Action action) {
    return own.stream().anyMatch(r -> r.allows(action) && r.topics.isEverything())
        || others.stream().anyMatch(r -> r.allows(action) && r.topics.isEverything());
  }
}

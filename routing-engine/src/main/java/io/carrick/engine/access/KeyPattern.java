package io.carrick.engine.access;

import io.carrick.Identity;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A topic permission's regular expression, in which names may stand for the client's own. What it
 * is for a client is made once and remembered. Thread-safe.
 */
final class KeyPattern {

  /** Then all are forgotten, and made again. */
  private static final int REMEMBERED = 64;

  private static final String CLIENT_ID = "{client_id}";
  private static final Pattern VARIABLE = Pattern.compile("\\{(username|vhost|client_id)}");

  private final String expression;
  private final String user;
  private final String virtualHost;
  private final boolean perClient;
  private final ConcurrentHashMap<String, Pattern> byClient = new ConcurrentHashMap<>(4);

  KeyPattern(String expression, String user, String virtualHost) {
    this.expression = expression;
    this.user = user;
    this.virtualHost = virtualHost;
    this.perClient = expression.contains(CLIENT_ID);
  }

  /** Returns whether a key is allowed; one about which it cannot decide in time is not. */
  boolean allows(Identity who, String key) {
    if (expression.isEmpty() || (perClient && who.clientId().isEmpty())) {
      return false;
    }
    String client = perClient ? who.clientId() : "";
    Pattern pattern = byClient.get(client);
    if (pattern == null) {
      pattern = Pattern.compile(expanded(client));
      if (byClient.size() >= REMEMBERED) {
        byClient.clear();
      }
      byClient.put(client, pattern);
    }
    return NamePattern.finds(pattern, key);
  }

  private String expanded(String client) {
    Matcher variable = VARIABLE.matcher(expression);
    return variable.replaceAll(
        found -> {
          String value =
              switch (found.group(1)) {
                case "username" -> user;
                case "vhost" -> virtualHost;
                default -> client;
              };
          return Matcher.quoteReplacement(Pattern.quote(value));
        });
  }
}

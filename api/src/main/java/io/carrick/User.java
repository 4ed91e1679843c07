package io.carrick;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Somebody who may log in, and what it may do. Immutable; each method returns a copy.
 *
 * @param name what it is called
 * @param password what is kept of its password; empty for who logs in by a certificate only
 * @param tags what kind of user it is, such as {@link Identity#ADMINISTRATOR}
 * @param permissions what it may do, by virtual host; it may not attach to others
 * @param topicPermissions what it may do with routing keys, by virtual host and topic exchange; all
 *     keys of exchanges that are not there
 */
public record User(
    String name,
    Optional<PasswordHash> password,
    Set<String> tags,
    Map<String, Permissions> permissions,
    Map<String, Map<String, TopicPermissions>> topicPermissions) {

  private static final int LONGEST_NAME = 255;

  /**
   * Copies what is given.
   *
   * @throws PreconditionFailedException for a name that is empty or longer than 255 characters
   */
  public User {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new PreconditionFailedException("a user cannot be called '" + name + "'");
    }
    tags = Set.copyOf(tags);
    permissions = Map.copyOf(permissions);
    var topics = new TreeMap<String, Map<String, TopicPermissions>>();
    topicPermissions.forEach(
        (host, byExchange) -> {
          if (!byExchange.isEmpty()) {
            topics.put(host, Map.copyOf(byExchange));
          }
        });
    topicPermissions = Map.copyOf(topics);
  }

  /** A user that may do nothing yet. Takes milliseconds, as it hashes the password. */
  public static User of(String name, String password) {
    return of(name).withPassword(PasswordHash.of(password));
  }

  /** A user without a password that may do nothing yet. */
  public static User of(String name) {
    return new User(name, Optional.empty(), Set.of(), Map.of(), Map.of());
  }

  /** Returns the same with another password. */
  public User withPassword(PasswordHash hash) {
    return new User(name, Optional.of(hash), tags, permissions, topicPermissions);
  }

  /** Returns the same without a password. */
  public User withoutPassword() {
    return new User(name, Optional.empty(), tags, permissions, topicPermissions);
  }

  /** Returns the same with these tags and no others. */
  public User tagged(String... all) {
    return new User(name, password, Set.of(all), permissions, topicPermissions);
  }

  /** Returns the same that may do this in a virtual host. */
  public User permitted(String virtualHost, Permissions what) {
    return new User(name, password, tags, with(permissions, virtualHost, what), topicPermissions);
  }

  /** Returns the same that may do everything in a virtual host. */
  public User permitted(String virtualHost) {
    return permitted(virtualHost, Permissions.all());
  }

  /** Returns the same that may do this with the keys of a topic exchange. */
  public User permitted(String virtualHost, String exchange, TopicPermissions what) {
    var there = topicPermissions.getOrDefault(virtualHost, Map.of());
    return new User(
        name,
        password,
        tags,
        permissions,
        with(topicPermissions, virtualHost, with(there, exchange, what)));
  }

  /** Returns the same that may do nothing in a virtual host. */
  public User forbidden(String virtualHost) {
    return new User(name, password, tags, without(permissions, virtualHost), topicPermissions);
  }

  /** Returns the same that may use all keys of the topic exchanges of a virtual host. */
  public User anyTopic(String virtualHost) {
    return new User(name, password, tags, permissions, without(topicPermissions, virtualHost));
  }

  /** Returns the same that may use all keys of a topic exchange. */
  public User anyTopic(String virtualHost, String exchange) {
    var there = topicPermissions.getOrDefault(virtualHost, Map.of());
    return new User(
        name,
        password,
        tags,
        permissions,
        with(topicPermissions, virtualHost, without(there, exchange)));
  }

  private static <V> Map<String, V> with(Map<String, V> some, String key, V value) {
    var more = new LinkedHashMap<>(some);
    more.put(key, value);
    return more;
  }

  private static <V> Map<String, V> without(Map<String, V> some, String key) {
    var fewer = new LinkedHashMap<>(some);
    fewer.remove(key);
    return fewer;
  }
}

package io.carrick;

/**
 * What a user may do with the routing keys of a topic exchange, by regular expressions that find
 * something in the key, beside the permissions on the exchange itself. {@code {username}}, {@code
 * {vhost}} and {@code {client_id}} stand for the client's own, taken literally; without a client id
 * the last one finds nothing. Immutable.
 *
 * @param write which keys may be published with
 * @param read which keys may be bound with
 * @param retain with which of the keys that may be published with a message may be kept as a last
 *     value, or cleared
 */
public record TopicPermissions(String write, String read, String retain) {

  private static final String VARIABLE = "\\{(username|vhost|client_id)}";

  /**
   * Checks the expressions.
   *
   * @throws PreconditionFailedException for what is no regular expression, or a very long one
   */
  public TopicPermissions {
    Permissions.check(write.replaceAll(VARIABLE, "x"));
    Permissions.check(read.replaceAll(VARIABLE, "x"));
    Permissions.check(retain.replaceAll(VARIABLE, "x"));
  }

  /**
   * Whatever may be published may be kept as a last value.
   *
   * @throws PreconditionFailedException for what is no regular expression, or a very long one
   */
  public TopicPermissions(String write, String read) {
    this(write, read, write);
  }
}

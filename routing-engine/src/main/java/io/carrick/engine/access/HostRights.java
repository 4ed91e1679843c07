package io.carrick.engine.access;

import io.carrick.Identity;
import io.carrick.Permissions;
import io.carrick.TopicPermissions;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import java.util.HashMap;
import java.util.Map;

/**
 * What a user may do in one virtual host. Immutable.
 *
 * @param configure the names of what may be declared and deleted
 * @param write the names of what may be written to
 * @param read the names of what may be read from
 * @param topics what may be done with routing keys, by exchange; all keys of others
 */
record HostRights(
    NamePattern configure, NamePattern write, NamePattern read, Map<String, TopicRights> topics) {

  /** What may be done with the keys of one topic exchange. Immutable. */
  record TopicRights(KeyPattern write, KeyPattern read, KeyPattern retain) {

    boolean allows(Identity who, Action action, String key) {
      KeyPattern keys =
          switch (action) {
            case WRITE -> write;
            case RETAIN -> retain;
            default -> read;
          };
      return keys.allows(who, key);
    }
  }

  static HostRights of(
      String user, String virtualHost, Permissions all, Map<String, TopicPermissions> topics) {
    var rights = new HashMap<String, TopicRights>();
    topics.forEach(
        (exchange, p) ->
            rights.put(
                exchange,
                new TopicRights(
                    new KeyPattern(p.write(), user, virtualHost),
                    new KeyPattern(p.read(), user, virtualHost),
                    new KeyPattern(p.retain(), user, virtualHost))));
    return new HostRights(
        new NamePattern(all.configure()),
        new NamePattern(all.write()),
        new NamePattern(all.read()),
        Map.copyOf(rights));
  }

  boolean everything() {
    return topics.isEmpty()
        && configure.allowsEverything()
        && write.allowsEverything()
        && read.allowsEverything();
  }

  boolean allows(Identity who, Action action, Resource resource) {
    if (resource.kind() == Resource.Kind.TOPIC) {
      return allowsKey(who, action, resource);
    }
    return switch (action) {
      case CONNECT -> true; // who has permissions in it, if only empty ones, may attach to it
      case CONFIGURE -> configure.allows(resource.name());
      case WRITE -> write.allows(resource.name());
      case READ -> read.allows(resource.name());
      case RETAIN -> false; // is of topics
      case ADMINISTER -> false; // a tag's to say
    };
  }

  private boolean allowsKey(Identity who, Action action, Resource topic) {
    TopicRights rights = topics.get(topic.exchange());
    return rights == null || rights.allows(who, action, topic.name());
  }
}

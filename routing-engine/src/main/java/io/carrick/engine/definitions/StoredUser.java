package io.carrick.engine.definitions;

import io.carrick.BrokerException;
import io.carrick.PasswordHash;
import io.carrick.Permissions;
import io.carrick.TopicPermissions;
import io.carrick.User;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A user as a table of names and values, which is how records have it. Stateless. */
final class StoredUser {

  private static final String NAME = "name";
  private static final String PASSWORD = "password";
  private static final String TAGS = "tags";
  private static final String PERMISSIONS = "permissions";
  private static final String TOPICS = "topics";

  private StoredUser() {}

  static Map<String, Object> table(User user) {
    var table = new HashMap<String, Object>();
    table.put(NAME, user.name());
    user.password().ifPresent(hash -> table.put(PASSWORD, hash.text()));
    table.put(TAGS, List.copyOf(user.tags()));
    table.put(
        PERMISSIONS, each(user.permissions(), p -> List.of(p.configure(), p.write(), p.read())));
    table.put(
        TOPICS,
        each(
            user.topicPermissions(),
            byExchange -> each(byExchange, p -> List.of(p.write(), p.read(), p.retain()))));
    return table;
  }

  static User user(Map<String, Object> table) {
    try {
      return new User(
          text(table.get(NAME)),
          Optional.ofNullable(table.get(PASSWORD)).map(StoredUser::text).map(PasswordHash::parse),
          Set.copyOf(texts(table.get(TAGS))),
          each(map(table.get(PERMISSIONS)), StoredUser::permissions),
          each(
              map(table.get(TOPICS)),
              byExchange -> each(map(byExchange), StoredUser::topicPermissions)));
    } catch (BrokerException | IllegalArgumentException | ClassCastException e) {
      throw new RecordFormatException("not a user: " + e.getMessage());
    }
  }

  private static <A, B> Map<String, B> each(Map<String, A> some, Function<A, B> form) {
    var made = new HashMap<String, B>();
    some.forEach((name, value) -> made.put(name, form.apply(value)));
    return made;
  }

  private static Permissions permissions(Object stored) {
    List<String> all = texts(stored);
    return new Permissions(all.get(0), all.get(1), all.get(2));
  }

  private static TopicPermissions topicPermissions(Object stored) {
    List<String> all = texts(stored);
    String retain = all.size() < 3 ? all.get(0) : all.get(2); // earlier versions have two
    return new TopicPermissions(all.get(0), all.get(1), retain);
  }

  private static String text(@Nullable Object value) {
    return value instanceof String text ? text : "";
  }

  private static List<String> texts(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream().map(StoredUser::text).toList() : List.of();
  }

  private static Map<String, Object> map(@Nullable Object value) {
    var map = new HashMap<String, Object>();
    if (value instanceof Map<?, ?> some) {
      some.forEach((name, entry) -> map.put(text(name), entry));
    }
    return map;
  }
}

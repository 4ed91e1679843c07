package io.carrick.examples.ctl;

import io.carrick.Admin;
import io.carrick.Alarm;
import io.carrick.ConnectionInfo;
import io.carrick.PasswordHash;
import io.carrick.Permissions;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.Policy.Kind;
import io.carrick.Selection;
import io.carrick.TopicPermissions;
import io.carrick.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The verbs that change something. Immutable.
 *
 * @param admin of the broker
 * @param arguments what was asked for
 */
record ChangeVerbs(Admin admin, CtlArguments arguments) {

  private static final String DONE = "";

  /** What RabbitMQ's client library sends to raise and to clear an alarm. */
  private static final Pattern ALARM =
      Pattern.compile(
          "rabbit_alarm:(set|clear)_alarm\\(\\{+resource_limit, *(memory|disk), *node\\(\\)}.*");

  private static String wait(CompletionStage<?> stage) {
    Asking.await(stage);
    return DONE;
  }

  private String word(int at, String name) {
    return arguments.word(at, name);
  }

  // ---- users

  String addUser() {
    User user = User.of(word(0, "a name")).withPassword(password());
    boolean[] there = new boolean[1];
    Asking.each(
        admin.users()::list,
        Selection.everything().startingWith(user.name()),
        other -> there[0] |= other.name().equals(user.name()));
    if (there[0]) {
      throw CtlFailure.failed("user '" + user.name() + "' already exists");
    }
    return wait(admin.users().put(user));
  }

  private PasswordHash password() {
    String text = word(1, "a password");
    if (!arguments.has("hashed")) {
      return PasswordHash.of(text);
    }
    try {
      return PasswordHash.rabbitMq(text);
    } catch (IllegalArgumentException e) {
      throw CtlFailure.failed("not a hash of RabbitMQ's: " + e.getMessage());
    }
  }

  String deleteUser() {
    return wait(admin.users().delete(word(0, "a name")));
  }

  private String changeUser(UnaryOperator<User> change) {
    return wait(admin.users().change(word(0, "a user"), change));
  }

  String changePassword() {
    PasswordHash hash = password();
    return changeUser(user -> user.withPassword(hash));
  }

  String clearPassword() {
    return changeUser(User::withoutPassword);
  }

  String setTags() {
    List<String> words = arguments.words();
    String[] tags = words.subList(Math.min(1, words.size()), words.size()).toArray(String[]::new);
    return changeUser(user -> user.tagged(tags));
  }

  String setPermissions() {
    var permissions =
        new Permissions(word(1, "a configure pattern"), word(2, "a write pattern"), read(3));
    checkHost();
    return changeUser(user -> user.permitted(arguments.virtualHost(), permissions));
  }

  private String read(int at) {
    return word(at, "a read pattern");
  }

  private void checkHost() {
    List<String> found = new ArrayList<>();
    Asking.each(
        admin::virtualHosts,
        Selection.everything().in(arguments.virtualHost()),
        host -> found.add(host.name()));
    if (found.isEmpty()) {
      throw CtlFailure.failed("no virtual host '" + arguments.virtualHost() + "'");
    }
  }

  String clearPermissions() {
    return changeUser(user -> user.forbidden(arguments.virtualHost()));
  }

  String setTopicPermissions() {
    String exchange = word(1, "an exchange");
    String write = word(2, "a write pattern");
    String retain = arguments.words().size() > 4 ? word(4, "a retain pattern") : write;
    var permissions = new TopicPermissions(write, read(3), retain);
    checkHost();
    return changeUser(user -> user.permitted(arguments.virtualHost(), exchange, permissions));
  }

  String clearTopicPermissions() {
    String host = arguments.virtualHost();
    return arguments.words().size() < 2
        ? changeUser(user -> user.anyTopic(host))
        : changeUser(user -> user.anyTopic(host, arguments.words().get(1)));
  }

  // ---- virtual hosts, queues

  String addHost() {
    return wait(admin.createVirtualHost(word(0, "a name")));
  }

  String deleteHost() {
    return wait(admin.deleteVirtualHost(word(0, "a name")));
  }

  String trace(boolean on) {
    checkHost();
    wait(admin.firehose(arguments.virtualHost(), on));
    return "Trace %s for vhost %s\n"
        .formatted(on ? "enabled" : "disabled", arguments.virtualHost());
  }

  private String existingQueue() {
    String name = word(0, "a queue");
    List<String> found = new ArrayList<>();
    Asking.each(
        admin::queues,
        Selection.everything().in(arguments.virtualHost()).startingWith(name),
        queue -> found.add(queue.info().name()));
    if (!found.contains(name)) {
      throw CtlFailure.failed("no queue '" + name + "' in vhost '" + arguments.virtualHost() + "'");
    }
    return name;
  }

  String deleteQueue() {
    long messages =
        Asking.await(
            admin.deleteQueue(
                arguments.virtualHost(),
                existingQueue(),
                arguments.has("if-unused"),
                arguments.has("if-empty")));
    return "Queue was successfully deleted with " + messages + " ready messages\n";
  }

  String purgeQueue() {
    Asking.await(admin.purge(arguments.virtualHost(), word(0, "a queue")));
    return DONE;
  }

  // ---- policies

  String setPolicy(Kind kind) {
    int priority = number(arguments.option("priority").orElse("0"));
    AppliesTo what =
        AppliesTo.of(arguments.option("apply-to").orElse(kind == Kind.USER ? "all" : "queues"));
    return wait(
        admin
            .policies()
            .put(
                new Policy(
                    arguments.virtualHost(),
                    word(0, "a name"),
                    kind,
                    word(1, "a pattern"),
                    what,
                    priority,
                    JsonText.flatObject(word(2, "a definition")))));
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw CtlFailure.wrongUse("not a whole number: " + text);
    }
  }

  String clearPolicy(Kind kind) {
    return wait(admin.policies().delete(arguments.virtualHost(), kind, word(0, "a name")));
  }

  // ---- connections

  String closeConnection() {
    String id = word(0, "the pid of a connection");
    if (!Asking.await(admin.closeConnection(id, reason(1)))) {
      throw CtlFailure.failed("no connection " + id);
    }
    return DONE;
  }

  private String reason(int at) {
    return word(at, "a reason");
  }

  String closeAllConnections() {
    String why = reason(0);
    List<ConnectionInfo> all = new ArrayList<>();
    boolean everywhere = arguments.option("vhost").isEmpty();
    Asking.each(
        admin::connections,
        Selection.everything(),
        c -> {
          boolean there = everywhere || c.virtualHost().equals(arguments.virtualHost());
          if (there && c.remote().indexOf(':') >= 0) {
            all.add(c);
          }
        });
    all.forEach(c -> Asking.await(admin.closeConnection(c.id(), why)));
    return "Closed " + all.size() + " connections\n";
  }

  // ---- alarms

  String watermark() {
    String text = word(0, "a part of the heap, or 'absolute' and bytes");
    try {
      double bytes =
          text.equals("absolute")
              ? Long.parseLong(word(1, "bytes"))
              : Double.parseDouble(text) * Runtime.getRuntime().maxMemory();
      return wait(admin.memoryWatermark(Math.max(1, (long) bytes)));
    } catch (NumberFormatException e) {
      throw CtlFailure.wrongUse("not a number: " + text);
    }
  }

  /** Understands what RabbitMQ's client library says to raise and clear alarms, and no more. */
  String eval() {
    Matcher alarm = ALARM.matcher(word(0, "an expression"));
    if (!alarm.matches()) {
      throw CtlFailure.failed("there is no Erlang here; eval knows rabbit_alarm only");
    }
    Alarm which = Alarm.valueOf(alarm.group(2).toUpperCase(Locale.ROOT));
    boolean raise = alarm.group(1).equals("set");
    Asking.await(raise ? admin.holdAlarm(which) : admin.releaseAlarm(which));
    return "ok\n";
  }
}

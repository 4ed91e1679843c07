package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.Page;
import io.carrick.PasswordFile;
import io.carrick.PasswordHash;
import io.carrick.Selection;
import io.carrick.User;
import io.carrick.UserAdmin;
import io.carrick.Users;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.AccessFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The files that say who may log in to one broker and what it may do there, and whom there is
 * without them. Guarded by {@code this}.
 */
final class RuleFiles {

  /** As whom they act who give no name. */
  private static final String ANONYMOUS = "anonymous";

  private static final String GUEST = "guest";

  private final ServeRules rules;
  private final List<String> virtualHosts;
  private final @Nullable AccessFile access;
  private @Nullable PasswordFile users;
  private List<Stamp> seen;

  /** How a file looks from outside; null where it is not there. */
  private record Stamp(Path file, @Nullable FileTime modified, long size) {}

  private RuleFiles(ServeRules rules, List<String> virtualHosts) throws IOException {
    this.rules = rules;
    this.virtualHosts = virtualHosts;
    this.seen = stamps();
    Path usersPath = rules.users();
    Path accessPath = rules.access();
    this.users = usersPath == null ? null : PasswordFile.read(usersPath);
    this.access = accessPath == null ? null : AccessFile.open(accessPath, strangers().orElse(""));
  }

  /**
   * Reads the files.
   *
   * @param virtualHosts in which users may do everything, unless more is said of them
   * @throws CommandFailure when one cannot be read
   */
  static RuleFiles open(ServeRules rules, List<String> virtualHosts) {
    try {
      return new RuleFiles(rules, virtualHosts);
    } catch (IOException e) {
      throw new CommandFailure(CommandFailure.FAILED, reason(e));
    }
  }

  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e.getClass() == IOException.class ? message : "cannot read " + message;
  }

  /** Returns as whom those act who are no users; empty if they are not let in. */
  private Optional<String> strangers() {
    Boolean anonymous = rules.anonymous();
    if (anonymous == null) {
      return rules.users() == null ? Optional.of(GUEST) : Optional.empty();
    }
    return anonymous ? Optional.of(ANONYMOUS) : Optional.empty();
  }

  /** Says who there is. */
  void describe(EmbeddedBroker.Builder builder) {
    builder.users(users());
    if (access != null) {
      builder.restrictedBy(access);
    }
  }

  private synchronized Users users() {
    PasswordFile file = users;
    Users all = Users.guest();
    if (file == null) {
      all = all.with(permitted(all.all().get(0)));
    } else {
      all = Users.none().fromAnywhere().insteadOfStored().strangersWithoutName();
      for (String name : file.names()) {
        all = all.with(permitted(User.of(name).withPassword(file.hash(name).orElseThrow())));
      }
    }
    Optional<String> strangers = strangers();
    if (strangers.isEmpty()) {
      return all;
    }
    boolean there = all.all().stream().anyMatch(user -> user.name().equals(strangers.get()));
    Users with = there ? all : all.with(permitted(User.of(strangers.get())));
    with = with.strangersActAs(strangers.get());
    return Boolean.TRUE.equals(rules.anonymous()) ? with.strangersFromAnywhere() : with;
  }

  private User permitted(User user) {
    User may = user.permitted("/");
    for (String virtualHost : virtualHosts) {
      may = may.permitted(virtualHost);
    }
    return may;
  }

  // ---- while the broker runs

  /** Returns whether a file looks other than when it was read last. */
  synchronized boolean changed() {
    List<Stamp> now = stamps();
    boolean changed = !now.equals(seen);
    seen = now;
    return changed;
  }

  private List<Stamp> stamps() {
    var stamps = new ArrayList<Stamp>();
    for (Path file : new Path[] {rules.users(), rules.access()}) {
      if (file != null) {
        stamps.add(stamp(file));
      }
    }
    return stamps;
  }

  private static Stamp stamp(Path file) {
    try {
      return new Stamp(file, Files.getLastModifiedTime(file), Files.size(file));
    } catch (IOException notThere) {
      return new Stamp(file, null, 0);
    }
  }

  /**
   * Reads the files again, and has the broker go by them. One that cannot be read leaves what was
   * there before; the other counts.
   *
   * @throws IOException when one cannot be read, with a message fit for a user
   */
  synchronized void reload(Broker broker) throws IOException {
    seen = stamps();
    try {
      if (access != null) {
        access.reload();
      }
    } finally {
      Path path = rules.users();
      if (path != null) {
        PasswordFile now = PasswordFile.read(path);
        apply(now, broker.admin().users());
        users = now;
      }
    }
  }

  private void apply(PasswordFile file, UserAdmin admin) {
    Map<String, Optional<PasswordHash>> there = new HashMap<>();
    Selection from = Selection.everything();
    for (Page<User> page = join(admin.list(from)); ; page = join(admin.list(from))) {
      page.items().forEach(user -> there.put(user.name(), user.password()));
      Optional<Selection> rest = page.next().map(from::from);
      if (rest.isEmpty()) {
        break;
      }
      from = rest.get();
    }
    for (String name : file.names()) {
      PasswordHash hash = file.hash(name).orElseThrow();
      Optional<PasswordHash> before = there.remove(name);
      if (before == null) {
        join(admin.put(permitted(User.of(name).withPassword(hash))));
      } else if (!before.equals(Optional.of(hash))) {
        join(admin.change(name, user -> user.withPassword(hash)));
      }
    }
    strangers().ifPresent(there::remove);
    there.keySet().forEach(name -> join(admin.delete(name)));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}

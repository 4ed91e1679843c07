package io.carrick.engine;

import io.carrick.BrokerException;
import io.carrick.Limits;
import io.carrick.Policy;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.access.ReplyKey;
import io.carrick.engine.access.UserTable;
import io.carrick.engine.client.Core;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.RecordFormatException;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.definitions.StoredBinding;
import io.carrick.engine.definitions.StoredDelay;
import io.carrick.engine.definitions.StoredExchange;
import io.carrick.engine.definitions.StoredLastValue;
import io.carrick.engine.definitions.StoredLife;
import io.carrick.engine.definitions.StoredQueue;
import io.carrick.engine.definitions.StoredRedeliveries;
import io.carrick.engine.definitions.StoredSchedule;
import io.carrick.engine.definitions.StoredSchedule.When;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Priorities;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.Redeliveries;
import io.carrick.engine.routing.ScheduledPublish;
import io.carrick.engine.topology.DelayedMessages;
import io.carrick.engine.topology.QueueArguments;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.SessionTables;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.storage.MessageStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of what a store held the broker that it was: takes the definitions, then restores
 * exchanges, queues, bindings and schedules, in this order. What does not make sense any more is
 * reported and stays in the store. Confined to the thread that starts the broker, except {@link
 * #begin}.
 */
final class Recovery implements MessageStore.Recovery {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final VirtualHosts hosts;
  private final Definitions definitions;
  private final Records records;

  private final List<StoredExchange> exchanges = new ArrayList<>();
  private final Map<Long, Optional<StoredQueue>> queues = new TreeMap<>();
  private final Map<Long, StoredBinding> bindings = new TreeMap<>();
  private final List<User> users = new ArrayList<>();
  private final List<Policy> policies = new ArrayList<>();
  private final List<StoredSchedule> schedules = new ArrayList<>();
  private final List<StoredLastValue> lastValues = new ArrayList<>();
  private final List<SessionRecord> sessionRecords = new ArrayList<>();

  /** Virtual hosts that were going: what is in them goes as well. */
  private final Set<String> going = new HashSet<>();

  /** Removes what is in virtual hosts that were going. */
  private final List<Consumer<LoopContext>> removals = new ArrayList<>();

  private final Map<Long, Long> consumedInRun = new HashMap<>();
  private final Map<Long, StoredRedeliveries> redelivered = new HashMap<>();
  private final Map<Long, StoredLife> lives = new HashMap<>();
  private final Map<Long, Map<Long, Integer>> returned = new HashMap<>();
  private final StoredShares shares;
  private final StoredSpellings spellings;
  private final StoredReceipts receipts;
  private final List<Long> queuesWithMessages = new ArrayList<>();
  private final Map<Long, Redeliveries> newlyRedelivered = new HashMap<>();
  private final Map<VirtualHost, QueueKeeper> keepers = new HashMap<>();
  private final Map<Long, StoredDelay> delays = new TreeMap<>();
  private final List<DelayedMessages> delayed = new ArrayList<>();
  private final List<Long> orphanBindings = new ArrayList<>();
  private boolean usersBegun;

  /** Stored ones who are none any more. */
  private final Set<String> usersGone = new HashSet<>();

  private byte @Nullable [] decoys;

  /** By which it is known who was asked; one of its own if the store has none. */
  private ReplyKey replies = ReplyKey.random();

  private boolean repliesStored;

  /** Those that the store is to know of; null if it does. */
  private @Nullable UserTable newUsers;

  private long lastRun;
  private long cleanRun;
  private long idsGivenOut;
  private boolean complete = true;
  private @Nullable RecordFormatException unreadable;

  /** A record of a session as the store has it. */
  private record SessionRecord(String table, String key, byte[] record) {}

  Recovery(VirtualHosts hosts, Definitions definitions) {
    this.hosts = hosts;
    this.definitions = definitions;
    this.records = definitions.records();
    this.shares = new StoredShares(definitions);
    this.spellings = new StoredSpellings(hosts, definitions);
    this.receipts = new StoredReceipts(definitions);
  }

  /**
   * Reads the store.
   *
   * @throws IOException when it cannot be read, with a message fit for a user
   */
  void read() throws IOException {
    definitions.store().recover(this);
    if (unreadable != null) {
      throw new IOException(unreadable.getMessage(), unreadable);
    }
    queues.values().forEach(stored -> stored.ifPresent(q -> spellings.used(q.virtualHost())));
    lastValues.forEach(stored -> spellings.used(stored.virtualHost()));
    schedules.forEach(stored -> spellings.used(stored.virtualHost()));
    spellings.check();
  }

  // ---- from the store

  @Override
  public void definition(String table, String key, byte[] record) {
    try {
      take(table, key, record);
    } catch (RecordFormatException e) {
      if (unreadable == null) {
        unreadable =
            new RecordFormatException(
                "cannot read '" + key + "' of table '" + table + "': " + e.getMessage());
      }
    }
  }

  private void take(String table, String key, byte[] record) {
    switch (table) {
      case Definitions.EXCHANGES -> exchanges.add(records.exchange(record));
      case Definitions.QUEUES -> queues.put(id(key), records.queue(record));
      case Definitions.POLICIES -> policies.add(records.policy(record));
      case Definitions.SECRETS -> takeSecret(key, records.readSecret(record));
      case Definitions.USERS -> users.add(records.user(record));
      case Definitions.BINDINGS -> bindings.put(id(key), records.binding(record));
      case Definitions.VIRTUAL_HOSTS -> takeVirtualHost(key, records.number(record));
      case Definitions.SPELLINGS -> spellings.take(key, records.name(record));
      case Definitions.RECEIPTS -> receipts.receipt(id(key), records.receipt(record));
      case Definitions.RECEIPT_TARGETS -> receipts.target(key, records.receiptTarget(record));
      case Definitions.DELAYS -> delays.put(id(key), records.delay(record));
      case Definitions.LAST_VALUES -> lastValues.add(records.lastValue(record));
      case Definitions.SCHEDULES -> schedules.add(records.schedule(record));
      case Definitions.CONSUMED -> consumedInRun.put(id(key), records.number(record));
      case Definitions.REDELIVERED -> redelivered.put(id(key), records.redelivered(record));
      case Definitions.LIVES -> lives.put(id(key), records.life(record));
      case Definitions.RETURNED -> takeReturned(key, (int) records.number(record));
      case Definitions.PINNED -> shares.pinned(key, records.number(record));
      case Definitions.MEMBERS -> shares.member(key, records.member(record));
      case Definitions.BROKER -> takeBroker(key, records.number(record));
      default -> sessionRecords.add(new SessionRecord(table, key, record));
    }
  }

  private long id(String key) {
    long id = Long.parseLong(key);
    idsGivenOut = Math.max(idsGivenOut, id);
    return id;
  }

  private void takeReturned(String key, int times) {
    int slash = key.indexOf('/');
    long sequence = Long.parseLong(key.substring(slash + 1));
    returned
        .computeIfAbsent(id(key.substring(0, slash)), q -> new HashMap<>())
        .put(sequence, times);
  }

  private void takeBroker(String key, long number) {
    switch (key) {
      case Definitions.RUN -> lastRun = number;
      case Definitions.CLEAN -> cleanRun = number;
      case Definitions.USERS_BEGUN -> usersBegun = true;
      case Definitions.IDS -> idsGivenOut = Math.max(idsGivenOut, number);
      default -> report("'" + key + "' about the broker is not known");
    }
  }

  private void takeSecret(String key, byte[] secret) {
    switch (key) {
      case Definitions.DECOYS -> decoys = secret;
      case Definitions.REPLIES -> {
        replies = new ReplyKey(secret);
        repliesStored = true;
      }
      default -> report("secret '" + key + "' is not known");
    }
  }

  private void takeVirtualHost(String name, long state) {
    if (state == Definitions.GOING) {
      going.add(name);
    } else {
      hosts.restore(name);
    }
  }

  private void restore(StoredLastValue value) {
    String key = Definitions.lastValueKey(value.virtualHost(), value.message().routingKey());
    host(value.virtualHost(), "a last value", here -> definitions.deleteLastValue(here, key))
        .ifPresent(host -> host.lastValues().restore(value.message()));
  }

  private void restore(Policy stored) {
    host(
            stored.virtualHost(),
            "policy '" + stored.name() + "'",
            here ->
                definitions.deletePolicy(here, stored.virtualHost(), stored.kind(), stored.name()))
        .ifPresent(host -> host.restore(stored));
  }

  private void restore(SessionRecord stored) {
    String table = stored.table();
    String key = stored.key();
    boolean known =
        SessionTables.isSessionTable(
            table,
            (virtualHost, session) ->
                host(
                        virtualHost,
                        "a session",
                        here -> definitions.deleteSessionRecord(here, table, key))
                    .ifPresent(
                        host ->
                            host.sessionTables.restore(
                                session, Integer.parseInt(key), stored.record())));
    if (!known) {
      report("table '" + table + "' is not known");
    }
  }

  @Override
  public void queue(long queueId, long messages) {
    idsGivenOut = Math.max(idsGivenOut, queueId);
    queuesWithMessages.add(queueId);
  }

  /**
   * Finds the virtual host of something.
   *
   * @param removal removes that if the virtual host was going
   */
  private Optional<VirtualHost> host(String name, String what, Consumer<LoopContext> removal) {
    if (going.contains(name)) {
      removals.add(removal);
      return Optional.empty();
    }
    VirtualHost host = hosts.find(name);
    if (host == null) {
      report(what + " is in the virtual host '" + name + "', which is not there");
    }
    return Optional.ofNullable(host);
  }

  private void report(String what) {
    complete = false;
    log.warn("not restored, but kept in the store: {}", what);
  }

  // ---- to the broker

  /** Returns the users that there are to be; notes who of the stored ones is not one of them. */
  private List<User> inPlaceOf(List<User> stored, Users first) {
    var byName = new HashMap<String, User>();
    stored.forEach(user -> byName.put(user.name(), user));
    var there = new ArrayList<User>();
    for (User user : first.all()) {
      User before = byName.remove(user.name());
      User now = before == null ? user : before.withoutPassword();
      there.add(user.password().map(now::withPassword).orElse(now));
    }
    usersGone.addAll(byName.keySet());
    return there;
  }

  /** Makes the users that the store has, or those that the broker begins with. */
  UserTable users(Users first, Limits limits) {
    var table = new UserTable(first, definitions, limits);
    List<User> there = usersBegun ? users : first.all();
    if (usersBegun && first.areInsteadOfStored()) {
      there = inPlaceOf(users, first);
      if (!Set.copyOf(there).equals(Set.copyOf(users))) {
        newUsers = table;
      }
    }
    there.forEach(table::restore);
    byte[] secret = decoys;
    if (secret != null) {
      table.restoreDecoys(secret);
    }
    if (!usersBegun || secret == null) {
      newUsers = table;
    }
    return table;
  }

  /** Returns by which it is known who was asked. */
  ReplyKey replies() {
    return replies;
  }

  /**
   * Makes the exchanges, queues and bindings again; nobody is attached yet.
   *
   * @param first policies that are there whatever the store has
   */
  void restore(Core core, List<Policy> first) {
    receipts.restore(
        core.receipts(),
        (id, stored) -> host(stored.virtualHost(), "a receipt", here -> receipts.remove(id, here)));
    lastValues.forEach(this::restore);
    sessionRecords.forEach(this::restore);
    policies.forEach(this::restore);
    first.forEach(policy -> hosts.host(policy.virtualHost()).restore(policy));
    for (StoredExchange stored : exchanges) {
      String name = stored.declaration().name();
      String what = "exchange '" + name + "'";
      String virtualHost = stored.virtualHost();
      host(virtualHost, what, here -> definitions.deleteExchange(here, virtualHost, name))
          .ifPresent(host -> reporting(what, () -> host.restore(stored.declaration())));
    }
    queues.forEach((id, stored) -> restore(core, id, stored));
    bindings.forEach(this::restore);
    shares.restore(queues, hosts);
    delays.forEach((id, stored) -> restore(core, id, stored));
    if (lastRun > 0) {
      log.info(
          "restored {} exchanges, {} queues, {} bindings after {} stop",
          exchanges.size(),
          queues.size(),
          bindings.size(),
          clean() ? "an orderly" : "an unclean");
    }
  }

  private boolean clean() {
    return cleanRun == lastRun;
  }

  private void restore(Core core, long id, Optional<StoredQueue> stored) {
    if (stored.isEmpty()) {
      report("queue " + id + " belongs to a session whose adapter is not there");
      return;
    }
    StoredQueue queue = stored.get();
    String what = "queue '" + queue.declaration().name() + "'";
    host(queue.virtualHost(), what, here -> remove(id, queue, here))
        .ifPresent(
            host ->
                reporting(
                    what,
                    () -> {
                      QueueArguments.check(queue.declaration(), what);
                      LoopContext home = core.context(core.group().next());
                      QueueKeeper keeper = keepers.computeIfAbsent(host, core::keeper);
                      Queue made =
                          keeper.restore(
                              id,
                              queue.declaration(),
                              home,
                              redeliveries(id),
                              returned.getOrDefault(id, Map.of()));
                      shares.restore(made, queues);
                      host.restore(made);
                      StoredLife life = lives.get(id);
                      if (life != null) {
                        keeper.restore(made, life);
                      }
                    }));
  }

  private void restore(Core core, long id, StoredDelay stored) {
    String exchange = stored.exchange();
    String what = "messages that wait for exchange '" + exchange + "'";
    host(stored.virtualHost(), what, here -> definitions.deleteDelay(here, id))
        .ifPresent(
            host -> {
              LoopContext home = core.context(core.group().next());
              reporting(
                  what, () -> delayed.add(host.restoreDelay(exchange, id, stored.stretch(), home)));
            });
  }

  /** Removes what the store has of a queue. */
  private void remove(long queue, StoredQueue stored, LoopContext here) {
    definitions.deleteQueue(here, queue, lastId(queue, stored));
    definitions.deleteLife(here, queue);
    shares.removeQueue(queue, here);
    returned
        .getOrDefault(queue, Map.of())
        .keySet()
        .forEach(sequence -> definitions.deleteReturned(here, queue, sequence));
  }

  private Redeliveries redeliveries(long id) {
    StoredRedeliveries before = redelivered.getOrDefault(id, StoredRedeliveries.NONE);
    if (clean() || consumedInRun.getOrDefault(id, 0L) != lastRun) {
      return new Redeliveries(before.upTo(), before.sequences());
    }
    long everything = definitions.store().durableSequence();
    newlyRedelivered.put(id, new Redeliveries(everything, List.of()));
    return new Redeliveries(everything, List.of());
  }

  private void restore(long id, StoredBinding stored) {
    String what = "a binding of '" + stored.binding().destination() + "'";
    host(stored.virtualHost(), what, here -> definitions.deleteBinding(here, id))
        .ifPresent(
            host -> {
              if (host.hasEnds(stored.binding())) {
                reporting(what, () -> host.restore(stored.binding(), id));
              } else {
                orphanBindings.add(id);
              }
            });
  }

  private void reporting(String what, Runnable restoring) {
    try {
      restoring.run();
    } catch (BrokerException senseless) {
      report(what + ": " + senseless.getMessage());
    }
  }

  /**
   * Starts the new run: notes it, with what it takes over from the last one, forgets what the last
   * one had begun to remove, and starts the clocks of schedules. Called in a loop.
   *
   * @return the sequence from which on the store knows of the run
   */
  long begin(Core core, LoopContext here) {
    // All or none: a run that is known without the flags of the last one would lose them.
    here.appender().begin();
    long sequence;
    try {
      newlyRedelivered.forEach((id, r) -> definitions.redelivered(here, id, r));
      if (complete) {
        removeOrphans(here);
      }
      if (newUsers != null) {
        newUsers.begin(here);
        usersGone.forEach(name -> definitions.deleteUser(here, name));
      }
      if (!repliesStored) {
        definitions.replies(here, replies.secret());
      }
      spellings.note(here);
      sequence = definitions.begin(here, lastRun + 1, idsGivenOut);
    } finally {
      here.appender().end();
    }
    schedules.forEach(stored -> start(core, stored, here));
    hosts.all().forEach(host -> host.lastValues().start(here));
    shares.start(queues, hosts, here);
    core.receipts().start(here);
    delayed.forEach(messages -> start(core, messages, here));
    removals.forEach(removal -> removal.accept(here));
    going.forEach(name -> definitions.deleteVirtualHost(here, name));
    return sequence;
  }

  /** What nothing refers to has never been acknowledged, or was removed in part. */
  private void removeOrphans(LoopContext here) {
    orphanBindings.forEach(id -> definitions.deleteBinding(here, id));
    lives.keySet().stream()
        .filter(id -> !queues.containsKey(id))
        .forEach(id -> definitions.deleteLife(here, id));
    returned.forEach((queue, messages) -> removeOrphans(queue, messages, here));
    shares.removeOrphans(queues.keySet(), here);
    receipts.removeOrphans(here);
    Set<Long> ofPriorities = new HashSet<>();
    queues.forEach(
        (id, stored) ->
            stored.ifPresent(
                queue -> {
                  for (long further = id + 1; further <= lastId(id, queue); further++) {
                    ofPriorities.add(further);
                  }
                }));
    for (Long id : queuesWithMessages) {
      if (!queues.containsKey(id) && !delays.containsKey(id) && !ofPriorities.contains(id)) {
        log.info("messages of queue {} are forgotten, whose declaration was not complete", id);
        definitions.deleteQueue(here, id, id);
      }
    }
  }

  private static long lastId(long id, StoredQueue queue) {
    return id + Priorities.furtherIds(queue.declaration());
  }

  private void removeOrphans(Long queueId, Map<Long, Integer> messages, LoopContext here) {
    if (!queues.containsKey(queueId)) {
      messages.keySet().forEach(s -> definitions.deleteReturned(here, queueId, s));
    }
  }

  private static void start(Core core, DelayedMessages messages, LoopContext here) {
    LoopContext home = messages.queue().home();
    here.tell(home, () -> core.router(home).releases().add(messages));
  }

  private void start(Core core, StoredSchedule stored, LoopContext here) {
    host(
            stored.virtualHost(),
            "a scheduled publish",
            loop -> definitions.deleteSchedule(loop, stored.virtualHost(), stored.name()))
        .ifPresent(
            host -> {
              long delayMs =
                  stored.when() == When.AT
                      ? stored.timeMs() - here.loop().wallTimeMs()
                      : stored.timeMs();
              var publish = new ScheduledPublish(core.router(here), host, stored.message());
              host.schedules().start(stored.name(), stored.message(), delayMs, here, publish);
            });
  }
}

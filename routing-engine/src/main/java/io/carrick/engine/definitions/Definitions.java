package io.carrick.engine.definitions;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.Policy;
import io.carrick.User;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Redeliveries;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.storage.MessageStore;
import java.nio.charset.StandardCharsets;

/**
 * What the engine has in the store beside messages: every change goes into the batch of the loop
 * that makes it, and returns the sequence to wait for. A store that does not outlive the process is
 * told nothing. Thread-safe: who changes the same thing from two loops holds a lock over it.
 */
public final class Definitions {

  public static final String BROKER = "broker";

  /** Those that were made while a broker ran, or are going. */
  public static final String VIRTUAL_HOSTS = "virtual-host";

  /** How topics are spelled in virtual hosts, by name (MAP-9). */
  public static final String SPELLINGS = "spelling";

  public static final String USERS = "user";
  public static final String SECRETS = "secret";
  public static final String DECOYS = "decoys";
  public static final String REPLIES = "replies";
  public static final String POLICIES = "policy";
  public static final String EXCHANGES = "exchange";
  public static final String QUEUES = "queue";
  public static final String BINDINGS = "binding";
  public static final String LAST_VALUES = "last-value";
  public static final String SCHEDULES = "schedule";

  /** Receipts that are not answered. */
  public static final String RECEIPTS = "receipt";

  /** What became of a message with a receipt in a queue. */
  public static final String RECEIPT_TARGETS = "receipt-target";

  /** Queues of messages that wait, of exchanges' own. */
  public static final String DELAYS = "delay";

  /** A virtual host is there. */
  public static final long THERE = 1;

  /** A virtual host is going: what the store has of it is to be removed. */
  public static final long GOING = 2;

  /** In which run a queue had a consumer last. */
  public static final String CONSUMED = "consumed";

  /** How often a message of a queue with a delivery limit has come back from consumers. */
  public static final String RETURNED = "returned";

  public static final String REDELIVERED = "redelivered";

  /** Which sessions share which queues. */
  public static final String MEMBERS = "member";

  /** Whose a message of a queue is that several sessions share, once one has begun to get it. */
  public static final String PINNED = "pinned";

  /** How long the queues of sessions outlive their last consumers. */
  public static final String LIVES = "life";

  /** The last run of the broker, and the last one that ended in order. */
  public static final String RUN = "run";

  public static final String CLEAN = "clean";

  /** There have been users, if only those that the broker began with. */
  public static final String USERS_BEGUN = "users";

  /** The highest id that may have been given out. */
  public static final String IDS = "ids";

  private static final long IDS_RESERVED = 4_096;

  private final MessageStore store;
  private final Records records;
  private final boolean kept;

  // guarded by this
  private long lastId;
  private long reservedIds;

  private volatile long run;

  public Definitions(MessageStore store, Records records) {
    this.store = store;
    this.records = records;
    this.kept = store.outlivesProcess();
  }

  public MessageStore store() {
    return store;
  }

  public Records records() {
    return records;
  }

  /** Returns whether anything outlives the process. */
  public boolean kept() {
    return kept;
  }

  // ---- runs and ids

  /** A run of the broker begins, with ids above those of earlier runs. */
  public long begin(LoopContext here, long number, long idsBefore) {
    run = number;
    synchronized (this) {
      lastId = idsBefore;
      reservedIds = idsBefore;
    }
    return put(here, BROKER, RUN, number);
  }

  /** The run has ended in order. */
  public long ended(LoopContext here) {
    return put(here, BROKER, CLEAN, run);
  }

  /** Returns an id that nothing in the store has had. */
  public long newId(LoopContext here) {
    return newIds(here, 1);
  }

  /**
   * Returns the first of new ids that follow each other.
   *
   * @param count far fewer than are given out at a time
   */
  public synchronized long newIds(LoopContext here, int count) {
    lastId += count;
    // Well before they run out, so that the store knows it before an id beyond is used.
    if (kept && lastId > reservedIds - IDS_RESERVED / 2) {
      reservedIds = lastId + IDS_RESERVED;
      put(here, BROKER, IDS, reservedIds);
    }
    return lastId - count + 1;
  }

  private long put(LoopContext here, String table, String key, long number) {
    return kept ? here.appender().put(table, key, records.number(number)) : 0;
  }

  private long delete(LoopContext here, String table, String key) {
    return kept ? here.appender().delete(table, key) : 0;
  }

  // ---- users

  public long user(LoopContext here, User user) {
    return kept ? here.appender().put(USERS, user.name(), records.user(user)) : 0;
  }

  /** Notes of what the salts are made of users who are not there. */
  public void decoys(LoopContext here, byte[] secret) {
    if (kept) {
      here.appender().put(SECRETS, DECOYS, records.secret(secret));
    }
  }

  /** Notes by which it is known who was asked. */
  public void replies(LoopContext here, byte[] secret) {
    if (kept) {
      here.appender().put(SECRETS, REPLIES, records.secret(secret));
    }
  }

  public long deleteUser(LoopContext here, String name) {
    return delete(here, USERS, name);
  }

  public void usersBegun(LoopContext here) {
    put(here, BROKER, USERS_BEGUN, 1);
  }

  // ---- policies

  public long policy(LoopContext here, Policy policy) {
    return kept
        ? here.appender()
            .put(
                POLICIES,
                policyKey(policy.virtualHost(), policy.kind(), policy.name()),
                records.policy(policy))
        : 0;
  }

  public long deletePolicy(LoopContext here, String virtualHost, Policy.Kind kind, String name) {
    return delete(here, POLICIES, policyKey(virtualHost, kind, name));
  }

  private static String policyKey(String virtualHost, Policy.Kind kind, String name) {
    return virtualHost + '\0' + kind.ordinal() + name;
  }

  // ---- topology

  /**
   * Notes a virtual host.
   *
   * @param state {@link #THERE} or {@link #GOING}
   */
  public long virtualHost(LoopContext here, String name, long state) {
    return put(here, VIRTUAL_HOSTS, name, state);
  }

  public long deleteVirtualHost(LoopContext here, String name) {
    delete(here, SPELLINGS, name);
    return delete(here, VIRTUAL_HOSTS, name);
  }

  /** Notes how topics are spelled in a virtual host. */
  public long spelling(LoopContext here, String virtualHost, String spelling) {
    return kept ? here.appender().put(SPELLINGS, virtualHost, records.name(spelling)) : 0;
  }

  private static String named(String virtualHost, String name) {
    return virtualHost + '\0' + name;
  }

  public long exchange(LoopContext here, String virtualHost, ExchangeDeclaration d) {
    return kept
        ? here.appender()
            .put(
                EXCHANGES,
                named(virtualHost, d.name()),
                records.exchange(new StoredExchange(virtualHost, d)))
        : 0;
  }

  public long deleteExchange(LoopContext here, String virtualHost, String exchange) {
    return delete(here, EXCHANGES, named(virtualHost, exchange));
  }

  public long queue(LoopContext here, long id, String virtualHost, QueueDeclaration d) {
    return kept
        ? here.appender()
            .put(QUEUES, Long.toString(id), records.queue(new StoredQueue(virtualHost, d)))
        : 0;
  }

  /**
   * Removes a queue.
   *
   * @param lastId the last of the ids, from its own on, under which the store has messages of it
   */
  public long deleteQueue(LoopContext here, long id, long lastId) {
    if (!kept) {
      return 0;
    }
    String key = Long.toString(id);
    delete(here, QUEUES, key);
    delete(here, CONSUMED, key);
    delete(here, REDELIVERED, key);
    for (long further = id + 1; further <= lastId; further++) {
      here.appender().drop(further);
    }
    return here.appender().drop(id);
  }

  /** Notes a queue of messages that wait. */
  public void delay(
      LoopContext here, long queueId, String virtualHost, String exchange, long stretch) {
    if (kept) {
      here.appender()
          .put(
              DELAYS,
              Long.toString(queueId),
              records.delay(new StoredDelay(virtualHost, exchange, stretch)));
    }
  }

  /** Forgets a queue of messages that wait, with what is in it. */
  public void deleteDelay(LoopContext here, long queueId) {
    if (kept) {
      delete(here, DELAYS, Long.toString(queueId));
      here.appender().drop(queueId);
    }
  }

  public long binding(LoopContext here, long id, String virtualHost, Binding binding) {
    return kept
        ? here.appender()
            .put(
                BINDINGS,
                Long.toString(id),
                records.binding(new StoredBinding(virtualHost, binding)))
        : 0;
  }

  public long deleteBinding(LoopContext here, long id) {
    return delete(here, BINDINGS, Long.toString(id));
  }

  /** Removes a record of a session's table. */
  public long deleteSessionRecord(LoopContext here, String table, String key) {
    return delete(here, table, key);
  }

  // ---- deliveries from queues

  public long consumed(LoopContext here, long queueId) {
    return put(here, CONSUMED, Long.toString(queueId), run);
  }

  /** A message of a queue with a delivery limit has come back: so often by now. */
  public void returned(LoopContext here, long queueId, long sequence, int times) {
    put(here, RETURNED, pair(queueId, sequence), times);
  }

  public void deleteReturned(LoopContext here, long queueId, long sequence) {
    delete(here, RETURNED, pair(queueId, sequence));
  }

  public void redelivered(LoopContext here, long queueId, Redeliveries redeliveries) {
    if (!kept) {
      return;
    }
    String key = Long.toString(queueId);
    var stored =
        new StoredRedeliveries(
            redeliveries.upTo(), java.util.List.copyOf(redeliveries.sequences()));
    if (stored.equals(StoredRedeliveries.NONE)) {
      delete(here, REDELIVERED, key);
    } else {
      here.appender().put(REDELIVERED, key, records.redelivered(stored));
    }
  }

  // ---- queues that several sessions share

  /** A session shares a queue; both are named by their queues' ids. */
  public long member(LoopContext here, long queueId, long sessionId, StoredMember member) {
    return kept
        ? here.appender().put(MEMBERS, pair(queueId, sessionId), records.member(member))
        : 0;
  }

  public long deleteMember(LoopContext here, long queueId, long sessionId) {
    return delete(here, MEMBERS, pair(queueId, sessionId));
  }

  /** A message is one session's alone. */
  public void pinned(LoopContext here, long queueId, long sequence, long sessionId) {
    put(here, PINNED, pair(queueId, sequence), sessionId);
  }

  public void deletePinned(LoopContext here, long queueId, long sequence) {
    delete(here, PINNED, pair(queueId, sequence));
  }

  private static String pair(long queueId, long other) {
    return queueId + "/" + other;
  }

  // ---- lives of sessions

  public long life(LoopContext here, long queueId, StoredLife life) {
    return kept ? here.appender().put(LIVES, Long.toString(queueId), records.life(life)) : 0;
  }

  public long deleteLife(LoopContext here, long queueId) {
    return delete(here, LIVES, Long.toString(queueId));
  }

  // ---- last values and schedules

  /** Returns the name of a topic's last value, the same for a topic of either origin. */
  public static String lastValueKey(String virtualHost, io.carrick.RoutingKey topic) {
    var key = new StringBuilder(virtualHost).append('\0').append(topic.levels());
    for (int i = 0; i < topic.levels(); i++) {
      int start = topic.levelStart(i);
      key.append('/')
          .append(
              new String(
                  topic.levelBytes(),
                  start,
                  topic.levelEnd(i) - start,
                  StandardCharsets.ISO_8859_1));
    }
    return key.toString();
  }

  public byte[] lastValueRecord(String virtualHost, Message message) {
    return records.lastValue(new StoredLastValue(virtualHost, message));
  }

  public long lastValue(LoopContext here, String key, byte[] record) {
    return here.appender().put(LAST_VALUES, key, record);
  }

  public long deleteLastValue(LoopContext here, String key) {
    return delete(here, LAST_VALUES, key);
  }

  public long schedule(LoopContext here, StoredSchedule schedule) {
    return kept
        ? here.appender()
            .put(
                SCHEDULES,
                named(schedule.virtualHost(), schedule.name()),
                records.schedule(schedule))
        : 0;
  }

  public long deleteSchedule(LoopContext here, String virtualHost, String name) {
    return delete(here, SCHEDULES, named(virtualHost, name));
  }

  // ---- receipts

  public void receipt(LoopContext here, long id, StoredReceipt receipt) {
    if (kept) {
      here.appender().put(RECEIPTS, Long.toString(id), records.receipt(receipt));
    }
  }

  public void receiptTarget(LoopContext here, long id, String queue, StoredTarget target) {
    if (kept) {
      here.appender().put(RECEIPT_TARGETS, target(id, queue), records.receiptTarget(target));
    }
  }

  public void deleteReceipt(LoopContext here, long id) {
    delete(here, RECEIPTS, Long.toString(id));
  }

  public void deleteReceiptTarget(LoopContext here, long id, String queue) {
    delete(here, RECEIPT_TARGETS, target(id, queue));
  }

  private static String target(long id, String queue) {
    return id + "/" + queue;
  }
}

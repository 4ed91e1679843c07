package io.carrick.engine.definitions;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.Policy;
import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Recipient;
import io.carrick.RoutingKey;
import io.carrick.User;
import io.carrick.spi.Admission;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.storage.MessageCodec;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the engine keeps in a store, as bytes and back. Every record starts with the version of its
 * form, has what records of its kind always have, and then what only some have, as fields with
 * tags: one with a tag that this version does not know is passed over. A record of a later version
 * fails with {@link RecordFormatException}. Thread-safe.
 */
public final class Records implements MessageCodec {

  private static final int VERSION = 2;
  private static final int RECORD_BYTES = 64;

  /** Of a session's queue: the user whose it is. */
  private static final int USER = 1;

  private final ObjectForms objects;
  private final MessageForm messages;

  /**
   * Makes the records of one broker.
   *
   * @param codecs how adapters' objects are kept, by the name of the adapter
   */
  public Records(Map<String, ObjectCodec> codecs) {
    this.objects = new ObjectForms(codecs);
    this.messages = new MessageForm(objects);
  }

  private static RecordWriter start() {
    return new RecordWriter(RECORD_BYTES).octet(VERSION);
  }

  private static RecordReader open(byte[] record) {
    return new RecordReader(record).version(VERSION);
  }

  @Override
  public byte[] head(Message message) {
    return messages.head(message);
  }

  @Override
  public Message message(byte[] head, byte[] payload) {
    return messages.read(new RecordReader(head), payload);
  }

  @Override
  public byte[] tag(Object tag) {
    RecordWriter out = start();
    objects.write(tag, out);
    return out.endOfFields().toBytes();
  }

  @Override
  public @Nullable Object tag(byte[] bytes) {
    RecordReader in = open(bytes);
    Object tag = objects.read(in).orElse(null);
    in.noFields();
    return tag;
  }

  /** Writes an exchange. */
  public byte[] exchange(StoredExchange exchange) {
    ExchangeDeclaration d = exchange.declaration();
    return start()
        .text(exchange.virtualHost())
        .text(d.name())
        .text(d.type())
        .flag(d.durable())
        .flag(d.autoDelete())
        .flag(d.internal())
        .table(d.arguments())
        .endOfFields()
        .toBytes();
  }

  /** Reads an exchange. */
  public StoredExchange exchange(byte[] record) {
    RecordReader in = open(record);
    var exchange =
        new StoredExchange(
            in.text(),
            new ExchangeDeclaration(
                in.text(), in.text(), in.flag(), in.flag(), in.flag(), in.table()));
    in.noFields();
    return exchange;
  }

  /** Writes a queue. */
  public byte[] queue(StoredQueue queue) {
    QueueDeclaration d = queue.declaration();
    RecordWriter out =
        start()
            .text(queue.virtualHost())
            .text(d.name())
            .flag(d.durable())
            .flag(d.exclusive())
            .flag(d.autoDelete())
            .table(d.arguments());
    SessionQueue session = d.session();
    out.flag(session != null);
    if (session != null) {
      objects.write(session.admission(), out.text(session.name()));
      session.user().ifPresent(user -> out.field(USER, user.getBytes(UTF_8)));
    }
    return out.endOfFields().toBytes();
  }

  /** Reads a queue; empty if it is a session's whose adapter is not there, which is reported. */
  public Optional<StoredQueue> queue(byte[] record) {
    RecordReader in = open(record);
    String virtualHost = in.text();
    String name = in.text();
    boolean durable = in.flag();
    boolean exclusive = in.flag();
    boolean autoDelete = in.flag();
    Map<String, Object> arguments = in.table();
    SessionQueue session = null;
    if (in.flag()) {
      String sessionName = in.text();
      if (!(objects.read(in).orElse(null) instanceof Admission admission)) {
        return Optional.empty();
      }
      session = SessionQueue.of(sessionName, admission, user(in));
    } else {
      in.noFields();
    }
    var declaration =
        new QueueDeclaration(name, durable, exclusive, autoDelete, arguments, session);
    return Optional.of(new StoredQueue(virtualHost, declaration));
  }

  private static Optional<String> user(RecordReader in) {
    return Optional.ofNullable(in.fields().get(USER)).map(name -> new String(name, UTF_8));
  }

  /** Returns what a queue is called by its record, also if it is a session's. */
  public static String queueName(byte[] record) {
    RecordReader in = open(record);
    String virtualHost = in.text();
    String name = in.text();
    return virtualHost.equals("/") ? name : name + " in virtual host " + virtualHost;
  }

  /** Writes a binding. */
  public byte[] binding(StoredBinding stored) {
    Binding b = stored.binding();
    RecordWriter out =
        start()
            .text(stored.virtualHost())
            .text(b.exchange())
            .flag(b.target() == Binding.Target.QUEUE)
            .text(b.destination())
            .flag(b.key().origin() == RoutingKey.Origin.TOPIC)
            .bytes(b.key().bytes())
            .table(b.arguments());
    objects.write(b.attachment(), out);
    return out.endOfFields().toBytes();
  }

  /** Reads a binding. */
  public StoredBinding binding(byte[] record) {
    RecordReader in = open(record);
    String virtualHost = in.text();
    String exchange = in.text();
    Binding.Target target = in.flag() ? Binding.Target.QUEUE : Binding.Target.EXCHANGE;
    String destination = in.text();
    boolean topic = in.flag();
    byte[] key = in.bytes();
    var binding =
        new Binding(
            exchange,
            target,
            destination,
            topic ? RoutingKey.ofTopic(key) : RoutingKey.ofKey(key),
            in.table(),
            objects.read(in).orElse(null));
    in.noFields();
    return new StoredBinding(virtualHost, binding);
  }

  /** Writes a session's part in a queue that several share. */
  public byte[] member(StoredMember member) {
    RecordWriter out = start().flag(member.joined());
    objects.write(member.attachment(), out);
    return out.endOfFields().toBytes();
  }

  /** Reads a session's part in a queue that several share. */
  public StoredMember member(byte[] record) {
    RecordReader in = open(record);
    var member = new StoredMember(in.flag(), objects.read(in).orElse(null));
    in.noFields();
    return member;
  }

  /** Writes a last value. */
  public byte[] lastValue(StoredLastValue value) {
    return start()
        .text(value.virtualHost())
        .endOfFields()
        .rest(messages.write(value.message()))
        .toBytes();
  }

  /** Reads a last value. */
  public StoredLastValue lastValue(byte[] record) {
    RecordReader in = open(record);
    return new StoredLastValue(in.text(), messages.read(in.noFields()));
  }

  /** Writes a scheduled publish. */
  public byte[] schedule(StoredSchedule schedule) {
    return start()
        .text(schedule.virtualHost())
        .text(schedule.name())
        .flag(schedule.when() == StoredSchedule.When.AT)
        .fixed(schedule.timeMs())
        .endOfFields()
        .rest(messages.write(schedule.message()))
        .toBytes();
  }

  /** Reads a scheduled publish. */
  public StoredSchedule schedule(byte[] record) {
    RecordReader in = open(record);
    return new StoredSchedule(
        in.text(),
        in.text(),
        in.flag() ? StoredSchedule.When.AT : StoredSchedule.When.AFTER_START,
        in.fixed(),
        messages.read(in.noFields()));
  }

  /** Writes a receipt. */
  public byte[] receipt(StoredReceipt receipt) {
    RecordWriter out =
        start()
            .text(receipt.virtualHost())
            .number(receipt.count())
            .fixed(receipt.openedMs())
            .fixed(receipt.timeoutMs())
            .fixed(receipt.deadlineMs())
            .flag(receipt.waits())
            .number(receipt.queues().size());
    receipt.queues().forEach(out::text);
    return out.endOfFields().rest(messages.write(receipt.answer())).toBytes();
  }

  /** Reads a receipt. */
  public StoredReceipt receipt(byte[] record) {
    RecordReader in = open(record);
    String virtualHost = in.text();
    int count = (int) in.number();
    long openedMs = in.fixed();
    long timeoutMs = in.fixed();
    long deadlineMs = in.fixed();
    boolean waits = in.flag();
    int size = in.count();
    var queues = new ArrayList<String>(size);
    for (int i = 0; i < size; i++) {
      queues.add(in.text());
    }
    return new StoredReceipt(
        virtualHost,
        count,
        openedMs,
        timeoutMs,
        deadlineMs,
        waits,
        queues,
        messages.read(in.noFields()));
  }

  /** Writes what became of a message with a receipt in a queue. */
  public byte[] receiptTarget(StoredTarget target) {
    RecordWriter out = start().fixed(target.deadlineMs()).flag(target.outcome() != null);
    if (target.outcome() != null) {
      out.text(target.outcome().text());
    }
    out.text(target.reason()).flag(target.by().isPresent());
    target.by().ifPresent(by -> out.text(by.protocol()).text(by.name()).text(by.user()));
    return out.endOfFields().toBytes();
  }

  /** Reads what became of a message with a receipt in a queue. */
  public StoredTarget receiptTarget(byte[] record) {
    RecordReader in = open(record);
    long deadlineMs = in.fixed();
    Outcome outcome = in.flag() ? outcome(in.text()) : null;
    String reason = in.text();
    Optional<Recipient> by =
        in.flag() ? Optional.of(new Recipient(in.text(), in.text(), in.text())) : Optional.empty();
    in.noFields();
    return new StoredTarget(outcome, reason, by, deadlineMs);
  }

  private static Outcome outcome(String text) {
    for (Outcome outcome : Outcome.values()) {
      if (outcome.text().equals(text)) {
        return outcome;
      }
    }
    throw new RecordFormatException("unknown outcome of a copy " + text);
  }

  /** Writes a queue of messages that wait. */
  public byte[] delay(StoredDelay delay) {
    return start()
        .text(delay.virtualHost())
        .text(delay.exchange())
        .fixed(delay.stretch())
        .endOfFields()
        .toBytes();
  }

  /** Reads a queue of messages that wait. */
  public StoredDelay delay(byte[] record) {
    RecordReader in = open(record);
    var delay = new StoredDelay(in.text(), in.text(), in.fixed());
    in.noFields();
    return delay;
  }

  /** Writes a policy. */
  public byte[] policy(Policy policy) {
    return start().table(StoredPolicy.table(policy)).endOfFields().toBytes();
  }

  /** Reads a policy. */
  public Policy policy(byte[] record) {
    RecordReader in = open(record);
    Policy policy = StoredPolicy.policy(in.table());
    in.noFields();
    return policy;
  }

  /** Writes random bytes. */
  public byte[] secret(byte[] random) {
    return start().bytes(random).endOfFields().toBytes();
  }

  /** Reads random bytes. */
  public byte[] readSecret(byte[] record) {
    RecordReader in = open(record);
    byte[] random = in.bytes();
    in.noFields();
    return random;
  }

  /** Writes a user. */
  public byte[] user(User user) {
    return start().table(StoredUser.table(user)).endOfFields().toBytes();
  }

  /** Reads a user. */
  public User user(byte[] record) {
    RecordReader in = open(record);
    User user = StoredUser.user(in.table());
    in.noFields();
    return user;
  }

  /** Writes what is known of earlier deliveries from a queue. */
  public byte[] redelivered(StoredRedeliveries redeliveries) {
    RecordWriter out = start().number(redeliveries.upTo()).endOfFields();
    long before = 0;
    for (long sequence : redeliveries.sequences()) {
      out.number(sequence - before);
      before = sequence;
    }
    return out.toBytes();
  }

  /** Reads what is known of earlier deliveries from a queue. */
  public StoredRedeliveries redelivered(byte[] record) {
    RecordReader in = open(record);
    long upTo = in.number();
    in.noFields();
    var sequences = new ArrayList<Long>();
    long before = 0;
    while (!in.atEnd()) {
      before += in.number();
      sequences.add(before);
    }
    return new StoredRedeliveries(upTo, sequences);
  }

  /** Writes the life of a queue. */
  public byte[] life(StoredLife life) {
    return start().fixed(life.afterMs()).fixed(life.sinceMs()).endOfFields().toBytes();
  }

  /** Reads the life of a queue. */
  public StoredLife life(byte[] record) {
    RecordReader in = open(record);
    var life = new StoredLife(in.fixed(), in.fixed());
    in.noFields();
    return life;
  }

  /** Writes a name. */
  public byte[] name(String value) {
    return start().text(value).endOfFields().toBytes();
  }

  /** Reads a name. */
  public String name(byte[] record) {
    RecordReader in = open(record);
    String value = in.text();
    in.noFields();
    return value;
  }

  /** Writes a number. */
  public byte[] number(long value) {
    return start().number(value).endOfFields().toBytes();
  }

  /** Reads a number. */
  public long number(byte[] record) {
    RecordReader in = open(record);
    long value = in.number();
    in.noFields();
    return value;
  }
}

package io.carrick.engine.client;

import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.NotSupportedException;
import io.carrick.QueueInfo;
import io.carrick.ReceiptReport;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Feed;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.SharedWindow;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.Loop;
import io.carrick.spi.Membership;
import io.carrick.spi.Part;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.SessionTable;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The port of one client: checks permissions, finds what a name means, and acts there or tells the
 * loop that owns it. Confined to the client's loop.
 */
public final class ClientAttachment implements Attachment {

  private final ConnectedClient client;
  private final AttachmentListener listener;

  /** From the first publish on: many clients only listen. */
  private @Nullable ClientPublisher publisher;

  /** From its opening on. */
  private @Nullable ClientTransaction transaction;

  /** The first of the chain. */
  private @Nullable AttachedConsumption consumptions;

  /** Null before the first message that is taken singly. */
  private @Nullable Fetchers fetchers;

  /** The next attachment of the client, which owns the chain. */
  @Nullable ClientAttachment next;

  /** How many the client had opened before it. */
  private final int number;

  private boolean closed;

  ClientAttachment(ConnectedClient client, AttachmentListener listener) {
    this.client = client;
    this.listener = listener;
    this.number = client.add(this);
  }

  /** Returns how many the client had opened before it. Callable from any thread. */
  int number() {
    return number;
  }

  ConnectedClient client() {
    return client;
  }

  /** Whether the calling thread may call; looked at where checks are on, as they are in tests. */
  private boolean confined() {
    return context().loop().inLoop();
  }

  private VirtualHost host() {
    return client.place.host();
  }

  private QueueKeeper keeper() {
    return client.place.keeper();
  }

  private LoopContext context() {
    return client.place.context();
  }

  boolean idle() {
    return (publisher == null || publisher.idle()) && (transaction == null || transaction.idle());
  }

  void whenIdle(Runnable task) {
    ClientTransaction committing = transaction;
    if (committing != null && !committing.idle()) {
      committing.whenIdle(task);
    } else {
      publisher().whenIdle(task);
    }
  }

  @Override
  public Loop loop() {
    return context().loop();
  }

  @Override
  public Identity identity() {
    return client.identity();
  }

  @Override
  public void reauthenticated(Identity who) {
    client.reauthenticated(who);
  }

  @Override
  public String virtualHost() {
    return host().name();
  }

  @Override
  public Attachment open(AttachmentListener channelListener) {
    return new ClientAttachment(client, channelListener);
  }

  // ---- publishing

  @Override
  public boolean publish(Message message) {
    assert confined();
    return publisher().publish(message);
  }

  @Override
  public boolean publishConfirmed(Message message) {
    assert confined();
    return publisher().publishConfirmed(message);
  }

  @Override
  public boolean publishForReceipt(Message message, Completion<ReceiptReport> receipt) {
    assert confined();
    return publisher().publishForReceipt(message, receipt);
  }

  @Override
  public void checkPublish(Message message) {
    client.mayPublishAsItIs(message);
  }

  @Override
  public Transaction openTransaction(java.util.function.Consumer<Message> returned) {
    assert confined();
    if (transaction != null) {
      throw new IllegalStateException("there is a transaction already");
    }
    transaction = new ClientTransaction(this, publisher(), returned);
    return transaction;
  }

  private ClientPublisher publisher() {
    ClientPublisher p = publisher;
    if (p == null) {
      p = new ClientPublisher(this, listener);
      publisher = p;
      if (closed) {
        p.close();
      }
    }
    return p;
  }

  @Override
  public void atomically(Runnable changes) {
    assert confined();
    context().appender().begin();
    try {
      changes.run();
    } finally {
      context().appender().end();
    }
  }

  // ---- topology

  private ClientTopology topology() {
    return new ClientTopology(client, answers());
  }

  private Answers answers() {
    assert confined();
    return new Answers(this, host(), context());
  }

  @Override
  public void declareExchange(ExchangeDeclaration declaration, Completion<Done> done) {
    topology().declareExchange(declaration, done);
  }

  @Override
  public void findExchange(String name, Completion<Done> done) {
    topology().findExchange(name, done);
  }

  @Override
  public void deleteExchange(String name, boolean ifUnused, Completion<Done> done) {
    topology().deleteExchange(name, ifUnused, done);
  }

  @Override
  public void declareQueue(QueueDeclaration declaration, Completion<QueueInfo> done) {
    topology().declareQueue(declaration, done);
  }

  @Override
  public void findQueue(String name, Completion<QueueInfo> done) {
    topology().find(name, Queue::info, done);
  }

  @Override
  public void visitQueue(String name, Completion<QueueInfo> done) {
    topology().find(name, Queue::declared, done);
  }

  @Override
  public void deleteQueue(String name, boolean ifUnused, boolean ifEmpty, Completion<Long> done) {
    topology().deleteQueue(name, ifUnused, ifEmpty, done);
  }

  @Override
  public void purgeQueue(String name, Completion<Long> done) {
    topology().purgeQueue(name, done);
  }

  @Override
  public void bind(List<Binding> bindings, Completion<Integer> done) {
    topology().bind(bindings, done);
  }

  @Override
  public void unbind(List<Binding> bindings, Completion<Integer> done) {
    topology().unbind(bindings, done);
  }

  // ---- queues that sessions consume beside their own

  @Override
  public void join(JoinRequest request, Completion<Integer> done) {
    topology().join(request, done);
  }

  @Override
  public void join(String queue, String member, Part part, Completion<Integer> done) {
    topology().join(queue, member, part, done);
  }

  @Override
  public void leave(String queue, String member, Completion<Integer> done) {
    topology().leave(queue, member, done);
  }

  @Override
  public List<Membership> memberships(String member) {
    return host().memberships(member, client);
  }

  // ---- consuming

  @Override
  public void consume(ConsumeRequest request, DeliverySink sink, Completion<Consumption> done) {
    withQueue(
        request.queue(),
        done,
        entry -> {
          if (request.member() != null) {
            host().queueFor(request.member(), client);
          }
          boolean filtered =
              client.isFiltered() && (entry.isShared() || client.isOwnSession(entry));
          var allowed = filtered ? new AllowedMessages(client, sink) : null;
          var consumption =
              new AttachedConsumption(this, client.place, allowed == null ? sink : allowed);
          if (allowed != null) {
            allowed.settleBy(consumption);
          }
          new ConsumeCall(this, entry.queue, consumption, done).send(request);
        });
  }

  /** The queue has added a consumer. */
  void started(AttachedConsumption consumption, Feed consumer, Completion<Consumption> done) {
    consumption.started(consumer);
    if (closed) {
      consumption.detach();
      return;
    }
    consumption.putBefore(consumptions);
    consumptions = consumption;
    done.completed(consumption);
  }

  @Override
  public Replies openReplies(String prefix, DeliverySink sink) {
    assert confined();
    Queue queue = keeper().replies(prefix, client);
    var consumption = new AttachedConsumption(this, client.place, sink);
    var call = new ConsumeCall(this, queue, consumption, new NothingToDo<>());
    call.send(new ConsumeRequest(queue.name(), true, ConsumeRequest.Mode.SHARED, 0, 0));
    return new Replies(queue.name(), consumption);
  }

  @Override
  public boolean hasReplies(String address) {
    return host().hasReplies(address);
  }

  @Override
  public CreditWindow openWindow(int deliveries) {
    return new SharedWindow(context(), deliveries);
  }

  @Override
  public void get(String name, boolean autoAccept, Completion<Optional<Fetched>> done) {
    withQueue(
        name,
        done,
        entry -> {
          if (entry.queue.isStream()) {
            throw new NotSupportedException(
                "basic.get not supported by stream queues " + keeper().called(entry.queue));
          }
          fetchers().get(entry.queue, autoAccept, done);
        });
  }

  private Fetchers fetchers() {
    Fetchers f = fetchers;
    if (f == null) {
      f = new Fetchers(this);
      fetchers = f;
    }
    return f;
  }

  /** Returns the consumptions that will have to be ended. */
  List<AttachedConsumption> consumptions() {
    var all = new ArrayList<AttachedConsumption>(1);
    for (AttachedConsumption c = consumptions; c != null; c = c.next) {
      all.add(c);
    }
    if (fetchers != null) {
      all.addAll(fetchers.all());
    }
    return all;
  }

  void forget(Queue queue, AttachedConsumption consumption) {
    if (consumptions == consumption) {
      consumptions = consumption.next;
    }
    consumption.takeOut();
    if (fetchers != null) {
      fetchers.forget(queue, consumption);
    }
  }

  /** The client has not settled in time what it had of a queue. */
  void overdue(String queue, long timeoutMs) {
    listener.overdue(queue, timeoutMs);
  }

  // ---- last values, schedules, session state

  @Override
  public LastValueCursor lastValues(RoutingKey filter) {
    return host().lastValues().match(filter, loop(), client::mayHave);
  }

  @Override
  public boolean mayGet(Message lastValue) {
    return !client.isFiltered() || client.mayGet(lastValue);
  }

  private ClientSchedules schedules() {
    return new ClientSchedules(client, answers());
  }

  @Override
  public void schedulePublish(String name, Message message, long delayMs, Completion<Done> done) {
    schedules().publish(name, message, delayMs, done);
  }

  @Override
  public void schedulePublishAfterStart(
      String name, Message message, long delayMs, Completion<Done> done) {
    schedules().publishAfterStart(name, message, delayMs, done);
  }

  @Override
  public void cancelScheduled(String name, Completion<Boolean> done) {
    schedules().cancel(name, done);
  }

  @Override
  public void hastenScheduled(String name) {
    host().schedules().hasten(name);
  }

  @Override
  public void sessionExpiry(String queue, long afterMs, Completion<Done> done) {
    topology().sessionExpiry(queue, afterMs, done);
  }

  @Override
  public SessionTable sessionTable(String session) {
    return host().sessionTables.open(session, context());
  }

  @Override
  public void whenDurable(long sequence, Runnable task) {
    context()
        .whenDurable(
            sequence,
            () -> {
              if (!closed) {
                task.run();
              }
            });
  }

  // ---- the end

  @Override
  public void close(Completion<Done> done) {
    close();
    // What was told to the other loops on the way is done when they answer.
    answers().whenAllLoopsHaveAnswered(() -> done.completed(Done.DONE));
  }

  @Override
  public void close() {
    assert confined();
    if (closed) {
      return;
    }
    closed = true;
    List<AttachedConsumption> all = consumptions();
    consumptions = null; // so that none is looked for when it goes
    fetchers = null;
    all.forEach(AttachedConsumption::detach);
    if (publisher != null) {
      publisher.close();
    }
    if (transaction != null) {
      transaction.close();
    }
    if (client.remove(this)) {
      for (QueueEntry entry : client.exclusiveQueues()) {
        keeper().delete(entry, context());
      }
      client.leave();
    }
  }

  // ---- asking others

  /** Finds a queue that the client may read. */
  private <T> void withQueue(
      String name, Completion<T> done, java.util.function.Consumer<QueueEntry> action) {
    assert confined();
    try {
      String known = host().nameOf(name);
      client.mayQueue(Action.READ, known);
      action.accept(host().queueFor(known, client));
    } catch (BrokerException refused) {
      done.failed(refused);
    }
  }

  <T extends @Nullable Object> void complete(Completion<T> done, T value) {
    if (!closed) {
      done.completed(value);
    }
  }

  <T> void fail(Completion<T> done, BrokerException reason) {
    if (!closed) {
      done.failed(reason);
    }
  }
}

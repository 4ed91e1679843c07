package io.carrick.spi;

import io.carrick.Binding;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One client attached to a virtual host: the port through which MQTT sessions, AMQP channels and
 * in-JVM clients act.
 *
 * <p>Confined to its {@linkplain #loop() loop}: every method is called there, every callback comes
 * there. Calls take effect in the order in which they are made: a client reads its own writes.
 * Nothing here blocks, and publishing allocates no completion object.
 */
public interface Attachment {

  /** Returns the loop that this attachment is confined to. */
  Loop loop();

  /** Returns who acts. */
  Identity identity();

  /**
   * The client has proved anew who it is: the same user, perhaps with other tags. What it may do is
   * what that identity may from here on.
   *
   * @param who with its client id
   * @throws io.carrick.AccessRefusedException if it is another user, or must not be here any more;
   *     then nothing has changed
   */
  void reauthenticated(Identity who);

  /** Returns the virtual host's name. */
  String virtualHost();

  /**
   * Opens a further attachment of the same client (an AMQP channel): same loop, identity and
   * exclusive queues, its own confirm sequence. It is closed with this one at the latest.
   */
  Attachment open(AttachmentListener listener);

  // ---- publishing

  /**
   * Publishes without a confirm; what is refused later is only counted. If the properties say
   * {@linkplain io.carrick.MessageProperties#retain() retain}, the message also becomes the last
   * value of its topic, or clears it when the payload is empty.
   *
   * @return whether any queue matched
   * @throws io.carrick.NotFoundException when there is no such exchange
   * @throws io.carrick.AccessRefusedException when the client may not, or the exchange is internal
   * @throws io.carrick.PublishRejectedException when an interceptor refuses
   */
  boolean publish(Message message);

  /**
   * Publishes like {@link #publish} and gives the message the next sequence number of this
   * attachment, starting with 1. Exactly one of {@link AttachmentListener#accepted} and {@link
   * AttachmentListener#refused} will name it, in order of sequence, not before this call has
   * returned unless the listener is {@linkplain AttachmentListener#prompt prompt}. A call that
   * throws takes no number.
   */
  boolean publishConfirmed(Message message);

  /**
   * Publishes like {@link #publishConfirmed} a message that asks for a {@linkplain
   * io.carrick.Message.Builder#receipt receipt}, which comes here instead of to an address, once,
   * in this loop. A message that is refused later may have none.
   *
   * @param receipt fails with {@code NotSupportedException} if the broker closes before
   * @throws io.carrick.PublishRejectedException when there are too many receipts
   */
  boolean publishForReceipt(Message message, Completion<io.carrick.ReceiptReport> receipt);

  /**
   * Fails as {@link #publish} of a message would if the client may not publish it, or there is no
   * such exchange, and does nothing else: what is to be published later may be refused at once.
   *
   * @throws io.carrick.NotFoundException when there is no such exchange
   * @throws io.carrick.AccessRefusedException when the client may not, or the exchange is internal
   */
  void checkPublish(Message message);

  /**
   * Runs something that publishes and changes {@linkplain #sessionTable session state}: a durable
   * store has all of that or none of it after a crash.
   */
  void atomically(Runnable changes);

  /**
   * Opens the transaction of this attachment, which has at most one. It ends with the attachment,
   * uncommitted as far as it is not committed.
   *
   * @param returned gets each mandatory message that no queue matched, at the commit
   */
  Transaction openTransaction(Consumer<Message> returned);

  // ---- topology

  /** Declares an exchange; fails with {@code NotFoundException} if there is no such type. */
  void declareExchange(ExchangeDeclaration declaration, Completion<Done> done);

  /** Completes if there is such an exchange, fails with {@code NotFoundException} if not. */
  void findExchange(String name, Completion<Done> done);

  /**
   * Deletes an exchange with its bindings; completes also if there was none.
   *
   * @param ifUnused fail with {@code PreconditionFailedException} if it has bindings as a source
   */
  void deleteExchange(String name, boolean ifUnused, Completion<Done> done);

  /** Declares a queue; the answer has its name and how much is in it. */
  void declareQueue(QueueDeclaration declaration, Completion<QueueInfo> done);

  /** Looks a queue up; fails with {@code NotFoundException} or {@code ResourceLockedException}. */
  void findQueue(String name, Completion<QueueInfo> done);

  /**
   * Looks a queue up as {@link #findQueue} does and counts as a use of it, from which its {@code
   * x-expires} runs anew (a passive declare of AMQP 0-9-1).
   */
  void visitQueue(String name, Completion<QueueInfo> done);

  /**
   * Deletes a queue; the answer is the number of messages deleted, 0 if there was no such queue. A
   * session has {@linkplain SessionListener ended} when it comes.
   *
   * @param ifUnused fail with {@code PreconditionFailedException} if it has consumers
   * @param ifEmpty fail with {@code PreconditionFailedException} if it has ready messages
   */
  void deleteQueue(String name, boolean ifUnused, boolean ifEmpty, Completion<Long> done);

  /** Removes the ready messages of a queue; the answer is how many. */
  void purgeQueue(String name, Completion<Long> done);

  /**
   * Adds bindings, all or none. A binding that is there already gets the new {@linkplain
   * Binding#attachment() attachment}.
   *
   * @param done gets how many of them are new
   */
  void bind(List<Binding> bindings, Completion<Integer> done);

  /**
   * Removes bindings; those that are not there, or whose ends are not, are passed over.
   *
   * @param done gets how many were there
   */
  void unbind(List<Binding> bindings, Completion<Integer> done);

  // ---- queues that sessions consume beside their own

  /**
   * Makes a session of this client a member of a queue that several share, or changes what it has
   * joined with. It gets its part while somebody {@linkplain ConsumeRequest#asMember consumes} in
   * its name, and stays a member until it {@linkplain #leave leaves} or ends. The queue is there as
   * long as it has a member.
   *
   * @param done gets 1 if it has not been a member, else 0
   */
  void join(JoinRequest request, Completion<Integer> done);

  /**
   * Makes a session of this client a member of an ordinary queue that is there and that it may
   * read, or changes what it has joined with. It competes with all others who consume the queue
   * while somebody {@linkplain ConsumeRequest#asMember consumes} in its name, and stays a member
   * until it {@linkplain #leave leaves} or ends, or the queue goes.
   *
   * @param member the name of the session's own queue
   * @param done gets 1 if it has not been a member, else 0; fails with {@code NotFoundException},
   *     or with {@code NotSupportedException} if it is a stream
   */
  void join(String queue, String member, Part part, Completion<Integer> done);

  /**
   * Ends a membership: nothing new comes; what is under way can be settled as ever, and what is
   * not, is finished when the session is consumed for again.
   *
   * @param member the name of the session's own queue
   * @param done gets 1 if it was a member, else 0
   */
  void leave(String queue, String member, Completion<Integer> done);

  /**
   * Returns what a session has a part in, in no particular order.
   *
   * @param member the name of the session's own queue
   */
  List<Membership> memberships(String member);

  // ---- consuming

  /** Starts a consumer; the sink may be called as soon as this has completed, not before. */
  void consume(ConsumeRequest request, DeliverySink sink, Completion<Consumption> done);

  /**
   * Opens an address at the default exchange, at which this attachment gets what others publish
   * there: at once, at most once, and never stored. It is no queue: nobody can find, consume or
   * bind it, and who does not know the address cannot guess it. It goes with its consumption.
   *
   * @param prefix what the address begins with
   */
  Replies openReplies(String prefix, DeliverySink sink);

  /** Returns whether there is such an {@linkplain #openReplies address} in the virtual host. */
  boolean hasReplies(String address);

  /**
   * Opens a window that consumptions of this attachment can share.
   *
   * @param deliveries how many may be unsettled
   */
  CreditWindow openWindow(int deliveries);

  /**
   * Takes one message, if there is one.
   *
   * @param autoAccept whether it counts as settled at once; if not, it is settled through {@link
   *     Fetched#consumption()}
   */
  void get(String queue, boolean autoAccept, Completion<Optional<Fetched>> done);

  // ---- last values, schedules, session state

  /**
   * Looks up the last values whose topics match a filter.
   *
   * @return a cursor over them, read as fast as the consumer can take them; some may not be for the
   *     client ({@link #mayGet})
   */
  LastValueCursor lastValues(RoutingKey filter);

  /**
   * Returns whether the client may have a last value: where the {@linkplain Authorizer#filters
   * authorizer filters}, a filter may stand for more than may be read.
   */
  boolean mayGet(Message lastValue);

  /**
   * Publishes a message later unless {@linkplain #cancelScheduled cancelled}; a schedule of the
   * same name is replaced. It outlives this attachment.
   *
   * @param name unique in the virtual host
   * @param delayMs in milliseconds by the wall clock; 0 publishes now
   */
  void schedulePublish(String name, Message message, long delayMs, Completion<Done> done);

  /**
   * Keeps a message for the case that the broker stops, in order or not: the next one publishes it
   * {@code delayMs} after its start. It takes the place of a scheduled publish of that name, and is
   * cancelled like one. A broker whose store does not outlive it keeps nothing.
   */
  void schedulePublishAfterStart(String name, Message message, long delayMs, Completion<Done> done);

  /** Cancels a scheduled publish; the answer is whether there was one. */
  void cancelScheduled(String name, Completion<Boolean> done);

  /** Publishes now what is {@linkplain #schedulePublish scheduled} under a name, if anything is. */
  void hastenScheduled(String name);

  /**
   * Says how long a session's queue outlives its last consumer, in place of what was said before.
   * The time is that of the wall clock and goes on while the broker is down. At its end the session
   * ends, and who asked for that is {@linkplain AdapterContext#whenSessionEnds told}. Fails with
   * {@code PreconditionFailedException} if it is no session's queue.
   *
   * @param afterMs in milliseconds: 0 for none, {@link Long#MAX_VALUE} for ever, as without this
   */
  void sessionExpiry(String queue, long afterMs, Completion<Done> done);

  /**
   * Returns the durable table of a session's protocol state, made on first use. It is cleared when
   * the session's queue is deleted.
   */
  SessionTable sessionTable(String session);

  /**
   * Runs a task in this loop once the store has everything up to {@code sequence}, perhaps before
   * returning; in order. There is nothing to wait for behind 0. If the store fails before, it is
   * not run.
   */
  void whenDurable(long sequence, Runnable task);

  /**
   * Detaches: consumers end, their unsettled messages go back to their queues, exclusive queues of
   * the client are deleted when its last attachment closes. No callback comes afterwards but {@code
   * done}, which completes when every queue has heard of it. Closing twice is harmless.
   */
  void close(Completion<Done> done);

  /** Detaches as {@link #close(Completion)} does, for a client that is not there to be told. */
  void close();

  /**
   * Where replies come.
   *
   * @param address the routing key
   * @param consumption cancelled or detached, it ends
   */
  record Replies(String address, Consumption consumption) {}

  /**
   * What a {@link #get} found.
   *
   * @param message the message
   * @param deliveryId its id for {@link Consumption#settle}
   * @param redelivered whether it may have been delivered before
   * @param remaining ready messages left in the queue
   * @param consumption what settles it
   */
  record Fetched(
      Message message,
      long deliveryId,
      boolean redelivered,
      long remaining,
      Consumption consumption) {}
}

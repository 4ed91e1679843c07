package io.carrick.engine;

import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.AttachmentListener.CloseReason;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connected party with all its attachments, and what belongs to it alone. Confined to its loop,
 * except what is final.
 */
final class Party {

  final ConnectionInfo info;
  final Identity identity;
  final LoopContext context;

  /** Whether it is this JVM's own program, which needs no permission. */
  final boolean trusted;

  private final AttachmentListener listener;
  private final List<PartyAttachment> attachments = new ArrayList<>(1);

  /** Its exclusive queues; null while there are none. */
  private @Nullable Set<QueueEntry> exclusive;

  private final Consumer<Party> left;
  private boolean askedToClose;

  /**
   * Makes a party without attachments.
   *
   * @param left is told when the last attachment has closed
   */
  Party(
      ConnectionInfo info,
      Identity identity,
      LoopContext context,
      boolean trusted,
      AttachmentListener listener,
      Consumer<Party> left) {
    this.info = info;
    this.identity = identity;
    this.context = context;
    this.trusted = trusted;
    this.listener = listener;
    this.left = left;
  }

  void add(PartyAttachment attachment) {
    attachments.add(attachment);
  }

  /** Takes an attachment out; returns whether it was the last. */
  boolean remove(PartyAttachment attachment) {
    return attachments.remove(attachment) && attachments.isEmpty();
  }

  List<PartyAttachment> attachments() {
    return List.copyOf(attachments);
  }

  /** The last attachment has closed and everything of it is gone. */
  void leave() {
    left.accept(this);
  }

  void owns(QueueEntry entry) {
    Set<QueueEntry> queues = exclusive;
    if (queues == null) {
      queues = new HashSet<>();
      exclusive = queues;
    }
    queues.add(entry);
  }

  void disowns(QueueEntry entry) {
    if (exclusive != null) {
      exclusive.remove(entry);
    }
  }

  List<QueueEntry> exclusiveQueues() {
    return exclusive == null ? List.of() : List.copyOf(exclusive);
  }

  /** Returns whether a queue is an ordinary one, or that of this party's own session. */
  boolean mayUse(QueueEntry entry) {
    SessionQueue session = entry.queue.declaration().session();
    return session == null || session.name().equals(identity.clientId());
  }

  /** Nothing more comes from the party: what it has published is finished. */
  void stopReading() {
    if (!attachments.isEmpty()) {
      listener.pauseReading();
    }
  }

  /** Runs a task when every publish is confirmed, perhaps before returning. */
  void whenIdle(Runnable task) {
    for (PartyAttachment attachment : attachments) {
      if (!attachment.idle()) {
        attachment.whenIdle(() -> whenIdle(task));
        return;
      }
    }
    task.run();
  }

  /** Asks the party to leave; later calls do nothing. */
  void requestClose(CloseReason reason, String text) {
    if (!askedToClose && !attachments.isEmpty()) {
      askedToClose = true;
      listener.closeRequested(reason, text);
    }
  }

  /** Returns whether nothing of it is under way. */
  boolean idle() {
    return attachments.stream().allMatch(PartyAttachment::idle);
  }
}

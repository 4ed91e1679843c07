package io.carrick.engine.queue;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Completion;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.Done;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Credit that the queues of one attachment's consumers share: it lends, they ask and give back.
 * What is lent is never more than there is, wherever it is used. Confined to the attachment's loop.
 *
 * <p>A queue keeps what it has been lent, and uses it again and again, until others wait: then
 * everybody gives back what is free, and the waiting ones get it in turn.
 */
public final class SharedWindow implements CreditWindow {

  private final LoopContext home;
  private int size;
  private int lent;
  private int held;

  /** Everybody who may have something. */
  private final Set<Share> shares = new LinkedHashSet<>();

  /** Those who use again what they have. */
  private final Set<Share> keepers = new LinkedHashSet<>();

  /** Those who want something, the next first. */
  private final ArrayDeque<Share> waiting = new ArrayDeque<>();

  /** How many queues have not said yet what they have; until then nothing is lent. */
  private int unheard;

  private List<Runnable> whenHeard = new ArrayList<>(1);

  /** Whether {@link #lend} is under way: lending may make others ask, and that does not nest. */
  private boolean lending;

  /** What the window knows of one queue. Confined to the window's loop. */
  static final class Share {

    private final Loan loan;
    private int lent;
    private int wanted;
    private boolean waits;

    Share(Loan loan) {
      this.loan = loan;
    }
  }

  /**
   * Opens a window.
   *
   * @param home the attachment's loop
   * @param deliveries how many may be unsettled
   */
  public SharedWindow(LoopContext home, int deliveries) {
    this.home = home;
    this.size = deliveries;
  }

  /** Returns the attachment's loop. */
  public LoopContext home() {
    return home;
  }

  // ---- from the adapter

  @Override
  public void resize(int deliveries, Completion<Done> done) {
    assert home.loop().inLoop();
    size = deliveries;
    if (free() < 0) {
      recallAtOnce();
    }
    lend();
    if (unheard == 0) {
      done.completed(Done.DONE);
    } else {
      whenHeard.add(() -> done.completed(Done.DONE));
    }
  }

  /** More is lent than there is: nobody may use what is not used yet. */
  private void recallAtOnce() {
    for (Share s : List.copyOf(shares)) {
      if (s.lent > 0) {
        unheard++;
        tell(s.loan, () -> s.loan.recallAtOnce(this::heard));
      }
    }
  }

  @Override
  public void hold(int deliveries) {
    assert home.loop().inLoop();
    held += deliveries;
    if (free() < 0) {
      recall(null);
    }
  }

  @Override
  public void release(int deliveries) {
    assert home.loop().inLoop();
    held -= deliveries;
    lend();
  }

  @Override
  public int taken() {
    return lent + held;
  }

  private int free() {
    return size - lent - held;
  }

  // ---- consumers that come later

  /**
   * A queue is going to say what a consumer has that {@linkplain Consumer#drawOn comes here}.
   *
   * @param then runs when nothing comes that goes beyond the bound
   */
  public void expect(Runnable then) {
    unheard++;
    whenHeard.add(then);
  }

  /** A consumer has come, with what is unsettled. */
  void joined(Share share, int unsettled) {
    shares.add(share);
    share.lent += unsettled;
    lent += unsettled;
    if (free() < 0) {
      recallAtOnce();
    }
    heard();
  }

  /** The consumer that was to come was gone. */
  public void joinedNobody() {
    heard();
  }

  private void heard() {
    unheard--;
    if (unheard == 0) {
      List<Runnable> told = whenHeard;
      whenHeard = new ArrayList<>(1);
      told.forEach(Runnable::run);
      lend();
      recallForWaiting();
    }
  }

  // ---- from queues

  /** A queue could deliver so many. */
  void asks(Share share, int deliveries) {
    assert home.loop().inLoop();
    shares.add(share);
    share.wanted = deliveries;
    if (!share.waits) {
      share.waits = true;
      waiting.addLast(share);
    }
    lend();
    recallForWaiting();
  }

  /**
   * A queue gives back what it does not use.
   *
   * @param wantsNone whether it has no use for more
   */
  void returned(Share share, int deliveries, boolean wantsNone) {
    assert home.loop().inLoop();
    share.lent -= deliveries;
    lent -= deliveries;
    if (wantsNone) {
      withdraw(share);
    }
    lend();
  }

  private void withdraw(Share share) {
    share.wanted = 0;
    if (share.waits) {
      share.waits = false;
      waiting.remove(share);
    }
  }

  /** A queue has no consumer any more that draws on this. */
  void left(Share share) {
    withdraw(share);
    shares.remove(share);
    keepers.remove(share);
  }

  private void lend() {
    if (lending || unheard > 0) {
      return;
    }
    lending = true;
    try {
      for (Share s = next(); s != null; s = next()) {
        lendTo(s);
      }
    } finally {
      lending = false;
    }
  }

  private @Nullable Share next() {
    return free() > 0 ? waiting.pollFirst() : null;
  }

  private void lendTo(Share s) {
    int deliveries = Math.min(s.wanted, Math.max(1, free() / (waiting.size() + 1)));
    s.wanted -= deliveries;
    s.waits = s.wanted > 0;
    boolean keeps = waiting.isEmpty();
    if (s.waits) {
      waiting.addLast(s);
    }
    s.lent += deliveries;
    lent += deliveries;
    if (keeps) {
      keepers.add(s);
    } else {
      keepers.remove(s);
    }
    tell(s.loan, () -> s.loan.lent(deliveries, keeps));
  }

  private void recallForWaiting() {
    if (!waiting.isEmpty() && !keepers.isEmpty()) {
      recall(waiting.size() == 1 ? waiting.peekFirst() : null);
    }
  }

  private void recall(@Nullable Share except) {
    for (Share s : List.copyOf(keepers)) {
      if (s != except) {
        keepers.remove(s);
        tell(s.loan, s.loan::recall);
      }
    }
  }

  private void tell(Loan loan, Runnable command) {
    home.tell(loan.home(), command);
  }
}

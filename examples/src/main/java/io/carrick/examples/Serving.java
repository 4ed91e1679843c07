package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.examples.ctl.CtlFailure;
import io.carrick.examples.ctl.ServedBroker;
import org.jspecify.annotations.Nullable;

/** The broker of a process, which ctl may stop and start again. Guarded by {@code this}. */
final class Serving implements ServedBroker {

  private final ServeOptions options;
  private @Nullable Broker running;
  private boolean over;

  private Serving(ServeOptions options, Broker running) {
    this.options = options;
    this.running = running;
  }

  /**
   * Starts a broker.
   *
   * @throws CommandFailure when it cannot be started
   */
  static Serving begin(ServeOptions options) {
    return new Serving(options, Server.start(options));
  }

  @Override
  public synchronized Broker broker() {
    Broker broker = running;
    if (broker == null) {
      throw CtlFailure.failed("the broker is stopped");
    }
    return broker;
  }

  @Override
  public synchronized void stop() {
    Broker broker = running;
    running = null;
    if (broker != null) {
      broker.close();
    }
  }

  @Override
  public synchronized void start() {
    if (running != null || over) {
      return;
    }
    try {
      running = Server.start(options);
    } catch (CommandFailure e) {
      throw CtlFailure.failed(String.valueOf(e.getMessage()));
    }
  }

  /** The process ends. */
  synchronized void end() {
    over = true;
    stop();
  }
}

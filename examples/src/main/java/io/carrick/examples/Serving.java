package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.examples.ctl.CtlFailure;
import io.carrick.examples.ctl.ServedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The broker of a process, which ctl may stop and start again. Guarded by {@code this}. */
final class Serving implements ServedBroker {

  private final ServeOptions options;
  private RuleFiles files;
  private @Nullable Broker running;
  private boolean over;

  private Serving(ServeOptions options, RuleFiles files, Broker running) {
    this.options = options;
    this.files = files;
    this.running = running;
  }

  /**
   * Starts a broker.
   *
   * @throws CommandFailure when it cannot be started
   */
  static Serving begin(ServeOptions options) {
    RuleFiles files = open(options);
    return new Serving(options, files, Server.start(options, files));
  }

  private static RuleFiles open(ServeOptions options) {
    return RuleFiles.open(options.rules(), Server.virtualHosts(options));
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
      files = open(options);
      running = Server.start(options, files);
    } catch (CommandFailure e) {
      throw CtlFailure.failed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public synchronized void reload() {
    Broker broker = broker();
    try {
      files.reload(broker);
      broker.reloadCertificates();
    } catch (IOException | UncheckedIOException e) {
      throw CtlFailure.failed(e.getMessage() + "; what it said before goes on");
    }
  }

  /** Reads the files again if they look other than before; one that cannot be read is told of. */
  synchronized void look() {
    Broker broker = running;
    if (broker == null || !files.changed()) {
      return;
    }
    try {
      files.reload(broker);
    } catch (IOException | RuntimeException e) {
      System.err.println("carrick: " + e.getMessage() + "; what it said before goes on");
    }
  }

  /** The process ends. */
  synchronized void end() {
    over = true;
    stop();
  }
}

package io.carrick.examples.ctl;

import io.carrick.Broker;

/** The broker of a {@code serve}, which may be stopped and started again. Thread-safe. */
public interface ServedBroker {

  /**
   * Returns it.
   *
   * @throws CtlFailure while it is stopped
   */
  Broker broker();

  /** Stops it, if it runs. */
  void stop();

  /** Starts it, if it is stopped. */
  void start();

  /**
   * Reads again what it goes by: certificates, users, access.
   *
   * @throws CtlFailure while it is stopped, and if something cannot be read
   */
  void reload();
}

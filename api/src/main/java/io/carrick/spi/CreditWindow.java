package io.carrick.spi;

/**
 * A bound on what several consumptions of one attachment together have unsettled: the prefetch of
 * an AMQP channel, the Receive Maximum of an MQTT client. Queues ask it before they deliver, also
 * those on other loops, so nothing beyond it ever comes. Confined to the loop of its attachment.
 *
 * <p>Consumptions {@linkplain ConsumeRequest#window() start} with one or {@linkplain
 * Consumption#drawOn join} it later, and take turns where it has not enough for all. The bound of
 * each consumption's own, its {@linkplain Consumption#prefetch prefetch}, holds beside it. What is
 * settled by being delivered needs no credit.
 */
public interface CreditWindow {

  /**
   * Changes how many deliveries may be unsettled. If more are, they stay, and nothing comes until
   * they are fewer.
   *
   * @param deliveries 0 lets nothing through
   * @param done completes when nothing comes that goes beyond it; perhaps before this call returns
   */
  void resize(int deliveries, Completion<Done> done);

  /**
   * Takes credit for what is no delivery of a queue any more, or never was (MQTT: an exchange of
   * QoS 2 from PUBREC to PUBCOMP). Said before the delivery that it follows is settled, it leaves
   * no gap for another one.
   */
  void hold(int deliveries);

  /** Gives back what was {@linkplain #hold held}. */
  void release(int deliveries);

  /** Returns how much of it is taken: held, or lent to queues, which may not have used it yet. */
  int taken();
}

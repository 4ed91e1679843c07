package io.carrick.spi;

/**
 * The account of what one loop's connections and queues hold in memory, by kind. Confined to that
 * loop. From the sum over all loops the broker knows when to stop reading from publishers ({@link
 * io.carrick.Limit#MEMORY_BYTES}).
 */
@FunctionalInterface
public interface HeldBytes {

  /**
   * Notes bytes that are held from now on.
   *
   * @param bytes how many; negative for bytes that were noted before and are held no more
   */
  void add(Kind kind, long bytes);

  /** What holds memory. */
  enum Kind {
    /** Messages in queues, ready and unsettled, each payload once however many queues have it. */
    MESSAGES("messages"),
    /** Places in queues: what each message costs beside itself, once for each queue. */
    QUEUES("queues"),
    /** Last values (retained messages). */
    LAST_VALUES("last-values"),
    /** Messages that are to be published later. */
    SCHEDULED("scheduled"),
    /** Receipts that are not answered yet. */
    RECEIPTS("receipts"),
    /** Queues, sessions and bindings themselves. */
    TOPOLOGY("topology"),
    /** Messages on their way from one loop to another. */
    UNDER_WAY("under-way"),
    /** What was published in transactions that are not committed. */
    TRANSACTIONS("transactions"),
    /** Connections, with what was read and is not a whole frame yet. */
    CONNECTIONS("connections"),
    /** What waits for peers to take it. */
    OUTPUT("output"),
    /** What the store has taken and not brought to where it belongs. */
    STORE("store");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Returns the kind as metrics show it. */
    public String text() {
      return text;
    }
  }
}

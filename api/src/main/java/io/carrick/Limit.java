package io.carrick;

/**
 * Everything that is bounded: its default, its unit at the end of the name or in the first
 * sentence, and what happens when the bound is met. A value is set by {@link Limits#with}.
 */
public enum Limit {
  /**
   * Bytes of one message's payload. Beyond: MQTT closes the connection, AMQP the channel with 311,
   * in this JVM the publish fails.
   */
  MESSAGE_BYTES(64 << 20),
  /** Bytes of an exchange's or queue's name. Beyond: AMQP 406. */
  NAME_BYTES(255),
  /** Bytes of an MQTT client id. Beyond: CONNACK 0x02. */
  CLIENT_ID_BYTES(1_024),
  /** Bytes of a topic or filter. Beyond: the packet is malformed and closes its connection. */
  TOPIC_BYTES(65_535),
  /** Bytes of an MQTT packet that is not PUBLISH. Beyond: the connection is closed. */
  CONTROL_PACKET_BYTES(512 << 10),
  /**
   * Topic aliases of an MQTT 5 connection, in each direction. Beyond: a larger number than the
   * client was told ends its connection with 0x94; further topics to it are sent in full.
   */
  TOPIC_ALIASES(10),
  /**
   * Levels of a filter or binding key (MAP-39), never more than 512; what is published may have any
   * number. Beyond: an MQTT subscription gets SUBACK 0x80, an AMQP binding 406.
   */
  TOPIC_LEVELS(128),
  /** {@code #} before the end of one binding key (MAP-39). Beyond: AMQP 406. */
  INNER_MULTI_WILDCARDS(2),
  /** Depth of tables and arrays in an AMQP field table. Beyond: 502 closes the connection. */
  TABLE_DEPTH(32),
  /** Bytes of one AMQP frame, offered in tune. Beyond: 501 closes the connection. */
  FRAME_BYTES(131_072),
  /** AMQP channels of one connection, offered in tune. Beyond: 530 closes the connection. */
  CHANNELS(2_047),
  /** Connections of one endpoint. Beyond: accepted and closed at once, counted. */
  CONNECTIONS(1_000_000),
  /**
   * Handshakes of TLS and WebSocket, and PROXY headers, under way at one endpoint, of peers that
   * say nothing as well. Beyond: accepted and closed at once, counted.
   */
  HANDSHAKES(1_024),
  /** Milliseconds from accept to a finished login. Beyond: the connection is closed, counted. */
  CONNECT_TIMEOUT_MS(10_000),
  /**
   * Milliseconds for which a peer may take no byte of what waits for it, however little that is.
   * Beyond: closed, counted.
   */
  WRITE_TIMEOUT_MS(30_000),
  /**
   * Milliseconds for goodbyes and pending confirms, when the broker closes or a client goes.
   * Beyond: cut off.
   */
  CLOSE_TIMEOUT_MS(2_000),
  /**
   * Bytes in one connection's output buffer. From half of it on, queued messages wait and the
   * publishers of at-most-once messages pause; beyond, at-most-once messages are dropped, counted
   * {@code slow-consumer}.
   */
  OUTPUT_BYTES(1 << 20),
  /**
   * Milliseconds that publishers pause for a slow subscriber. After that its at-most-once messages
   * are dropped, counted as {@code slow-consumer}, until it has drained.
   */
  SLOW_CONSUMER_PAUSE_MS(500),
  /** Bytes that one publisher may have under way in the broker. Beyond: its reads pause. */
  PUBLISHER_CREDIT_BYTES(4 << 20),
  /**
   * Bytes of messages and settlements (128 each) in one uncommitted transaction. Beyond: it is
   * rolled back with AMQP 406, counted {@code transaction-full}.
   */
  TRANSACTION_BYTES(32 << 20),
  /** The smallest size, in bytes, from which on a segment of a stream is full, whoever asks. */
  STREAM_SEGMENT_BYTES(64 << 10),
  /** Frames that wait while their AMQP channel waits for an answer. Beyond: reads pause. */
  PENDING_FRAMES(1_024),
  /** Messages of one queue held in memory; the rest is read back from the store. */
  QUEUE_WINDOW_MESSAGES(16_384),
  /** Payload bytes of one queue held in memory; the rest is read back from the store. */
  QUEUE_WINDOW_BYTES(16 << 20),
  /**
   * Bytes that the broker may hold in memory. Beyond, publishers are not read from until it is
   * three quarters of that; consumers go on. Unless set, two fifths of the JVM's maximum heap.
   */
  MEMORY_BYTES(Runtime.getRuntime().maxMemory() / 5 * 2),
  /** Free bytes that the store's disk is to have. Below, publishers are not read from. */
  DISK_FREE_BYTES(64 << 20),
  /** Messages in a session's queue. Beyond: the oldest is dropped, counted {@code session-full}. */
  SESSION_QUEUE_MESSAGES(100_000),
  /** Payload bytes in a session's queue. Beyond: as {@link #SESSION_QUEUE_MESSAGES}. */
  SESSION_QUEUE_BYTES(256 << 20),
  /** Unacknowledged QoS 1 and 2 messages to one MQTT client. Beyond: they wait in its queue. */
  INFLIGHT_MESSAGES(1_024),
  /**
   * QoS 1 and 2 messages that a client of MQTT 5 may have under way, which it is told. Beyond: its
   * connection ends with 0x93. One of MQTT 3 cannot be told, and has all identifiers.
   */
  RECEIVE_MAXIMUM(1_024),
  /** Unsettled deliveries to one consumer without a prefetch of its own. Beyond: they wait. */
  UNSETTLED_DELIVERIES(65_535),
  /**
   * Milliseconds for which a consumer of a queue without an {@code x-consumer-timeout} of its own
   * may have a delivery unsettled; sessions have no such bound. Beyond: the consumer ends and its
   * messages go back, AMQP closes the channel with 406. Unless set, there is no bound.
   */
  CONSUMER_TIMEOUT_MS(Long.MAX_VALUE),
  /** Subscriptions of one session, shared ones among them. Beyond: SUBACK 0x80. */
  SESSION_SUBSCRIPTIONS(100_000),
  /** Queues of one virtual host. Beyond: AMQP 406, CONNACK 0x03. */
  QUEUES(2_000_000),
  /** Exchanges of one virtual host. Beyond: AMQP 406. */
  EXCHANGES(100_000),
  /**
   * Last values (retained messages) of one virtual host. Beyond: a new one is not kept, counted.
   */
  LAST_VALUES(10_000_000),
  /**
   * Bytes of the last values of one virtual host, properties and topics included. Beyond: a new one
   * is not kept, counted; one that replaces another may take a quarter more, beyond which neither
   * is kept. Unless set, a fifth of the JVM's maximum heap.
   */
  LAST_VALUE_BYTES(Runtime.getRuntime().maxMemory() / 5),
  /** Scheduled publishes of one virtual host. Beyond: refused. */
  SCHEDULED_PUBLISHES(1_000_000),
  /**
   * Messages of one exchange that wait and are due in the same stretch of time, which is a quarter
   * of the time until then at most. Beyond: refused as by a full queue, counted {@code queue-full}.
   */
  DELAYED_MESSAGES(10_000_000),
  /**
   * Ids of messages that one exchange without duplicates remembers at most. Beyond: an exchange
   * that asks for more is refused, AMQP 406.
   */
  DEDUPLICATION_IDS(1_000_000),
  /**
   * Receipts that are not answered yet, of all publishers together. Beyond: a publish that asks for
   * one is refused, MQTT 0x97, AMQP {@code basic.nack}.
   */
  RECEIPTS(100_000),
  /** Queues that the answer to a receipt names one by one. Beyond: they are only counted. */
  RECEIPT_ENTRIES(100),
  /** Milliseconds that a receipt waits whose publisher names no time. Beyond: it is answered. */
  RECEIPT_DEFAULT_MS(30_000),
  /** Milliseconds that a receipt waits at most, whatever its publisher says. Beyond: answered. */
  RECEIPT_TIMEOUT_MS(604_800_000),
  /** Virtual hosts of the broker. Beyond: no more are made while it runs. */
  VIRTUAL_HOSTS(10_000),
  /** Users that the broker keeps. Beyond: no more are made. */
  USERS(100_000),
  /** Policies of one virtual host, of each kind. Beyond: no more are made. */
  POLICIES(1_000),
  /** Items of one page that an administrator asks for. Beyond: the page has that many. */
  PAGE_ITEMS(1_000),
  /** Traces of the broker at a time. Beyond: no more are begun. */
  TRACES(16),
  /** Messages that one trace keeps. Beyond: the oldest is forgotten, and counted by the trace. */
  TRACE_MESSAGES(1_000),
  /**
   * Events that a trace keeps of one message, and events that wait for its listener. Beyond:
   * further ones are left out, and counted by the trace.
   */
  TRACE_EVENTS(1_000),
  /**
   * Messages of the firehose that wait in one loop to be published. Beyond: further ones are
   * dropped, counted {@code firehose}.
   */
  FIREHOSE_MESSAGES(10_000);

  private final long byDefault;

  Limit(long byDefault) {
    this.byDefault = byDefault;
  }

  /** Returns the default. */
  public long byDefault() {
    return byDefault;
  }
}

package io.carrick.engine;

import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brokers one after the other on the same disk, run turn by turn by the test. */
final class RestartableBroker {

  static final MessageProperties PERSISTENT = Message.builder("").persistent().build().properties();

  static final MessageProperties RETAINED =
      Message.builder("").persistent().retain().build().properties();

  final Disk disk;
  final LateType late = new LateType();
  ManualLoops loops = new ManualLoops();
  Broker broker;
  private final Limits limits;
  private long wallMs = 1_000_000;
  private PortAdapter port = new PortAdapter();

  RestartableBroker() {
    this(new Disk(), 4);
  }

  RestartableBroker(Disk disk, int window) {
    this(
        disk,
        Limits.defaults()
            .with(Limit.QUEUE_WINDOW_MESSAGES, window)
            .with(Limit.STREAM_SEGMENT_BYTES, 1));
  }

  RestartableBroker(Disk disk, Limits limits) {
    this.disk = disk;
    this.limits = limits;
    start();
  }

  private void start() {
    loops = new ManualLoops();
    loops.advance(wallMs);
    port = new PortAdapter();
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(port)
            .exchangeType(late)
            .limits(limits)
            .store(disk)
            .start();
    loops.run();
  }

  /** Closes the broker in order and starts the next. */
  void restart() {
    wallMs = loops.first.wallTimeMs();
    broker.close();
    start();
  }

  /** Lets the broker end as by a failure of power and starts the next. */
  void crash() {
    crash(0);
  }

  /**
   * Lets the broker end as by a failure of power and starts the next.
   *
   * @param laterMs how long nothing ran
   */
  void crash(long laterMs) {
    wallMs = loops.first.wallTimeMs() + laterMs;
    disk.crash();
    start();
  }

  /** Returns the sessions that have ended in this run, and why. */
  List<String> ended() {
    return port.ended;
  }

  TestClient client(String name) {
    return new TestClient(port.adapters(), loops, loops.first, name);
  }

  TestClient farClient(String name) {
    return new TestClient(port.adapters(), loops, loops.second, name);
  }

  static QueueDeclaration durable(String queue) {
    return new QueueDeclaration(queue, true, false, false, Map.of(), null);
  }

  static QueueDeclaration session(String client) {
    return new QueueDeclaration(
        "mqtt.session." + client,
        true,
        false,
        false,
        Map.of(),
        SessionQueue.of(client, PortAdapter.ADMISSION));
  }

  static ExchangeDeclaration exchange(String name, String type, boolean durable) {
    return new ExchangeDeclaration(name, type, durable, false, false, Map.of());
  }

  void declare(TestClient p, QueueDeclaration queue) {
    p.ask((Attachment a, Completion<QueueInfo> done) -> a.declareQueue(queue, done));
  }

  void declare(TestClient p, QueueDeclaration queue, Completion<QueueInfo> done) {
    p.act(a -> a.declareQueue(queue, done));
  }

  void declare(TestClient p, ExchangeDeclaration exchange) {
    p.ask((Attachment a, Completion<Done> done) -> a.declareExchange(exchange, done));
  }

  void publish(TestClient p, String exchange, String key, String... texts) {
    p.act(
        a -> {
          for (String text : texts) {
            a.publishConfirmed(p.message(exchange, key, PERSISTENT, text));
          }
        });
  }

  /** Takes everything that is in a queue and accepts it; redelivered ones are marked. */
  List<String> drain(TestClient p, String queue) {
    var all = new ArrayList<String>();
    Optional<Attachment.Fetched> next = get(p, queue);
    while (next.isPresent()) {
      Attachment.Fetched got = next.get();
      all.add(got.message().text() + (got.redelivered() ? "*" : ""));
      p.act(a -> got.consumption().settle(got.deliveryId(), Settlement.ACCEPT));
      next = get(p, queue);
    }
    return all;
  }

  Optional<Attachment.Fetched> get(TestClient p, String queue) {
    return p.ask(
        (Attachment a, Completion<Optional<Attachment.Fetched>> done) -> a.get(queue, false, done));
  }

  static ConsumeRequest shared(String queue) {
    return new ConsumeRequest(queue, false, Mode.SHARED, 0, 0);
  }

  static ConsumeRequest lease(String client) {
    return new ConsumeRequest("mqtt.session." + client, false, Mode.LEASE, 0, 0);
  }

  List<String> queues() {
    return broker.queues().stream().map(q -> q.name() + ":" + q.ready()).sorted().toList();
  }
}

package io.carrick.bridge;

import com.rabbitmq.client.Delivery;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * Publishers and consumers of both protocols, each in a thread of its own, and the ledgers of what
 * the consumers saw. Consumers misbehave as {@link Manners} say and never lose their ledger.
 */
final class Traffic implements AutoCloseable {

  private static final int CONFIRM_EVERY = 50;
  private static final int PREFETCH = 64;
  private static final long PATIENCE_SECONDS = 90;

  private final InetSocketAddress mqtt;
  private final InetSocketAddress amqp;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> publishing = new ArrayList<>();
  private final List<Future<?>> consuming = new ArrayList<>();
  private final List<Ledger> ledgers = new ArrayList<>();
  private final Map<String, Integer> sent = new ConcurrentHashMap<>();
  private volatile int expected = Integer.MAX_VALUE;

  /**
   * How a consumer behaves. Immutable.
   *
   * @param requeueEvery a message is put back now and then, one of so many
   * @param vanishEvery the connection is dropped without a goodbye, one message of so many
   * @param seed of what is random about it
   */
  record Manners(int requeueEvery, int vanishEvery, long seed) {}

  /** Something that may throw. */
  @FunctionalInterface
  interface Task {
    void run() throws Exception;
  }

  Traffic(InetSocketAddress mqtt, InetSocketAddress amqp) {
    this.mqtt = mqtt;
    this.amqp = amqp;
  }

  private Future<?> start(Task task) {
    return threads.submit(
        () -> {
          task.run();
          return null;
        });
  }

  private Ledger ledger(String name, boolean ordered) {
    var ledger = new Ledger(name, ordered);
    ledgers.add(ledger);
    return ledger;
  }

  private static String text(String publisher, int number, Random random) {
    return publisher + ":" + number + " " + "x".repeat(random.nextInt(400));
  }

  // ---- publishers

  /** A device that publishes at QoS 1 and 2 in turn, and reconnects when {@code leave} says so. */
  void publishByMqtt(String name, String topic, IntPredicate more, IntPredicate leave) {
    publishing.add(
        start(
            () -> {
              var random = new Random(name.hashCode());
              Device device = device(name);
              int number = 0;
              while (more.test(number)) {
                if (leave.test(number)) {
                  device.close();
                  device = device(name);
                }
                device.publish(topic, text(name, number, random), 1 + number % 2);
                number++;
              }
              device.close();
              sent.put(name, number);
            }));
  }

  private Device device(String name) throws Exception {
    String uri = "tcp://" + mqtt.getHostString() + ":" + mqtt.getPort();
    return Device.connect(uri, name, Device.options(true));
  }

  /** A service that publishes in confirmed batches, and reconnects when {@code leave} says so. */
  void publishByAmqp(String name, String key, IntPredicate more, IntPredicate leave) {
    publishing.add(
        start(
            () -> {
              var random = new Random(name.hashCode());
              Service service = confirming();
              int number = 0;
              while (more.test(number)) {
                if (leave.test(number)) {
                  service.channel.waitForConfirmsOrDie(20_000);
                  service.close();
                  service = confirming();
                }
                service.channel.basicPublish(
                    "amq.topic",
                    key,
                    Service.headers(2, Map.of("x-mqtt-qos", 1 + number % 2)),
                    text(name, number, random).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                number++;
                if (number % CONFIRM_EVERY == 0) {
                  service.channel.waitForConfirmsOrDie(20_000);
                }
              }
              service.channel.waitForConfirmsOrDie(20_000);
              service.close();
              sent.put(name, number);
            }));
  }

  private Service confirming() throws Exception {
    Service service = Service.connect(amqp);
    service.channel.confirmSelect();
    return service;
  }

  // ---- consumers

  /** A durable queue of everything under {@code load}, read by so many services at once. */
  void consumeByAmqp(String queue, int consumers, Manners manners) throws Exception {
    try (Service service = Service.connect(amqp)) {
      service.channel.queueDeclare(queue, true, false, false, Map.of());
      service.channel.queueBind(queue, "amq.topic", "load.#");
    }
    Ledger ledger = ledger(queue, consumers == 1);
    for (int i = 0; i < consumers; i++) {
      var random = new Random(manners.seed + i);
      consuming.add(start(() -> consumeByAmqp(queue, ledger, manners, random)));
    }
  }

  private void consumeByAmqp(String queue, Ledger ledger, Manners manners, Random random)
      throws Exception {
    while (!done(ledger)) {
      try (Service service = Service.connect(amqp)) {
        service.channel.basicQos(PREFETCH);
        Inbox<Delivery> inbox = service.consume(queue);
        boolean staying = true;
        while (staying && !done(ledger)) {
          Delivery delivery = inbox.poll();
          if (delivery == null) {
            continue;
          }
          ledger.saw(Service.text(delivery), delivery.getEnvelope().isRedeliver());
          long tag = delivery.getEnvelope().getDeliveryTag();
          if (random.nextInt(manners.requeueEvery) == 0) {
            service.channel.basicNack(tag, false, true);
          } else {
            service.channel.basicAck(tag, false);
          }
          staying = random.nextInt(manners.vanishEvery) > 0;
        }
      }
    }
  }

  /** A session of everything under {@code load} at QoS 1, acknowledged a while later. */
  void consumeByMqtt(String clientId, Manners manners) throws Exception {
    RawMqtt first = new RawMqtt(mqtt);
    first.connect(clientId, false);
    first.subscribe("load/#", 1);
    Ledger ledger = ledger(clientId, true);
    consuming.add(start(() -> consumeByMqtt(first, clientId, ledger, manners)));
  }

  private void consumeByMqtt(RawMqtt first, String clientId, Ledger ledger, Manners manners)
      throws Exception {
    var random = new Random(manners.seed);
    RawMqtt device = first;
    var held = new ArrayDeque<Integer>();
    while (!done(ledger)) {
      RawMqtt.Packet packet = device.readOrPing();
      if (packet.type() != RawMqtt.PUBLISH) {
        continue;
      }
      ledger.saw(packet.text(), packet.dup());
      held.add(packet.publishId());
      if (held.size() > random.nextInt(PREFETCH)) {
        device.acknowledge(RawMqtt.PUBACK, held.remove()); // [MQTT-4.6.0-2]
      }
      if (random.nextInt(manners.vanishEvery) == 0) {
        device.close();
        held.clear();
        device = new RawMqtt(mqtt);
        device.connect(clientId, false);
      }
    }
    device.close();
  }

  /** Runs something else until the consumers are done. */
  void besides(Task task, BooleanSupplier more) {
    publishing.add(
        start(
            () -> {
              while (more.getAsBoolean()) {
                task.run();
              }
            }));
  }

  /** Something that another consumer tells its ledger by itself. */
  Ledger ledgerOf(String name, boolean ordered) {
    return ledger(name, ordered);
  }

  void sent(String publisher, int count) {
    sent.put(publisher, count);
  }

  boolean done(Ledger ledger) {
    return ledger.distinct() >= expected;
  }

  // ---- the end

  /** Waits for everybody, and returns what is wrong. */
  List<String> finish() throws Exception {
    for (Future<?> publisher : publishing) {
      await(publisher, "a publisher");
    }
    expected = sent.values().stream().mapToInt(Integer::intValue).sum();
    for (Future<?> consumer : consuming) {
      await(consumer, "a consumer");
    }
    return ledgers.stream().flatMap(ledger -> ledger.complaints(sent).stream()).toList();
  }

  private void await(Future<?> actor, String who) throws Exception {
    try {
      actor.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      var complaints = new ArrayList<String>();
      ledgers.forEach(ledger -> complaints.addAll(ledger.complaints(sent)));
      throw new AssertionError(who + " did not finish; " + this + "; " + complaints, e);
    }
  }

  int expected() {
    return expected;
  }

  List<Ledger> ledgers() {
    return List.copyOf(ledgers);
  }

  @Override
  public String toString() {
    return "sent " + sent + ", " + ledgers;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

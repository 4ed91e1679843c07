package io.carrick.examples;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Source;
import io.carrick.Topology;
import io.carrick.engine.EmbeddedBroker;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A broker for one program alone: no port is opened. Orders are published, put in a queue and
 * packed by a consumer, which puts one of them back for a second try.
 *
 * <p>Run: {@code java -cp examples/target/carrick.jar io.carrick.examples.OrderDesk}
 */
public final class OrderDesk {

  private static final List<String> ORDERS = List.of("rope", "anchor", "sail");

  private OrderDesk() {}

  /**
   * Runs the program.
   *
   * @param args none
   * @throws InterruptedException when somebody interrupts the main thread
   */
  public static void main(String[] args) throws InterruptedException {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client client = broker.connect()) {
      Topology topology = client.topology();
      topology.exchange("orders", "direct").declare();
      topology.queue("to-pack").declare();
      topology.bind(Binding.of("orders", "to-pack", "paid"));

      var packed = new CountDownLatch(ORDERS.size());
      client
          .consumer(Source.queue("to-pack"))
          .manual()
          .prefetch(10)
          .start(delivery -> pack(delivery, packed));

      Publisher orders = client.publisher("orders");
      for (String order : ORDERS) {
        // join() waits until the broker is responsible for the order.
        orders.publish("paid", Message.of(order)).toCompletableFuture().join();
      }
      Publisher.Outcome unpaid =
          orders.publish("unpaid", Message.of("mast")).toCompletableFuture().join();
      System.out.println("the unpaid mast is " + unpaid);
      packed.await();
    }
  }

  private static void pack(Delivery delivery, CountDownLatch packed) {
    String order = delivery.message().text();
    if (order.equals("anchor") && !delivery.redelivered()) {
      System.out.println("dropped the anchor, once more");
      delivery.requeue();
      return;
    }
    System.out.println("packed " + order);
    delivery.accept();
    packed.countDown();
  }
}

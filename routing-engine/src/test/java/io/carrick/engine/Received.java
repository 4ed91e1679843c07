package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivery;
import io.carrick.DeliveryHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A handler that keeps what it gets, for a test to take with a deadline. */
final class Received implements DeliveryHandler {

  private static final long DEADLINE_SECONDS = 10;

  private final LinkedBlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();

  @Override
  public void handle(Delivery delivery) {
    deliveries.add(delivery);
  }

  Delivery take() throws InterruptedException {
    Delivery delivery = deliveries.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(delivery).as("a delivery within %d s", DEADLINE_SECONDS).isNotNull();
    return delivery;
  }

  String text() throws InterruptedException {
    return take().message().text();
  }

  List<String> texts(int count) throws InterruptedException {
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      texts.add(text());
    }
    return texts;
  }

  int waiting() {
    return deliveries.size();
  }
}

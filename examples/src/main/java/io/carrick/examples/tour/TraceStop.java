package io.carrick.examples.tour;

import io.carrick.Trace;
import io.carrick.TraceEvent;
import io.carrick.TraceFilter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The way of a message can be looked at. */
final class TraceStop implements Stop {

  @Override
  public String title() {
    return "The way of a message";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Service readings = guide.service("readings").listen("greenhouse.*.temp");
    guide.deviceThatReturns("display").subscribe("greenhouse/#").close();
    Device sensor = guide.device("sensor-17");

    var settled = new CountDownLatch(1);
    TraceFilter temperatures = TraceFilter.everything().topic("greenhouse/+/temp");
    try (Trace trace =
        guide.broker.trace(
            temperatures,
            event -> {
              if (event.stage() == TraceEvent.Stage.ACCEPTED) {
                settled.countDown();
              }
            })) {
      sensor.publish("greenhouse/1/temp", "21.5");
      readings.take();
      if (!settled.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the service has not acknowledged");
      }
      guide.shows(trace.messages().get(0).tree());
    }
  }
}

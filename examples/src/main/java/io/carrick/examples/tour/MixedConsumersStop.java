package io.carrick.examples.tour;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Clients of both protocols share the work on one queue, whichever protocol the queue is of. */
final class MixedConsumersStop implements Stop {

  private static final int JOBS = 6;
  private static final int PATIENCE_SECONDS = 20;

  /** What has been done, by whom; each job once. Thread-safe. */
  private static final class Work {

    private final Map<String, String> done = new ConcurrentSkipListMap<>();
    private final CountDownLatch left = new CountDownLatch(JOBS);

    void done(String job, String by) {
      String twice = done.putIfAbsent(job, by);
      if (twice != null) {
        throw new IllegalStateException(job + " was given to " + twice + " and " + by);
      }
      left.countDown();
    }

    Map<String, String> all() throws InterruptedException {
      if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("only these were done: " + done);
      }
      return new TreeMap<>(done);
    }
  }

  @Override
  public String title() {
    return "Consumers of both protocols on one queue";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Service service = guide.service("worker-amqp");
    String queue = service.channel.queueDeclare("jobs", false, false, true, null).getQueue();
    Work jobs = work(guide, "$queue/" + queue, queue);
    for (int i = 1; i <= JOBS; i++) {
      service.publish("", queue, Service.persistent().build(), "job " + i);
    }
    guide.says("an AMQP queue 'jobs', which is $queue/jobs to MQTT: " + jobs.all());

    String share = "$share/crew/tasks";
    Work tasks = work(guide, share, share);
    Device publisher = guide.device("foreman");
    for (int i = 1; i <= JOBS; i++) {
      publisher.publish("tasks", "task " + i);
    }
    guide.says("an MQTT group, $share/crew/tasks to both: " + tasks.all());
  }

  /** Lets one client of each protocol work on the same queue. */
  private static Work work(Guide guide, String filter, String queue) throws Exception {
    var work = new Work();
    guide
        .device("worker-mqtt-" + queue.length())
        .does(message -> work.done(Device.text(message), "MQTT"))
        .subscribe(filter);
    guide
        .service("worker-amqp-" + queue.length())
        .consume(queue, delivery -> work.done(Service.text(delivery), "AMQP"));
    return work;
  }
}

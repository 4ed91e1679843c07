package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.carrick.amqp.Amqp;
import io.carrick.testing.BrokerExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Task queues of Python: Kombu and Celery; each test skips where its library is missing. */
class PythonTasksTest {

  private static final String KOMBU =
      """
      from kombu import Connection, Exchange, Queue, Consumer, Producer
      jobs = Exchange('jobs', type='topic', durable=True)
      urgent = Queue('urgent', jobs, routing_key='job.urgent', max_priority=9)
      every = Queue('every', jobs, routing_key='job.#', message_ttl=60, max_length=100)
      heard = []
      def take(body, message):
          heard.append((message.delivery_info['routing_key'], body['n'], message.headers.get('by')))
          message.ack()
      with Connection('amqp://guest:guest@127.0.0.1:PORT//') as connection:
          with connection.channel() as channel:
              producer = Producer(channel, jobs, serializer='json')
              for n, priority in ((1, 1), (2, 9)):
                  producer.publish({'n': n}, routing_key='job.urgent', priority=priority,
                      headers={'by': 'kombu'}, declare=[jobs, urgent, every], compression='gzip')
              with Consumer(channel, [urgent], callbacks=[take], accept=['json'], prefetch_count=1):
                  while len(heard) < 2:
                      connection.drain_events(timeout=30)
              with Consumer(channel, [every], callbacks=[take], accept=['json']):
                  while len(heard) < 4:
                      connection.drain_events(timeout=30)
      print(heard)
      """;

  private static final String TASKS =
      """
      from celery import Celery
      app = Celery('tasks', broker='amqp://guest:guest@127.0.0.1:PORT//', backend='rpc://')
      app.conf.task_acks_late = True
      app.conf.result_persistent = False

      @app.task
      def add(x, y):
          return x + y

      @app.task(bind=True, max_retries=3)
      def stubborn(self, wanted):
          if self.request.retries < wanted:
              raise self.retry(countdown=0)
          return self.request.retries
      """;

  private static final String ASK =
      """
      import tasks
      results = [tasks.add.delay(n, n) for n in range(20)]
      print([result.get(timeout=30) for result in results])
      print(tasks.stubborn.delay(2).get(timeout=30))
      """;

  @RegisterExtension
  final BrokerExtension carrick = BrokerExtension.with(Amqp.onAnyPort()).realTime();

  @TempDir private Path folder;

  private String withPort(String script) {
    return script.replace("PORT", Integer.toString(carrick.address("amqp").getPort()));
  }

  /** Returns the first Python that has a library: Debian's is not always the first. */
  private static String pythonWith(String library) throws InterruptedException {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Program.succeeds(python, "-c", "import " + library)) {
        return python;
      }
    }
    return abort(library + " for Python is not installed");
  }

  @Test
  @Tag("amqp091:kombu")
  void kombuDeclaresPublishesAndConsumesTheMoreUrgentFirst() throws Exception {
    String python = pythonWith("kombu");
    try (Program kombu = Program.start(python, "-c", withPort(KOMBU))) {
      assertThat(kombu.output())
          .isEqualTo(
              "[('job.urgent', 2, 'kombu'), ('job.urgent', 1, 'kombu'), "
                  + "('job.urgent', 1, 'kombu'), ('job.urgent', 2, 'kombu')]\n");
    }
  }

  @Test
  @Tag("amqp091:celery")
  void celeryRunsTasksAndRetriesThem() throws Exception {
    String python = pythonWith("celery");
    Files.writeString(folder.resolve("tasks.py"), withPort(TASKS));
    try (Program worker =
            Program.start(
                folder,
                Map.of(),
                python,
                "-m",
                "celery",
                "-A",
                "tasks",
                "worker",
                "--pool=solo",
                "--without-mingle",
                "--loglevel=WARNING");
        Program client = Program.start(folder, Map.of(), python, "-c", ASK)) {
      assertThat(client.output())
          .isEqualTo(
              "[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38]\n2\n");
      worker.terminate();
    }
  }
}

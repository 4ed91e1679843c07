package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.carrick.bridge.CrashBroker.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker on a journal is killed while two clients move messages from queue to queue, a few in
 * each transaction.
 */
class TransactionsAfterKillsTest {

  private static final int KILLS = 3;
  private static final long RUN_MS = 400;

  /** Before each kill, if the machine is not too busy for that. */
  private static final int COMMITS = 20;

  private static final int MOST_RUNS = 40;
  private static final int MESSAGES = 60;

  private final Set<String> complaints = ConcurrentHashMap.newKeySet();
  private final AtomicInteger commits = new AtomicInteger();

  @Test
  @Tag("amqp091:tx.commit")
  @DisplayName("after kills each message that transactions move is in one queue, once")
  void whatTransactionsMoveIsInOnePlaceAfterKills(@TempDir Path directory) throws Exception {
    var random = new Random();
    fill(directory);
    for (int kill = 0; kill < KILLS; kill++) {
      CrashBroker broker = CrashBroker.launch(directory, Setting.any(random));
      broker.awaitPorts();
      Thread there = new Thread(() -> move(broker, "left", "right"));
      Thread back = new Thread(() -> move(broker, "right", "left"));
      there.start();
      back.start();
      int enough = commits.get() + COMMITS;
      for (int i = 0; i < MOST_RUNS && commits.get() < enough; i++) {
        broker.run(RUN_MS + random.nextInt(300));
      }
      broker.kill();
      there.join();
      back.join();
    }

    List<String> found = CrashQueues.everything(directory, "left", "right");

    assertThat(complaints).isEmpty();
    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, MESSAGES).mapToObj(i -> "m" + i).toList());
    assertThat(commits).as("commits").hasValueGreaterThan(KILLS * COMMITS / 2);
  }

  /** Declares the queues on connections of their own, and puts every message in the first. */
  private static void fill(Path directory) throws Exception {
    CrashBroker broker = CrashBroker.launch(directory, Setting.any(new Random()));
    broker.awaitPorts();
    for (String queue : List.of("left", "right")) {
      try (Connection connection = CrashQueues.to(broker).newConnection();
          Channel channel = connection.createChannel()) {
        channel.queueDeclare(queue, true, false, false, Map.of());
        channel.txSelect();
        for (int i = 0; i < MESSAGES && queue.equals("left"); i++) {
          publish(channel, queue, ("m" + i).getBytes(StandardCharsets.UTF_8));
        }
        channel.txCommit();
      }
    }
    broker.close();
  }

  private static void publish(Channel channel, String queue, byte[] body) throws Exception {
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
  }

  private void move(CrashBroker broker, String from, String to) {
    var random = new Random();
    try (Connection connection = CrashQueues.to(broker).newConnection();
        Channel channel = connection.createChannel()) {
      channel.txSelect();
      while (!broker.over()) {
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
          GetResponse got = channel.basicGet(from, false);
          if (got != null) {
            publish(channel, to, got.getBody());
            channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
          }
        }
        if (random.nextInt(10) == 0) {
          channel.txRollback();
          channel.basicRecover(true);
        } else {
          channel.txCommit();
          commits.incrementAndGet();
        }
      }
    } catch (Exception e) {
      if (!broker.over()) {
        complaints.add(e.toString());
      }
    }
  }
}

package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.carrick.bridge.CrashBroker.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker on a journal is killed while a queue gives up most of what comes: what it may not keep,
 * and what its consumer rejects.
 */
class DeadLettersAfterKillsTest {

  private static final int KILLS = 3;
  private static final long RUN_MS = 700;
  private static final Map<String, Object> WORK =
      Map.of(
          "x-max-length", 50,
          "x-dead-letter-exchange", "",
          "x-dead-letter-routing-key", "dead");

  private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
  private final Set<String> complaints = ConcurrentHashMap.newKeySet();
  private int published;

  @Test
  @DisplayName("after kills each confirmed message is in the queue or among its dead letters, once")
  void whatIsGivenUpIsInOnePlaceAfterKills(@TempDir Path directory) throws Exception {
    var random = new Random();
    for (int kill = 0; kill < KILLS; kill++) {
      CrashBroker broker = CrashBroker.launch(directory, Setting.any(random));
      broker.awaitPorts();
      Thread load = new Thread(() -> publishUntilKilled(broker));
      load.start();
      broker.run(RUN_MS + random.nextInt(300));
      broker.kill();
      load.join();
    }

    List<String> found = CrashQueues.everything(directory, "work", "dead");

    assertThat(complaints).isEmpty();
    assertThat(found).doesNotHaveDuplicates().containsAll(confirmed);
    assertThat(confirmed).as("what was confirmed").hasSizeGreaterThan(KILLS * 50);
  }

  private void publishUntilKilled(CrashBroker broker) {
    try (Connection connection = CrashQueues.to(broker).newConnection();
        Channel channel = connection.createChannel();
        Channel rejecting = connection.createChannel()) {
      channel.queueDeclare("dead", true, false, false, Map.of());
      channel.queueDeclare("work", true, false, false, WORK);
      rejecting.basicQos(5);
      rejecting.basicConsume(
          "work",
          (tag, delivery) -> rejecting.basicReject(delivery.getEnvelope().getDeliveryTag(), false),
          tag -> {});
      var unconfirmed = new ConcurrentHashMap<Long, String>();
      channel.confirmSelect();
      channel.addConfirmListener(
          (tag, multiple) -> {
            List<Long> acked =
                unconfirmed.keySet().stream().filter(t -> multiple ? t <= tag : t == tag).toList();
            acked.forEach(t -> confirmed.add(unconfirmed.remove(t)));
          },
          (tag, multiple) -> {});
      while (!broker.over()) {
        String text = "m" + published++;
        unconfirmed.put(channel.getNextPublishSeqNo(), text);
        channel.basicPublish(
            "", "work", MessageProperties.PERSISTENT_BASIC, text.getBytes(StandardCharsets.UTF_8));
        if (published % 200 == 0) {
          channel.waitForConfirms();
        }
      }
    } catch (Exception e) {
      if (!broker.over()) {
        complaints.add(e.toString());
      }
    }
  }
}

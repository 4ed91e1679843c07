package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.carrick.Broker;
import io.carrick.QueueInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * RabbitMQ's own client and the prefetch of a whole channel: queues that were declared by other
 * connections have their homes on other loops.
 */
@Timeout(60)
class GlobalPrefetchTest {

  private static final int QUEUES = 4;
  private static final int EACH = 100;

  private final Broker broker =
      EmbeddedBroker.builder().loops(NettyLoops.factory(3)).adapter(Amqp.onAnyPort()).start();
  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Connection> connections = new ArrayList<>();
  private final List<String> queues = new ArrayList<>();
  private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private Channel channel;

  /** A delivery. */
  private record Got(long tag, String queue, String text, boolean again) {}

  @BeforeEach
  void declareAndFill() throws Exception {
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    for (int i = 0; i < QUEUES; i++) {
      Channel owner = connect();
      String queue = owner.queueDeclare("", false, false, false, null).getQueue();
      queues.add(queue);
      owner.confirmSelect();
      for (int m = 0; m < EACH; m++) {
        owner.basicPublish("", queue, null, (i + "." + m).getBytes(StandardCharsets.UTF_8));
      }
      owner.waitForConfirmsOrDie(10_000);
    }
    channel = connect();
  }

  private Channel connect() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    return connection.createChannel();
  }

  @AfterEach
  void close() {
    connections.forEach(Connection::abort);
    broker.close();
  }

  private String consume(String queue) throws Exception {
    return consume(queue, false);
  }

  private String consume(String queue, boolean noAck) throws Exception {
    return channel.basicConsume(
        queue,
        noAck,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            got.add(
                new Got(
                    envelope.getDeliveryTag(),
                    queue,
                    new String(body, StandardCharsets.UTF_8),
                    envelope.isRedeliver()));
          }
        });
  }

  private Got take() throws InterruptedException {
    Got next = got.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("a delivery within ten seconds").isNotNull();
    return next;
  }

  private long unsettled() {
    return broker.queues().stream().mapToLong(QueueInfo::unsettled).sum();
  }

  @Test
  void allConsumersOfAChannelAreServedInTurnAndNeverBeyondItsPrefetch() throws Exception {
    channel.basicQos(5, true);
    for (String queue : queues) {
      consume(queue);
      consume(queue);
    }
    Set<String> seen = new HashSet<>();
    Set<String> early = new HashSet<>();
    Deque<Got> held = new ArrayDeque<>();
    for (int i = 0; i < QUEUES * EACH; i++) {
      Got next = take();
      held.add(next);
      assertThat(next.again).isFalse();
      assertThat(seen.add(next.text)).as("delivered once").isTrue();
      if (i < 60) {
        early.add(next.queue);
      }
      assertThat(held.size() + got.size()).isLessThanOrEqualTo(5);
      assertThat(unsettled()).isLessThanOrEqualTo(5);
      if (held.size() == 5 || i >= QUEUES * EACH - 5) {
        channel.basicAck(held.remove().tag, false);
      }
    }
    assertThat(early).as("nobody starves").hasSize(QUEUES);
  }

  @Test
  void whoNeedNotAcknowledgeWaitsForTheChannelsCreditAsWellAndUsesNone() throws Exception {
    String acked = queues.get(0);
    String unacked = queues.get(1);
    channel.basicQos(1, true);
    consume(acked);
    Got first = take();
    consume(unacked, true);
    assertThat(channel.queueDeclarePassive(unacked).getMessageCount()).isEqualTo(EACH);

    channel.basicAck(first.tag, false);
    int taken = 0;
    for (int i = 0; i < 2 * EACH - 1; i++) {
      Got next = take();
      if (next.queue.equals(acked)) {
        channel.basicAck(next.tag, false);
        taken++;
      }
    }
    assertThat(taken).isEqualTo(EACH - 1);
    assertThat(got).isEmpty();
  }

  @Test
  void bothLimitsApply() throws Exception {
    channel.basicQos(2, false);
    channel.basicQos(3, true);
    consume(queues.get(0));
    take();
    take();
    // The first consumer has what it may have, the channel has room for one.
    consume(queues.get(1));
    assertThat(take().queue).isEqualTo(queues.get(1));
    assertThat(channel.messageCount(queues.get(1))).isEqualTo(EACH - 1);
    assertThat(got).isEmpty();
  }

  @Test
  void aPrefetchThatComesLaterCountsWhatIsUnacknowledgedAndOneOfZeroEndsIt() throws Exception {
    for (String queue : queues) {
      consume(queue);
    }
    Deque<Got> held = new ArrayDeque<>();
    for (int i = 0; i < QUEUES * EACH; i++) {
      held.add(take());
    }
    channel.basicQos(10, true);
    try (Channel publisher = connect()) {
      publisher.basicPublish("", queues.get(0), null, new byte[1]);
      publisher.basicPublish("", queues.get(1), null, new byte[1]);
      assertThat(publisher.messageCount(queues.get(0))).isEqualTo(1);
      assertThat(publisher.messageCount(queues.get(1))).isEqualTo(1);
    }
    while (held.size() > 10) {
      channel.basicAck(held.remove().tag, false);
    }
    // An answer that comes behind the acknowledgements' effect on this loop.
    channel.basicQos(10, true);
    assertThat(got).isEmpty();
    channel.basicAck(held.remove().tag, false);
    take();
    channel.basicQos(0, true);
    take();
  }

  @Test
  void randomQosCancelNackAndRecoverLoseNothingAndExceedNothing() throws Exception {
    var random = new Random(7);
    Set<String> settled = new HashSet<>();
    List<Got> held = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    int bound = 3;
    channel.basicQos(bound, true);
    for (String queue : queues) {
      tags.add(consume(queue));
    }
    int rounds = 0;
    while (settled.size() < QUEUES * EACH) {
      assertThat(rounds++).as("rounds").isLessThan(20_000);
      Got next = got.poll(held.isEmpty() ? 10_000 : 5, TimeUnit.MILLISECONDS);
      if (next != null) {
        held.add(next);
        assertThat(settled).doesNotContain(next.text);
      }
      switch (random.nextInt(12)) {
        case 0 -> {
          int before = bound;
          bound = 1 + random.nextInt(8);
          channel.basicQos(bound, true);
          if (bound >= before) {
            continue;
          }
          // Nothing comes beyond it behind its answer: what is here by now may be more.
          while (held.size() + got.size() > bound) {
            settle(random, held, settled);
          }
        }
        case 1 -> {
          int which = random.nextInt(QUEUES);
          channel.basicCancel(tags.get(which));
          tags.set(which, consume(queues.get(which)));
        }
        default -> settle(random, held, settled);
      }
    }
    assertThat(settled).hasSize(QUEUES * EACH);
  }

  private void settle(Random random, List<Got> held, Set<String> settled) throws Exception {
    Got next = got.poll();
    if (next != null) {
      held.add(next);
    }
    if (held.isEmpty()) {
      return;
    }
    Got one = held.remove(random.nextInt(held.size()));
    if (random.nextInt(4) == 0) {
      channel.basicNack(one.tag, false, true);
    } else {
      channel.basicAck(one.tag, false);
      assertThat(settled.add(one.text)).as("delivered again after its ack").isTrue();
    }
  }
}

package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.ChannelModel.Item;
import io.carrick.amqp.ChannelModel.Line;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.spi.Settlement;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Random histories of one channel with two queues, of which one is on its loop and one is not:
 * every delivery, its tag, its order, and whether it comes again, as {@link ChannelModel} has it.
 */
@Tag("amqp091:histories")
class ChannelModelTest {

  private static final int HISTORIES = 400;
  private static final int STEPS = 60;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  /** Of the queues, each on another loop. */
  private final List<RawClient> owners = new ArrayList<>();

  private final List<String> done = new ArrayList<>();
  private Random random = new Random();
  private ChannelModel model = new ChannelModel();
  private RawClient client;
  private boolean confirms;
  private long published;
  private long confirmed;
  private int texts;

  @Test
  void everyDeliveryIsTheOneThatTheModelHas() {
    for (int i = 0; i < 2; i++) {
      owners.add(RawClient.open(broker).channel(1));
    }
    for (long seed = 1; seed <= HISTORIES; seed++) {
      random = new Random(seed);
      done.clear();
      try {
        history();
      } catch (AssertionError wrong) {
        throw new AssertionError("seed " + seed + ": " + done, wrong);
      }
    }
  }

  private void history() {
    model = new ChannelModel();
    client = RawClient.open(broker).channel(1);
    begin(random.nextInt(3));
    for (int i = 0; i < 2; i++) {
      owners.get(i).send(1, declare(i, false));
      owners.get(i).next(QueueMethod.DeclareOk.class);
    }
    for (int step = 0; step < STEPS; step++) {
      step();
      heard();
      model.settled();
      assertThat(confirmed).as("confirmed").isEqualTo(confirms ? published : 0);
      if (step % 5 == 0) {
        count();
      }
    }
    client.vanish();
    model.close();
    count();
    for (int i = 0; i < 2; i++) {
      owners.get(i).send(1, new QueueMethod.Delete(queue(i), false, false, false));
      owners.get(i).next(QueueMethod.DeleteOk.class);
    }
  }

  private static String queue(int which) {
    return "q" + which;
  }

  private static QueueMethod.Declare declare(int which, boolean passive) {
    return new QueueMethod.Declare(queue(which), passive, false, false, false, false, Map.of());
  }

  private void count() {
    for (int i = 0; i < 2; i++) {
      owners.get(i).send(1, declare(i, true));
      assertThat(owners.get(i).next(QueueMethod.DeclareOk.class).messages())
          .as("ready in %s", queue(i))
          .isEqualTo(model.lines.get(i).ready());
    }
  }

  /** Lets the channel have confirms, transactions, or neither. */
  private void begin(int mode) {
    confirms = mode == 1;
    published = 0;
    confirmed = 0;
    if (confirms) {
      client.send(1, new ConfirmMethod.Select(false));
      client.next(ConfirmMethod.SelectOk.class);
    } else if (mode == 2) {
      client.send(1, new TxMethod.Select());
      client.next(TxMethod.SelectOk.class);
      model.transactional = true;
    }
  }

  // ---- what the client hears

  /** Takes deliveries and confirms up to an answer; there must be one. */
  private <T extends Method> T answer(Class<T> type) {
    while (true) {
      Method next = client.next();
      if (type.isInstance(next)) {
        return type.cast(next);
      }
      take(next);
    }
  }

  /** Takes what comes without having been asked for. */
  private void heard() {
    while (!client.silent()) {
      take(client.next());
    }
  }

  private void take(Method method) {
    if (method instanceof BasicMethod.Deliver d) {
      Line line = model.lines.get(d.consumerTag().charAt(1) - '0');
      model.delivered(line, d.deliveryTag(), client.body(), d.redelivered());
    } else if (method instanceof BasicMethod.Ack a) {
      confirmed = a.deliveryTag();
    } else {
      throw new AssertionError("unexpected " + method);
    }
  }

  // ---- what it does

  private void step() {
    int which = random.nextInt(2);
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> publish(which);
      case 5, 6 -> get(which, random.nextInt(4) == 0);
      case 7, 8 -> consumeOrCancel(which, random.nextInt(4) == 0);
      case 9, 10, 11, 12, 13 -> settle();
      case 14 -> recover();
      case 15 -> qos(random.nextInt(4));
      case 16 -> purge(which);
      case 17, 18 -> endTransaction(random.nextInt(3) > 0);
      default -> reopen();
    }
  }

  private void publish(int which) {
    String text = "m" + texts++;
    done.add("publish " + text + " to " + which);
    model.publish(model.lines.get(which), text);
    var publish = new BasicMethod.Publish("", RoutingKey.ofKey(queue(which)), false, false);
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    client.bytes(RawClient.content(1, publish, new byte[2], body, 100));
    published++;
  }

  private void get(int which, boolean noAck) {
    done.add("get " + which + (noAck ? " no-ack" : ""));
    Item expected = model.next(model.lines.get(which));
    client.send(1, new BasicMethod.Get(queue(which), noAck));
    if (expected == null) {
      answer(BasicMethod.GetEmpty.class);
      return;
    }
    BasicMethod.GetOk got = answer(BasicMethod.GetOk.class);
    model.got(expected, got.deliveryTag(), client.body(), got.redelivered(), noAck);
    assertThat(got.messages()).isEqualTo(model.lines.get(which).ready());
  }

  private void consumeOrCancel(int which, boolean noAck) {
    Line line = model.lines.get(which);
    if (line.consumed) {
      done.add("cancel " + which);
      model.cancel(line);
      client.send(1, new BasicMethod.Cancel("c" + which, false));
      answer(BasicMethod.CancelOk.class);
    } else {
      done.add("consume " + which + (noAck ? " no-ack" : ""));
      model.consume(line, noAck);
      client.send(
          1,
          new BasicMethod.Consume(queue(which), "c" + which, false, noAck, false, false, Map.of()));
      answer(BasicMethod.ConsumeOk.class);
    }
  }

  private void settle() {
    List<Long> tags = model.tags();
    if (tags.isEmpty()) {
      return;
    }
    long tag = tags.get(random.nextInt(tags.size()));
    boolean multiple = random.nextInt(3) == 0;
    int how = random.nextInt(4);
    done.add("settle " + tag + (multiple ? " multiple " : " ") + how);
    Method method =
        switch (how) {
          case 0, 1 -> new BasicMethod.Ack(tag, multiple);
          case 2 -> new BasicMethod.Nack(tag, multiple, false);
          default -> new BasicMethod.Nack(tag, multiple, true);
        };
    model.settle(tag, multiple, meaning(how));
    client.send(1, method);
  }

  private static Settlement meaning(int how) {
    return switch (how) {
      case 0, 1 -> Settlement.ACCEPT;
      case 2 -> Settlement.REJECT;
      default -> Settlement.REQUEUE;
    };
  }

  private void recover() {
    done.add("recover");
    model.recover();
    client.send(1, new BasicMethod.Recover(true));
    answer(BasicMethod.RecoverOk.class);
  }

  private void qos(int prefetch) {
    done.add("qos " + prefetch);
    model.prefetch = prefetch;
    client.send(1, new BasicMethod.Qos(0, prefetch, false));
    answer(BasicMethod.QosOk.class);
  }

  private void purge(int which) {
    done.add("purge " + which);
    int expected = model.purge(model.lines.get(which));
    client.send(1, new QueueMethod.Purge(queue(which), false));
    assertThat(answer(QueueMethod.PurgeOk.class).messages()).isEqualTo(expected);
  }

  private void endTransaction(boolean commit) {
    if (!model.transactional) {
      return;
    }
    done.add(commit ? "commit" : "rollback");
    if (commit) {
      model.commit();
      client.send(1, new TxMethod.Commit());
      answer(TxMethod.CommitOk.class);
    } else {
      model.rollback();
      client.send(1, new TxMethod.Rollback());
      answer(TxMethod.RollbackOk.class);
    }
  }

  private void reopen() {
    if (random.nextInt(3) > 0) {
      return;
    }
    done.add("close");
    model.close();
    client.send(1, new ChannelMethod.Close(200, "", 0, 0));
    answer(ChannelMethod.CloseOk.class);
    client.channel(1);
    begin(random.nextInt(3));
  }
}

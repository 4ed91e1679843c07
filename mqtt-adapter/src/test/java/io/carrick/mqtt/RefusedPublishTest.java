package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets5.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.PublishRejectedException;
import io.carrick.QueueOptions;
import io.carrick.Refusal;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of MQTT 3 that are answered though all queues refuse what they publish (MAP-14). */
class RefusedPublishTest {

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(
                      Mqtt.onAnyPort()
                          .sessionQueues(
                              QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH))
                          .refusedPublishes(RefusedPublish.POSITIVE_ACK))
                  .store(disk)
                  .interceptor(RefusedPublishTest::noSecrets))
          .inTestThread();

  private static Message noSecrets(Message message) {
    if (message.text().equals("secret")) {
      throw new PublishRejectedException(Refusal.INTERCEPTED, "no secrets");
    }
    return message;
  }

  private void leaveFullSession() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "first").publishAcked("t", "1");
  }

  private void assertRefused(int messages) {
    assertThat(broker.broker().metrics().dropped("queue-full")).isEqualTo(messages);
  }

  @Test
  void whatAllQueuesRefuseIsAnsweredAndTheConnectionStays() {
    leaveFullSession();
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.publishAcked("t", "2").publishAcked("t", "3");
    assertRefused(2);
    TestClient.persistent(broker, "s").expect("PUBLISH t 1 qos1 #1");
    publisher.publishAcked("t", "4");
    assertRefused(2);
  }

  @Test
  void anExchangeOfQos2IsFinishedAndItsIdentifierIsFreeForAnotherMessage() {
    leaveFullSession();
    TestClient publisher = TestClient.persistent(broker, "p");
    publisher.send(publish("t", "2", 2, 8)).expect("PUBREC #8");
    assertRefused(1);
    publisher.ack(PUBREL, 8).expect("PUBCOMP #8");
    TestClient other = TestClient.clean(broker, "other").subscribe("t", 1);
    publisher.send(publish("t", "3", 2, 8)).expect("PUBREC #8");
    other.expect("PUBLISH t 3 qos1 #1");
  }

  @Test
  void aClientOfMqtt5IsToldTheReasonAllTheSame() {
    leaveFullSession();
    TestClient publisher = TestClient.five(broker, connect("p"));
    publisher.send(Packets5.publish("t", "2", 1, 2));
    assertThat(publisher.next()).startsWith("PUBACK #2 0x97");
  }

  @Test
  void whatTheStoreDoesNotTakeClosesTheConnectionAllTheSame() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient publisher = TestClient.clean(broker, "p");
    disk.state(State.FULL);
    publisher.send(publish("t", "1", 1, 1)).expect().expectClosed();
    disk.state(State.OPEN);
    TestClient.clean(broker, "p").publishAcked("t", "1");
  }

  @Test
  void whatNoQueueWasAskedForClosesTheConnectionAllTheSame() {
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.send(publish("t", "secret", 1, 1)).expect().expectClosed();
  }
}

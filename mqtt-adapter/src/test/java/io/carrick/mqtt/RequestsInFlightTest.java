package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.Properties5.correlation;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Very many requests that wait for their answers at a time: nothing is remembered of them. */
class RequestsInFlightTest {

  private static final int QUEUES = 100;
  private static final int REQUESTS = 10_000;
  private static final int AT_A_TIME = 100;

  private static final Pattern TOPIC = Pattern.compile("response=([^,}]+)");
  private static final Pattern ID = Pattern.compile("correlation=(\\d+)");

  /** What a device was asked. */
  private record Request(String responseTopic, String id) {

    static Request of(String packet) {
      return new Request(first(TOPIC, packet), first(ID, packet));
    }

    private static String first(Pattern pattern, String packet) {
      Matcher found = pattern.matcher(packet);
      assertThat(found.find()).as(packet).isTrue();
      return found.group(1);
    }
  }

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  @Test
  void eachIsAnsweredToItsOwnQueueHoweverManyThereAre() {
    TestClient device = TestClient.five(broker, connect("device")).subscribe("ask", 0);
    Client program = broker.client();
    for (int q = 0; q < QUEUES; q++) {
      program.topology().queue("answers." + q).declare();
    }
    Publisher publisher = program.publisher("amq.topic");
    var asked = new ArrayList<Request>(REQUESTS);
    for (int r = 0; r < REQUESTS; r++) {
      publisher.send(
          "ask",
          Message.builder(Integer.toString(r))
              .replyTo("answers." + r % QUEUES)
              .correlationId(Integer.toString(r))
              .build());
      if (r % AT_A_TIME == AT_A_TIME - 1) {
        device.received().forEach(packet -> asked.add(Request.of(packet)));
      }
    }
    assertThat(asked).hasSize(REQUESTS);
    for (Request request : asked) {
      String id = request.id();
      device.send(publish(request.responseTopic(), "answer " + id, correlation(id)));
    }
    device.expectNothing();

    for (int r = 0; r < REQUESTS; r++) {
      Optional<Delivery> got = program.poll("answers." + r % QUEUES);
      Message answer = got.orElseThrow().message();
      got.get().accept();
      assertThat(answer.text()).isEqualTo("answer " + r);
      assertThat(answer.properties().correlationId().orElseThrow())
          .isEqualTo(Integer.toString(r).getBytes(StandardCharsets.UTF_8));
    }
  }
}

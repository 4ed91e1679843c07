package io.carrick.examples.tour;

import com.rabbitmq.client.AMQP;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Source;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Requests of one protocol are answered by the other, and nobody in between does anything. */
final class RequestStop implements Stop {

  private static final String DIRECT_REPLY_TO = "amq.rabbitmq.reply-to";

  @Override
  public String title() {
    return "Request and response";
  }

  @Override
  public void show(Guide guide) throws Exception {
    Device valve = guide.device("valve-1");
    valve
        .does(request -> valve.answers(request, Device.text(request) + ": open"))
        .subscribe("valves/1/state");
    Service desk = guide.service("desk").consumeReplies();
    askByAmqp(guide, desk);
    askByMqtt(guide, desk);
    askFromHere(guide);
  }

  private static void askByAmqp(Guide guide, Service desk) throws Exception {
    AMQP.BasicProperties ask =
        Service.persistent().replyTo(DIRECT_REPLY_TO).correlationId("q-1").build();
    desk.publish("amq.topic", "valves.1.state", ask, "by AMQP");
    var answer = desk.take();
    guide.says(
        "asked by AMQP with reply_to, the MQTT 5 device answers %s to %s: '%s'"
            .formatted(
                "its Response Topic",
                answer.getProperties().getCorrelationId(),
                Service.text(answer)));
  }

  private static void askByMqtt(Guide guide, Service desk) throws Exception {
    String queue = desk.channel.queueDeclare().getQueue();
    desk.channel.queueBind(queue, "amq.topic", "orders.open");
    desk.channel.basicConsume(
        queue,
        true,
        (tag, request) -> {
          AMQP.BasicProperties asked = request.getProperties();
          desk.channel.basicPublish(
              "",
              asked.getReplyTo(),
              new AMQP.BasicProperties.Builder().correlationId(asked.getCorrelationId()).build(),
              "3 orders".getBytes(StandardCharsets.UTF_8));
        },
        tag -> {});
    Device panel = guide.device("panel").subscribe("answers/panel");
    panel.publish(
        Device.message("orders/open", "how many?")
            .responseTopic("answers/panel")
            .correlationData("q-2".getBytes(StandardCharsets.UTF_8))
            .build());
    guide.says(
        "asked by MQTT 5 with a Response Topic, the AMQP service answers its reply_to: '%s'"
            .formatted(Device.text(panel.take())));
  }

  private static void askFromHere(Guide guide) throws Exception {
    var answered = new CompletableFuture<String>();
    try (Client client = guide.broker.connect()) {
      client.topology().queue("answers").autoDelete().declare();
      client.subscribe(
          Source.queue("answers"), delivery -> answered.complete(delivery.message().text()));
      Message ask =
          Message.builder("from this program").replyTo("answers").correlationId("q-3").build();
      client.publisher("amq.topic").send("valves.1.state", ask);
      guide.says(
          "asked by this program, the MQTT 5 device answers: '%s'"
              .formatted(answered.get(20, TimeUnit.SECONDS)));
    }
  }
}

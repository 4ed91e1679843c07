package com.example;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.annotation.Exchange;
import org.springframework.amqp.rabbit.annotation.Queue;
import org.springframework.amqp.rabbit.annotation.QueueBinding;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A service with its broker inside: it hears of temperatures and opens valves. */
@SpringBootApplication
public class Greenhouse {

  final BlockingQueue<String> readings = new LinkedBlockingQueue<>();

  @Bean
  Broker broker() {
    return EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();
  }

  @Bean
  CachingConnectionFactory connectionFactory(Broker broker) {
    return new CachingConnectionFactory("127.0.0.1", broker.address("amqp").getPort());
  }

  @RabbitListener(
      bindings =
          @QueueBinding(
              value = @Queue("readings"),
              exchange = @Exchange(value = "amq.topic", type = "topic"),
              key = "sensors.*.temperature"))
  void reading(Message message) {
    readings.add(new String(message.getBody(), StandardCharsets.UTF_8));
  }

  static void openValve(RabbitTemplate template, String room) {
    template.convertAndSend("amq.topic", "valves." + room, "open");
  }
}

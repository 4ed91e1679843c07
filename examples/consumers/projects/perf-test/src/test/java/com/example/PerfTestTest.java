package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RabbitMQ's PerfTest publishes and consumes in every way it knows, and ends in order. */
class PerfTestTest {

  private static final int SECONDS = 60;

  @TempDir private Path folder;
  private final Broker broker = EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).start();

  @AfterEach
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @Tag("amqp091:PerfTest")
  @ValueSource(
      strings = {
        "--queue q --auto-delete true",
        "--queue q --autoack",
        "--queue q --confirm 10 --qos 20",
        "--queue q --multi-ack-every 10 --qos 50",
        "--queue q --global-qos 30 --consumers 3",
        "--queue q --flag persistent --flag mandatory --size 2000",
        "--queue q -m 10 -n 10",
        "--queue-pattern q-%d --queue-pattern-from 1 --queue-pattern-to 5 --producers 5 --consumers 5",
        "--exchange e --type topic --routing-key a.b --queue q",
        "--queue q --message-properties priority=5 --queue-args x-max-priority=10",
        "--queue q --queue-args x-max-length=100 --producers 2",
        "--queue q --polling",
        "--queue q --nack --requeue false",
        "--queue q --rate 500 --consumer-rate 500 --json-body",
        "--quorum-queue --queue q --qos 20",
        "--stream-queue --queue q --qos 100 --confirm 50",
        "--queue q --producers 10 --consumers 10 --producer-channel-count 2 --consumer-channel-count 2"
      })
  void endsInOrder(String how) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "com.rabbitmq.perf.PerfTest",
                "--uri",
                "amqp://guest:guest@127.0.0.1:" + broker.address("amqp").getPort(),
                "--pmessages",
                "500",
                "--cmessages",
                "50"));
    command.addAll(List.of(how.split(" ")));
    File output = folder.resolve("output").toFile();
    Process perfTest =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    try {
      assertThat(perfTest.waitFor(SECONDS, TimeUnit.SECONDS)).as(text(output)).isTrue();
      assertThat(perfTest.exitValue()).as(text(output)).isZero();
      assertThat(text(output)).contains("reached message limit").doesNotContain("Exception");
    } finally {
      perfTest.destroyForcibly();
    }
  }

  private static String text(File output) throws Exception {
    return Files.readString(output.toPath(), StandardCharsets.UTF_8);
  }
}

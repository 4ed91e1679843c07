package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.storage.MessageStore;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets and a real journal: who goes gets the answers to what it has said before. */
@Timeout(60)
class FarewellTest {

  private static final byte[] PUBLISH_AND_DISCONNECT = {
    0x32, 6, 0, 1, 'q', 0, 1, 'm', (byte) 0xE0, 0
  };
  private static final byte[] PUBLISH = {0x32, 6, 0, 1, 'q', 0, 1, 'm'};

  @TempDir Path directory;

  private Broker broker;

  private void start(boolean journal) throws IOException {
    MessageStore.Factory store = journal ? Journal.in(directory) : MessageStore.inMemory();
    broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort())
            .adapter(Amqp.onAnyPort())
            .store(store)
            .start();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  /** So that what is published waits for the store. */
  private void storedSession() throws IOException {
    try (var session = new RawMqtt(broker.address("mqtt"))) {
      session.connect("stored", false);
      session.subscribe("q", 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"false, true", "false, false", "true, true", "true, false"})
  void whoPublishesAndGoesIsAcknowledged(boolean journal, boolean disconnecting)
      throws IOException {
    start(journal);
    storedSession();
    for (int i = 0; i < 20; i++) {
      try (var publisher = new RawMqtt(broker.address("mqtt"))) {
        publisher.connect("p", true);
        publisher.send(disconnecting ? PUBLISH_AND_DISCONNECT : PUBLISH);
        if (!disconnecting) {
          publisher.endOutput();
        }
        assertThat(publisher.read(RawMqtt.PUBACK).id()).isEqualTo(1);
        publisher.expectClosed();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoSaysEverythingAtOnceAndEndsItsOutputIsAnswered(boolean journal) throws IOException {
    start(journal);
    storedSession();
    byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 0, 0, 0, 0, 1, 'c'};
    byte[] subscribe = {(byte) 0x82, 6, 0, 2, 0, 1, 'u', 1};
    for (int i = 0; i < 20; i++) {
      try (var client = new RawMqtt(broker.address("mqtt"))) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(connect);
        all.writeBytes(PUBLISH);
        all.writeBytes(subscribe);
        client.send(all.toByteArray());
        client.endOutput();
        client.read(RawMqtt.CONNACK);
        // Each when what it is about is stored: what is stored already is answered at once.
        assertThat(List.of(client.read().type(), client.read().type()))
            .containsExactlyInAnyOrder(RawMqtt.PUBACK, RawMqtt.SUBACK);
        client.expectClosed();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false, true", "false, false", "true, true", "true, false"})
  void whoPublishesByAmqpAndGoesIsConfirmed(boolean journal, boolean closing) throws IOException {
    start(journal);
    storedSession();
    for (int i = 0; i < 20; i++) {
      try (var publisher = new RawAmqp(broker.address("amqp"))) {
        publisher.send(published());
        if (closing) {
          publisher.method(1, 20, 40, FarewellTest::close);
          publisher.method(0, 10, 50, FarewellTest::close);
        }
        publisher.endOutput();
        publisher.expect(60, 80);
        if (closing) {
          publisher.expect(20, 41);
          publisher.expect(10, 51);
        }
        publisher.expectClosed();
      }
    }
  }

  private static byte[] published() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    var method = new ByteArrayOutputStream();
    var arguments = new DataOutputStream(method);
    arguments.writeInt(60 << 16 | 40);
    arguments.writeShort(0);
    RawAmqp.shortString(arguments, "amq.topic".getBytes(StandardCharsets.US_ASCII));
    RawAmqp.shortString(arguments, new byte[] {'q'});
    arguments.writeByte(0);
    frame(out, 1, method.toByteArray());
    frame(out, 2, new byte[] {0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0, 2});
    frame(out, 3, new byte[] {'m'});
    return bytes.toByteArray();
  }

  private static void frame(DataOutputStream out, int type, byte[] payload) throws IOException {
    out.writeByte(type);
    out.writeShort(1);
    out.writeInt(payload.length);
    out.write(payload);
    out.writeByte(0xCE);
  }

  private static void close(DataOutputStream arguments) throws IOException {
    arguments.writeShort(200);
    arguments.writeByte(0);
    arguments.writeInt(0);
  }
}

package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.amqp.Amqp;
import io.carrick.bridge.RawAmqp;
import io.carrick.bridge.RawMqtt;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The bytes that docs/mapping.md shows are those that go to the broker and come from it. */
class MappingBytesTest {

  private static final int PATIENCE_MS = 20_000;
  private static final String CONNECT = "1013 0004 4D515454 05 02 0000 00 0006 73656E736F72";

  @RegisterExtension
  static final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  /** Returns the bytes of a block: of each line what is in front of two blanks. */
  private static String block(int number) {
    List<Documents.Block> blocks =
        Documents.blocks(Documents.root().resolve("docs/mapping.md")).stream()
            .filter(block -> block.language().equals("hex"))
            .toList();
    assertThat(blocks).as("examples in bytes").hasSize(4);
    return blocks
        .get(number)
        .text()
        .lines()
        .map(line -> line.strip().split("  ", 2)[0].replace(" ", ""))
        .collect(Collectors.joining());
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }

  private static RawMqtt device() throws IOException {
    var device = new RawMqtt(broker.address("mqtt"));
    device.send(bytes(CONNECT));
    device.read(RawMqtt.CONNACK);
    return device;
  }

  private static void queue(RawAmqp service) throws IOException {
    service.method(
        1,
        50,
        10,
        a -> {
          a.writeShort(0);
          name(a, "q");
          a.writeByte(0);
          a.writeInt(0);
        });
    service.expect(50, 11);
    service.method(
        1,
        50,
        20,
        a -> {
          a.writeShort(0);
          name(a, "q");
          name(a, "amq.topic");
          name(a, "s.1");
          a.writeByte(0);
          a.writeInt(0);
        });
    service.expect(50, 21);
  }

  private static void name(DataOutputStream out, String name) throws IOException {
    RawAmqp.shortString(out, name.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void aPublishBecomesThatContentHeader() throws Exception {
    try (var service = new RawAmqp(broker.address("amqp"), PATIENCE_MS);
        RawMqtt device = device()) {
      queue(service);
      device.send(bytes(block(0)));
      device.read(RawMqtt.PUBACK);
      service.method(
          1,
          60,
          70,
          a -> {
            a.writeShort(0);
            name(a, "q");
            a.writeByte(1);
          });
      service.expect(60, 71);

      assertThat(hex(service.contentHeader())).isEqualTo(block(1));
    }
  }

  @Test
  void aContentHeaderBecomesThatPublish() throws Exception {
    try (var service = new RawAmqp(broker.address("amqp"), PATIENCE_MS);
        RawMqtt device = device()) {
      device.send(bytes("82 09 0001 00 0003 732F32 01"));
      device.read(RawMqtt.SUBACK);
      service.method(
          1,
          60,
          40,
          a -> {
            a.writeShort(0);
            name(a, "amq.topic");
            name(a, "s.2");
            a.writeByte(0);
          });
      service.frame(2, 1, a -> a.write(bytes(block(2))));
      service.frame(3, 1, a -> a.write(bytes("6F6E")));
      RawMqtt.Packet publish = device.read(RawMqtt.PUBLISH);

      int type = publish.type() << 4 | publish.flags();
      String first = "%02X%02X".formatted(type, publish.body().length);
      assertThat(first + hex(publish.body())).isEqualTo(block(3));
    }
  }
}

package io.carrick.mqtt.codec;

import io.carrick.Limits;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a decoder makes of bytes, in words. Confined to one test. */
final class Decoded implements MqttDecoder.Sink {

  static final PacketBounds BOUNDS = PacketBounds.of(Limits.defaults());

  final List<String> packets = new ArrayList<>();
  private final MqttDecoder decoder;
  private final PublishView view = new PublishView();
  private @Nullable MqttVersion version;

  Decoded(PacketBounds bounds) {
    decoder = new MqttDecoder(bounds);
  }

  /** A decoder that has had CONNECT of MQTT 3.1.1. */
  static Decoded connected() {
    return connected(BOUNDS);
  }

  static Decoded connected(PacketBounds bounds) {
    var decoded = new Decoded(bounds);
    decoded.feed(Packets.connect("c").bytes());
    decoded.packets.clear();
    return decoded;
  }

  /** Reads all packets that are there; returns what is left. */
  Decoded feed(byte[] bytes) {
    feed(Unpooled.wrappedBuffer(bytes));
    return this;
  }

  void feed(ByteBuf in) {
    boolean more = true;
    while (more) {
      more = decoder.read(in, this);
    }
  }

  @Override
  public @Nullable MqttVersion version() {
    return version;
  }

  @Override
  public PublishView publishView() {
    return view;
  }

  @Override
  public void onPublish(PublishView publish) {
    packets.add(
        "PUBLISH "
            + text(publish.topic())
            + " "
            + text(publish.payload())
            + " qos"
            + publish.qos()
            + " #"
            + publish.packetId()
            + (publish.dup() ? " dup" : "")
            + (publish.retain() ? " retain" : ""));
  }

  @Override
  public void onAck(PacketType type, int packetId) {
    packets.add(type + " #" + packetId);
  }

  @Override
  public void onRejection(PacketType type, int packetId, int reasonCode, String why) {
    packets.add(type + " #" + packetId + " 0x" + Integer.toHexString(reasonCode) + " " + why);
  }

  @Override
  public void onPacket(MqttPacket packet) {
    if (packet instanceof Connect c) {
      version = c.version();
      packets.add(
          "CONNECT "
              + c.version()
              + " "
              + c.clientId()
              + (c.cleanStart() ? " clean" : "")
              + " "
              + c.keepAliveSeconds()
              + "s"
              + c.will()
                  .map(
                      w ->
                          " will "
                              + text(w.topic())
                              + " "
                              + text(w.payload())
                              + " qos"
                              + w.qos()
                              + (w.retain() ? " retain" : ""))
                  .orElse("")
              + (c.user().isEmpty() ? "" : " user " + c.user())
              + (c.password().length == 0 ? "" : " password " + text(c.password())));
    } else if (packet instanceof Subscribe s) {
      packets.add(
          "SUBSCRIBE #"
              + s.packetId()
              + s.subscriptions().stream()
                  .map(f -> " " + text(f.filter()) + ":" + f.qos())
                  .toList());
    } else if (packet instanceof Unsubscribe u) {
      packets.add(
          "UNSUBSCRIBE #" + u.packetId() + u.filters().stream().map(Decoded::text).toList());
    } else {
      packets.add(packet.getClass().getSimpleName());
    }
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}

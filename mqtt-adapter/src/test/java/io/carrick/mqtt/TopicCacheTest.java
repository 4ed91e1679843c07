package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.RoutingKey;
import io.carrick.TopicMapper;
import io.carrick.mqtt.codec.MqttDecoder;
import io.carrick.mqtt.codec.MqttPacket;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketBounds;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.PublishView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicCacheTest {

  private final TopicCache cache = new TopicCache();

  /** Returns the keys of topics that are published to, as the cache gives them. */
  private List<RoutingKey> keys(MqttSpace space, String... topics) {
    var keys = new ArrayList<RoutingKey>();
    var view = new PublishView();
    var sink =
        new MqttDecoder.Sink() {
          @Override
          public MqttVersion version() {
            return MqttVersion.V3_1_1;
          }

          @Override
          public PublishView publishView() {
            return view;
          }

          @Override
          public void onPublish(PublishView publish) {
            keys.add(cache.key(publish, space));
          }

          @Override
          public void onAck(PacketType type, int packetId) {
            throw new AssertionError(type);
          }

          @Override
          public void onRejection(PacketType type, int packetId, int reasonCode, String why) {
            throw new AssertionError(type);
          }

          @Override
          public void onPacket(MqttPacket packet) {
            throw new AssertionError(packet);
          }
        };
    var decoder = new MqttDecoder(PacketBounds.of(Limits.defaults()));
    for (String topic : topics) {
      ByteBuf in = Unpooled.wrappedBuffer(Packets.publish(topic, "x"));
      assertThat(decoder.read(in, sink)).isTrue();
      in.release();
    }
    return keys;
  }

  /** Returns the key of a topic that is published to twice, each time as the cache gives it. */
  private List<RoutingKey> twice(String topic) {
    List<RoutingKey> keys = keys(MqttSpace.DEFAULT, topic, topic);
    assertThat(keys).hasSize(2).allMatch(RoutingKey.ofTopic(topic)::equals);
    return keys;
  }

  @Test
  void aTopicThatComesAgainIsTheSameKey() {
    List<RoutingKey> keys = twice("a/b");
    assertThat(keys.get(1)).isSameAs(keys.get(0));
  }

  @Test
  void aVeryLongTopicIsNotKept() {
    List<RoutingKey> keys = twice("a/".repeat(600));
    assertThat(keys.get(1)).isNotSameAs(keys.get(0));
  }

  @Test
  void aTopicThatIsSpelledAsTheKeyOfAnotherHasItsOwn() {
    MqttSpace mapped =
        MqttSpace.DEFAULT.in("/", Mapping.lossless().topics(TopicMapper.sparkplug()));
    for (int i = 0; i < 1_000; i++) {
      String a = "a".repeat(i % 50) + i;
      List<RoutingKey> keys = keys(mapped, a + "/b", a + ".b");
      assertThat(keys).extracting(RoutingKey::asKey).containsExactly(a + ".b", a + "%2Eb");
    }
  }

  @Test
  void aTopicThatIsSpelledOtherwiseIsKnownAsWell() {
    MqttSpace mapped = MqttSpace.DEFAULT.in("/", Mapping.rabbitMq());
    List<RoutingKey> keys = keys(mapped, "a/b", "a/b");
    assertThat(keys.get(0)).isEqualTo(RoutingKey.ofKey("a.b"));
    assertThat(keys.get(1)).isSameAs(keys.get(0));
  }
}

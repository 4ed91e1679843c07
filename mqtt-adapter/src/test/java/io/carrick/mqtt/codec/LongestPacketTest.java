package io.carrick.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** MQTT 3.1.1 §2.2.3: a remaining length is at most 268,435,455; other protocols know longer. */
class LongestPacketTest {

  private static final int MOST = 268_435_455;
  private static final byte[] TOPIC = new byte[0xFFFF];

  private static int mostThatFits() {
    int fits = 0;
    for (int step = 1 << 30; step > 0; step >>= 1) {
      if (MqttEncoder.fits(fits + step)) {
        fits += step;
      }
    }
    return fits;
  }

  @Test
  void thePayloadThatFitsJustGoesWithTheLongestTopic() {
    ByteBuf out = Unpooled.buffer(MqttEncoder.publishHeaderBytes(TOPIC));
    MqttEncoder.publishHeader(out, TOPIC, 2, false, false, 1, mostThatFits());

    assertThat(VariableInt.length(out, 1, out.writerIndex())).isEqualTo(4);
    assertThat(VariableInt.value(out, 1)).isEqualTo(MOST);
  }

  @Test
  void aPublishOfVersion5KnowsThatItIsTooLong() {
    var header = new PublishHeader().begin(2, false, false, 1).topic(TOPIC);
    int most = MOST - 2 - TOPIC.length - 2 - 1;

    assertThat(header.packetBytes(most)).isEqualTo(MqttEncoder.MOST_BYTES);
    assertThat(header.packetBytes(most + 1)).isGreaterThan(MqttEncoder.MOST_BYTES);
    assertThat(header.packetBytes(Integer.MAX_VALUE)).isGreaterThan(Integer.MAX_VALUE);
  }
}

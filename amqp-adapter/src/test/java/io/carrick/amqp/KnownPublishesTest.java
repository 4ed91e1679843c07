package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FieldWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class KnownPublishesTest {

  private final KnownPublishes known = new KnownPublishes(new FieldReader(8));

  private static BasicMethod.Publish publish(int place) {
    RoutingKey key = RoutingKey.ofKey("sensors.floor-" + place);
    return new BasicMethod.Publish("amq.topic", key, place % 3 == 0, false);
  }

  /** Reads what a peer wrote behind something else in a buffer of its own. */
  private BasicMethod.Publish read(int place) {
    ByteBuf in = Unpooled.directBuffer().writeZero(3);
    publish(place).write(new FieldWriter(in));
    try {
      return known.method(in, 3, in.readableBytes() - 3);
    } finally {
      in.release();
    }
  }

  @Property(tries = 500)
  void aMethodIsWhatWasWritten(@ForAll List<@IntRange(max = 99) Integer> places) {
    for (int place : places) {
      assertThat(read(place)).isEqualTo(publish(place));
    }
  }

  @Test
  void whatCameBeforeTheLastIsKnownAgain() {
    BasicMethod.Publish first = read(1);
    BasicMethod.Publish second = read(2);
    assertThat(second).isNotEqualTo(first);
    assertThat(read(1)).isSameAs(first);
    assertThat(read(2)).isSameAs(second);
    assertThat(read(2)).isSameAs(second);
  }
}

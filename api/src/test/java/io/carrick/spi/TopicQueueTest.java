package io.carrick.spi;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

/** Topics as names of queues, and back. */
class TopicQueueTest {

  @Property
  void everyTopicComesBack(
      @ForAll @Chars({'.', '/', '%', '2', '5', 'E', 'a', '$', 'ä'}) @StringLength(max = 24)
          String topic) {
    assertThat(TopicQueue.name(topic))
        .hasValueSatisfying(
            name -> {
              assertThat(TopicQueue.topic(name)).contains(topic);
              assertThat(name).doesNotContain("/");
            });
  }

  @Property
  void everyNameThatIsOneComesBack(
      @ForAll @Chars({'.', '%', '2', '5', 'E', 'a'}) @StringLength(max = 12) String rest) {
    String name = TopicQueue.PREFIX + rest;
    TopicQueue.topic(name).ifPresent(topic -> assertThat(TopicQueue.name(topic)).contains(name));
  }

  @Example
  void levelsAreWords() {
    assertThat(TopicQueue.name("replies/lamp 1.0/100%/"))
        .contains("$topic.replies.lamp 1%2E0.100%25.");
  }

  @Example
  void aNameHas255Bytes() {
    assertThat(TopicQueue.name("a".repeat(248))).isPresent();
    assertThat(TopicQueue.name("a".repeat(249))).isEmpty();
    assertThat(TopicQueue.name("ä".repeat(125))).isEmpty();
  }

  @Example
  void othersAreNone() {
    for (String other : new String[] {"", "q", "$topic", "amq.topic", "$topic.%", "$topic.%2F"}) {
      assertThat(TopicQueue.topic(other)).as(other).isEmpty();
    }
  }
}

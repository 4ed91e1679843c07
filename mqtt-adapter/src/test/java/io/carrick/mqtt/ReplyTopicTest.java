package io.carrick.mqtt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Mapping;
import io.carrick.RoutingKey;
import io.carrick.TopicSpelling;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

/** Queues as topics, and back. */
class ReplyTopicTest {

  private static final String PROOF = "AAAAAAAAAAAAAAAAAAAA-_";

  @Property
  void everyNameComesBack(@ForAll @StringLength(max = 255) String queue) {
    if (queue.chars().anyMatch(c -> Character.isSurrogate((char) c))) {
      return; // half a character is no name
    }
    var topic = new ReplyTopic(PROOF, queue);
    assertThat(ReplyTopic.read(topic.text())).contains(topic);
    assertThat(topic.text()).matches("[ -~&&[^+#]]+");
  }

  @Property
  void everyNameComesBackThroughAnyProfile(
      @ForAll
          @Chars({'.', '/', '%', '2', '5', 'E', 'F', '*', '+', '#', '\0', 'a'})
          @StringLength(min = 1, max = 12)
          String queue) {
    var topic = new ReplyTopic(PROOF, queue);
    for (Mapping mapping : List.of(Mapping.lossless(), Mapping.rabbitMq())) {
      TopicSpelling profile = mapping.spelling();
      RoutingKey address = profile.address(topic.text().getBytes(US_ASCII));
      assertThat(ReservedTopics.forReplies(address)).isTrue();
      assertThat(ReplyTopic.read(new String(profile.topic(address), US_ASCII))).contains(topic);
      // as a store or another protocol has it
      RoutingKey key = RoutingKey.ofKey(address.keyBytes());
      assertThat(ReplyTopic.read(new String(profile.topic(key), US_ASCII))).contains(topic);
    }
  }

  @Property
  void noTextDoesHarm(@ForAll String text) {
    ReplyTopic.read(text);
    ReplyTopic.read(ReplyTopic.PREFIX + PROOF + "/" + text);
  }

  @Example
  void othersAreNone() {
    for (String other :
        new String[] {
          "",
          "a",
          "$reply",
          "$reply/",
          "$reply/x",
          "$replya/x/q",
          "$reply/x/q%",
          "$reply/x/q%2",
          "$reply/x/q%2G",
          "$reply/x/q%G2"
        }) {
      assertThat(ReplyTopic.read(other)).as(other).isEmpty();
    }
  }

  @Example
  void wordsAreLevels() {
    assertThat(new ReplyTopic("p", "amq.rabbitmq.reply-to.1 a/b%").text())
        .isEqualTo("$reply/p/amq/rabbitmq/reply-to/1 a%2Fb%25");
  }
}

package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death.Reason;
import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.PropertiesImage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** What messages look like to AMQP's consumers, and how often that is made. */
class CrossingTest {

  private static final RoutingKey KEY = RoutingKey.ofKey("a.b");
  private static final RoutingKey PLAIN_TOPIC = RoutingKey.ofTopic("a/b");
  private static final RoutingKey DOTTED_TOPIC = RoutingKey.ofTopic("a.b/c");

  /** What MQTT 3 says. */
  private record Qos(Guarantee guarantee) implements MessageProperties {
    @Override
    public boolean persistent() {
      return guarantee != Guarantee.AT_MOST_ONCE;
    }
  }

  private final Crossing crossing = new Crossing();

  private static Message message(RoutingKey key, MessageProperties properties) {
    return Message.published("ex", key, properties, new byte[0], Identity.ANONYMOUS, 1_000);
  }

  private byte[] properties(Message message) {
    return crossing.properties(message, Mapping.lossless());
  }

  private static AmqpProperties read(byte[] image) {
    return AmqpProperties.of(image, new FieldReader(8));
  }

  private static MessageProperties neutral() {
    return Message.builder("")
        .persistent()
        .header("own", 1)
        .contentType("text/plain")
        .expiration(Duration.ofMillis(70))
        .build()
        .properties();
  }

  private static AmqpProperties byAmqp() {
    return read(PropertiesImage.of(neutral(), Map.of()));
  }

  @Test
  void whatArrivedByAmqpGoesAsItCame() {
    AmqpProperties arrived = byAmqp();

    assertThat(properties(message(KEY, arrived))).isSameAs(arrived.image());
  }

  @Test
  void whatCrossesIsConvertedOnceForAllConsumers() {
    Message neutral = message(KEY, neutral());
    Message dotted = message(DOTTED_TOPIC, new Qos(Guarantee.AT_LEAST_ONCE));

    for (Message crossing : List.of(neutral, dotted)) {
      byte[] first = properties(crossing);
      assertThat(properties(crossing)).isSameAs(first);
    }
    assertThat(read(properties(neutral)).contentType()).hasValue("text/plain");
    assertThat(read(properties(dotted)).headers()).isEqualTo(Map.of("x-mqtt-topic", "a.b/c"));
  }

  @Test
  void whatSaysNothingButItsQosIsNotConvertedAtAll() {
    for (Guarantee guarantee : Guarantee.values()) {
      Message one = message(PLAIN_TOPIC, new Qos(guarantee));
      Message other = message(RoutingKey.ofTopic("c"), new Qos(guarantee));

      byte[] image = properties(one);

      assertThat(properties(other)).isSameAs(image);
      assertThat(read(image).persistent()).isEqualTo(guarantee != Guarantee.AT_MOST_ONCE);
      assertThat(read(image).headers())
          .isEqualTo(
              guarantee == Guarantee.EXACTLY_ONCE
                  ? Map.of("x-mqtt-qos", 2)
                  : Map.<String, Object>of());
    }
  }

  /** What MQTT says with RETAIN. */
  private record Retained(Guarantee guarantee) implements MessageProperties {
    @Override
    public boolean retain() {
      return true;
    }
  }

  @Test
  void whatIsRetainedSaysSoInAHeaderAndADeadLetterOfItDoesNot() {
    Message retained = message(PLAIN_TOPIC, new Retained(Guarantee.AT_LEAST_ONCE));
    Message exactlyOnce = message(DOTTED_TOPIC, new Retained(Guarantee.EXACTLY_ONCE));

    assertThat(read(properties(retained)).headers()).isEqualTo(Map.of("x-mqtt-retain", true));
    assertThat(read(properties(exactlyOnce)).headers())
        .isEqualTo(Map.of("x-mqtt-retain", true, "x-mqtt-qos", 2, "x-mqtt-topic", "a.b/c"));
    assertThat(read(properties(retained)).retain()).isTrue();
    Message dead = retained.deadLettered("q", Reason.REJECTED, "dlx", KEY, 2_000);
    assertThat(read(properties(dead)).headers()).doesNotContainKey("x-mqtt-retain");
  }

  @Test
  void whatHadBeenKeptAsALastValueSaysSoWhicheverWayItCame() {
    MessageProperties amqp =
        read(PropertiesImage.of(MessageProperties.NONE, Map.of("x-mqtt-retain", true)));
    for (MessageProperties p : List.of(amqp, new Retained(Guarantee.EXACTLY_ONCE))) {
      Message kept = message(PLAIN_TOPIC, p);
      Message replayed = kept.asLastValue(5_000);

      assertThat(read(properties(replayed)).headers())
          .containsEntry("x-mqtt-retained", true)
          .containsEntry("x-mqtt-retain", true);
      assertThat(read(properties(kept)).headers()).doesNotContainKey("x-mqtt-retained");
    }
  }

  @Test
  void userPropertiesOfDifferentNamesAreHeaders() {
    MessageProperties p =
        Message.builder("").userProperty("a", "2").userProperty("b", "1").build().properties();

    AmqpProperties seen = read(properties(message(KEY, p)));

    assertThat(seen.headers()).isEqualTo(Map.of("a", "2", "b", "1"));
    assertThat(seen.headers().keySet()).containsExactly("a", "b");
    assertThat(seen.userProperties()).isEmpty();
  }

  @Test
  void userPropertiesThatHeadersCannotShowStandInOneHeaderAllOfThem() {
    String longName = "n".repeat(256);
    for (String odd : List.of("a", "x-mqtt-qos", "own", longName)) {
      MessageProperties p =
          Message.builder("")
              .header("own", 7)
              .userProperty("a", "1")
              .userProperty(odd, "2")
              .build()
              .properties();

      AmqpProperties seen = read(properties(message(KEY, p)));

      assertThat(seen.headers())
          .containsOnlyKeys("own", "a", "x-mqtt-user-properties")
          .containsEntry("own", 7)
          .containsEntry("a", "1")
          .containsEntry("x-mqtt-user-properties", List.of(List.of("a", "1"), List.of(odd, "2")));
      assertThat(seen.userProperties()).isEqualTo(p.userProperties());
      assertThat(seen.guarantee()).isEqualTo(Guarantee.AT_MOST_ONCE);
    }
  }

  @Test
  void whatIsNoPairOfTextsIsNoUserProperty() {
    List<Object> odd = List.of(List.of("a"), List.of("b", 1), "c", List.of("d", "e"));
    byte[] image =
        PropertiesImage.of(MessageProperties.NONE, Map.of("x-mqtt-user-properties", odd));

    assertThat(read(image).userProperties()).containsExactly(new UserProperty("d", "e"));
  }

  @Test
  void aDeadLetterShowsWhereItDiedWhicheverWayItCame() {
    for (MessageProperties arrived : List.of(byAmqp(), neutral())) {
      Message dead =
          message(KEY, arrived).deadLettered("q", Reason.EXPIRED, "dlx", KEY, 1_700_000_000_000L);

      AmqpProperties seen = read(properties(dead));

      assertThat(properties(dead)).isSameAs(properties(dead));
      assertThat(seen.expirationMs()).isEmpty();
      assertThat(seen.contentType()).hasValue("text/plain");
      assertThat(seen.headers())
          .containsEntry("own", 1)
          .containsEntry("x-first-death-queue", "q")
          .containsEntry("x-last-death-reason", "expired")
          .containsEntry(
              "x-death",
              List.of(
                  Map.of(
                      "count", 1L,
                      "reason", "expired",
                      "queue", "q",
                      "time", Instant.ofEpochSecond(1_700_000_000),
                      "exchange", "ex",
                      "routing-keys", List.of("a.b"),
                      "original-expiration", "70")));
    }
  }

  @Test
  void aDeadLetterThatCameByMqttHasItsTopicAndQosBeside() {
    Message dead =
        message(DOTTED_TOPIC, new Qos(Guarantee.EXACTLY_ONCE))
            .deadLettered("q", Reason.REJECTED, "dlx", DOTTED_TOPIC, 1);

    assertThat(read(properties(dead)).headers())
        .containsEntry("x-mqtt-topic", "a.b/c")
        .containsEntry("x-mqtt-qos", 2)
        .containsEntry("x-first-death-reason", "rejected");
  }

  @Test
  void aHeaderOfTheBrokerTakesThePlaceOfOneThatAClientPublished() {
    AmqpProperties claims =
        read(PropertiesImage.of(MessageProperties.NONE, Map.of("x-death", "mine")));
    Message arrived = message(KEY, claims);

    assertThat(arrived.annotations().isEmpty()).isTrue();
    Message dead = arrived.deadLettered("q", Reason.MAXLEN, "dlx", KEY, 1);

    assertThat(read(properties(dead)).headers().get("x-death"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(1);
  }

  @Test
  void aDeliveryThatCameBackIsCounted() {
    Message message = message(KEY, byAmqp());
    Message back = message.annotated(message.annotations().withDeliveryCount(2));

    AmqpProperties seen = read(properties(back));

    assertThat(seen.headers()).containsEntry("x-delivery-count", 2L);
    assertThat(seen.expirationMs()).hasValue(70);
  }

  @Test
  void nobodyIsSomebodyElseBySayingSoInRabbitMqsTablesEither() {
    MessageProperties said =
        Message.builder("")
            .userProperty("x-mqtt-client-id", "boss")
            .userProperty("x-mqtt-username", "boss")
            .userProperty("own", "1")
            .build()
            .properties();

    byte[] image = crossing.properties(message(PLAIN_TOPIC, said), Mapping.rabbitMq());

    assertThat(read(image).headers()).containsOnlyKeys("own");
  }
}

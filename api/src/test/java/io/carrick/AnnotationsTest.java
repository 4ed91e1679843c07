package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the broker notes on a message, and what of it others see. */
class AnnotationsTest {

  private static final RoutingKey DEAD = RoutingKey.ofKey("dead");

  private final Message published =
      Message.builder("payload")
          .header("own", 1)
          .expiration(Duration.ofMillis(500))
          .correlationId(new byte[] {(byte) 0xFF})
          .retain()
          .guarantee(Guarantee.EXACTLY_ONCE)
          .build()
          .addressed("ex", RoutingKey.ofKey("a.b"), new Identity("u", "c"), 1_000);

  private static Message die(Message message, String queue, Reason reason, long nowMs) {
    return message.deadLettered(queue, reason, "dlx", DEAD, nowMs);
  }

  @Test
  void aDeadLetterSharesWhatWasPublishedAndLosesItsTimeToLive() {
    Message dead = die(published, "q", Reason.EXPIRED, 7_000);

    assertThat(dead.payload()).isSameAs(published.payload());
    assertThat(dead.origin()).isSameAs(published.properties());
    assertThat(dead.publisher()).isSameAs(published.publisher());
    assertThat(dead.exchange()).isEqualTo("dlx");
    assertThat(dead.routingKey()).isSameAs(DEAD);
    assertThat(dead.arrivedMs()).isEqualTo(7_000);
    assertThat(dead.properties().expirationMs()).isEmpty();
    assertThat(dead.properties().retain()).isFalse();
    assertThat(dead.properties().guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(published.properties().expirationMs()).hasValue(500);
  }

  @Test
  void aDeadLetterShowsItsDeathInHeadersOfRabbitMqsNamesAndTypes() {
    Map<String, Object> headers =
        die(published, "q", Reason.DELIVERY_LIMIT, 7_000).properties().headers();

    assertThat(headers)
        .containsEntry("own", 1)
        .containsEntry(
            "x-death",
            List.of(
                Map.of(
                    "count", 1L,
                    "reason", "delivery_limit",
                    "queue", "q",
                    "time", Instant.ofEpochMilli(7_000),
                    "exchange", "ex",
                    "routing-keys", List.of("a.b"),
                    "original-expiration", "500")))
        .containsEntry("x-first-death-queue", "q")
        .containsEntry("x-first-death-reason", "delivery_limit")
        .containsEntry("x-first-death-exchange", "ex")
        .containsEntry("x-last-death-queue", "q")
        .containsEntry("x-last-death-reason", "delivery_limit")
        .containsEntry("x-last-death-exchange", "ex")
        .doesNotContainKey("x-delivery-count");
  }

  @Test
  void anotherDeathOfTheSameKindIsCountedAndMovesToTheFront() {
    Message dead = die(published, "q", Reason.EXPIRED, 1_000);
    dead = die(dead, "other", Reason.MAXLEN, 2_000);
    dead = die(dead, "q", Reason.EXPIRED, 3_000);
    dead = die(dead, "q", Reason.REJECTED, 4_000);

    List<Death> deaths = dead.annotations().deaths();
    assertThat(deaths).extracting(Death::queue).containsExactly("q", "q", "other");
    assertThat(deaths)
        .extracting(Death::reason)
        .containsExactly(Reason.REJECTED, Reason.EXPIRED, Reason.MAXLEN);
    assertThat(deaths).extracting(Death::count).containsExactly(1L, 2L, 1L);
    // What else is told of one is of the first time.
    assertThat(deaths.get(1).time()).isEqualTo(Instant.ofEpochMilli(1_000));
    assertThat(deaths.get(1).exchange()).isEqualTo("ex");
    assertThat(deaths.get(1).originalExpirationMs()).hasValue(500);
    assertThat(deaths.get(2).originalExpirationMs()).isEmpty();
    assertThat(dead.annotations().firstDeath())
        .contains(new Death.Event("q", Reason.EXPIRED, "ex"));
    assertThat(dead.annotations().lastDeath())
        .contains(new Death.Event("q", Reason.REJECTED, "dlx"));
  }

  @Test
  void whatAClientSaidAsItRejectedAMessageIsShownUntilAnotherSaysSomething() {
    Message dead = die(published, "q", Reason.REJECTED, 1_000);
    Message told = dead.annotated(dead.annotations().withRejection(new Rejection(0x83, "too hot")));
    Message later = die(told, "dead", Reason.EXPIRED, 2_000);

    assertThat(dead.properties().headers()).doesNotContainKey("x-mqtt-reason");
    assertThat(told.properties().headers()).containsKey("x-death");
    assertThat(later.properties().headers())
        .containsEntry("x-mqtt-reason", 0x83)
        .containsEntry("x-mqtt-reason-string", "too hot");
    Annotations others = later.annotations().withRejection(new Rejection(0x99, ""));
    assertThat(later.annotated(others).properties().headers())
        .containsEntry("x-mqtt-reason", 0x99)
        .doesNotContainKey("x-mqtt-reason-string");
    assertThat(told.memoryBytes()).isGreaterThanOrEqualTo(dead.memoryBytes() + 7);
  }

  @Test
  void nobodyPretendsInAUserPropertyWhatTheBrokerSays() {
    Message pretended =
        Message.builder("")
            .userProperty("x-death", "never")
            .userProperty("a", "1")
            .userProperty("x-mqtt-reason", "0")
            .build();
    Message dead = die(pretended, "q", Reason.REJECTED, 1);
    Message told = dead.annotated(dead.annotations().withRejection(new Rejection(0x83, "")));

    assertThat(pretended.properties().userProperties()).hasSize(3);
    assertThat(dead.properties().userProperties())
        .extracting(UserProperty::name)
        .containsExactly("a", "x-mqtt-reason");
    assertThat(told.properties().userProperties()).containsExactly(new UserProperty("a", "1"));
    assertThat(told.properties().headers()).containsEntry("x-mqtt-reason", 0x83);
  }

  @Test
  void aTextThatIsTooLongIsCutAndNotWithinACharacter() {
    assertThat(new Rejection(0x80, "x".repeat(2_000)).text()).isEqualTo("x".repeat(1_024));
    assertThat(new Rejection(0x80, "x".repeat(1_023) + "\uD83D\uDE00").text())
        .isEqualTo("x".repeat(1_023));
  }

  @Test
  void aMessageGoesInACircleWhenAQueueComesAgainAndNobodyHasRejectedItSince() {
    Message once = die(published, "a", Reason.EXPIRED, 1);
    Message twice = die(once, "b", Reason.MAXLEN, 2);

    assertThat(published.annotations().circlesTo("a")).isFalse();
    assertThat(once.annotations().circlesTo("a")).isTrue();
    assertThat(once.annotations().circlesTo("b")).isFalse();
    assertThat(twice.annotations().circlesTo("a")).isTrue();
    Message rejected = die(twice, "c", Reason.REJECTED, 3);
    assertThat(rejected.annotations().circlesTo("a")).isFalse();
    assertThat(rejected.annotations().circlesTo("c")).isFalse();
    Message onItsOwn = die(rejected, "d", Reason.EXPIRED, 4);
    assertThat(onItsOwn.annotations().circlesTo("a")).isFalse();
    assertThat(onItsOwn.annotations().circlesTo("d")).isTrue();
  }

  @Test
  void aDeliveryCountIsAHeaderAndTheNextQueueStartsAnew() {
    Message back = published.annotated(published.annotations().withDeliveryCount(3));

    assertThat(back.properties().headers()).containsEntry("x-delivery-count", 3L);
    assertThat(back.arrivedMs()).isEqualTo(1_000);
    assertThat(back.properties().expirationMs()).hasValue(500);
    assertThat(back.properties().retain()).isTrue();
    assertThat(die(back, "q", Reason.DELIVERY_LIMIT, 2).annotations().deliveryCount()).isZero();
    assertThat(back.annotated(Annotations.NONE).properties()).isSameAs(published.properties());
  }

  @Test
  void aMessageThatIsPublishedAgainKeepsWhatWasSeenOfItAndIsNotTakenForADeadLetter() {
    Message dead = die(published, "q", Reason.EXPIRED, 7_000);

    Message again = dead.addressed("ex", DEAD, Identity.ANONYMOUS, 8_000);

    assertThat(again.annotations().isEmpty()).isTrue();
    assertThat(again.properties().headers()).isEqualTo(dead.properties().headers());
    assertThat(again.properties().expirationMs()).isEmpty();
    assertThat(again.properties().correlationId().orElseThrow()).containsExactly(0xFF);
    Message anew = die(again, "q", Reason.EXPIRED, 9_000);
    assertThat(anew.annotations().deaths()).extracting(Death::count).containsExactly(1L);
  }

  @Test
  void whatALaterVersionHasNotedStaysBesideWhatThisOneNotes() {
    Message noted = published.annotated(Annotations.NONE.withForeign(99, new byte[] {1}));

    Message dead = die(noted, "q", Reason.EXPIRED, 1);

    assertThat(dead.annotations().foreign().get(99)).containsExactly(1);
    assertThat(noted.properties().headers()).isEqualTo(Map.of("own", 1));
  }

  @Test
  void propertiesOfThisJvmCountWithWhatTheyBecomeOnAWire() {
    String text = "x".repeat(10_000);

    assertThat(Message.builder("").header("h", text).build().memoryBytes()).isGreaterThan(20_000);
    assertThat(Message.builder("").contentType(text).build().memoryBytes()).isGreaterThan(20_000);
    assertThat(Message.builder("").responseTopic(text).build().memoryBytes()).isGreaterThan(20_000);
    assertThat(Message.builder("").userProperty("u", text).build().memoryBytes())
        .isGreaterThan(20_000);
  }

  @Test
  void whatIsKeptOfAMessageForAProtocolIsOfThatProtocolAndThatMessageOnly() {
    Object one = "one";
    Object other = "other";

    published.keepImage(one, 1);
    published.keepImage(other, 2);
    published.keepImage(one, 3);

    assertThat(published.image(one)).isEqualTo(3);
    assertThat(published.image(other)).isEqualTo(2);
    assertThat(published.annotated(Annotations.NONE).image(one)).isNull();
    assertThat(die(published, "q", Reason.EXPIRED, 1).image(one)).isNull();
  }

  @Test
  void annotationsCountInMemoryAndTheirAbsenceDoesNot() {
    int plain = published.memoryBytes();

    assertThat(published.annotated(Annotations.NONE).memoryBytes()).isEqualTo(plain);
    assertThat(die(published, "q", Reason.EXPIRED, 1).memoryBytes()).isGreaterThan(plain + 200);
  }

  @Test
  void aMessageIsFollowedFromItsMarkOnThroughDeathsAndWaitsUntilItIsPublishedAnew() {
    Object mark = new Object();
    Message published =
        Message.of("m").addressed("x", RoutingKey.ofKey("k"), Identity.ANONYMOUS, 1);
    assertThat(published.isFollowed()).isFalse();

    Message followed = published.annotated(published.annotations().withMark(mark));
    assertThat(followed.isFollowed()).isTrue();
    assertThat(followed.properties().headers()).isEmpty();

    Message far =
        followed
            .deadLettered("q", Death.Reason.EXPIRED, "dlx", followed.routingKey(), 2)
            .released(5, 3)
            .arriving(4);
    far = far.annotated(far.annotations().withDeliveryCount(2).withStreamOffset(7));
    assertThat(far.annotations().mark()).containsSame(mark);
    assertThat(far.annotations().deliveryCount()).isEqualTo(2);
    assertThat(far.annotations().waitedMs()).isEqualTo(5);
    assertThat(far.annotations().streamOffset()).hasValue(7);

    assertThat(far.addressed("x", RoutingKey.ofKey("k"), Identity.ANONYMOUS, 5).isFollowed())
        .isFalse();
  }
}

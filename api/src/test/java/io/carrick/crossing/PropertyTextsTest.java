package io.carrick.crossing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** What AMQP says becomes names and texts and comes back as what it was (MAP-24 to MAP-26). */
class PropertyTextsTest {

  private static List<UserProperty> texts(MessageProperties properties) {
    return PropertyTexts.of(properties, Optional.empty(), true);
  }

  private static List<UserProperty> properties(String... namesAndTexts) {
    var all = new java.util.ArrayList<UserProperty>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      all.add(new UserProperty(namesAndTexts[i], namesAndTexts[i + 1]));
    }
    return all;
  }

  private static MessageProperties stating(List<UserProperty> user) {
    Message.Builder message = Message.builder("");
    user.forEach(one -> message.userProperty(one.name(), one.value()));
    return message.build().properties();
  }

  // ---- there and back

  @Property
  void headersAndPropertiesComeBackFromTheirTextsInTheirTypes(@ForAll long seed) {
    MessageProperties said = new AnyHeaders(seed).properties();

    List<UserProperty> texts = texts(said);
    SaidInTexts back = SaidInTexts.of(texts);

    assertThat(Same.text(back.headers())).isEqualTo(Same.text(said.headers()));
    assertThat(back.priority()).isEqualTo(said.priority());
    assertThat(back.type()).isEqualTo(said.type());
    assertThat(back.appId()).isEqualTo(said.appId());
    assertThat(back.messageId()).isEqualTo(said.messageId());
    assertThat(back.timestamp()).isEqualTo(said.timestamp());
    assertThat(back.contentEncoding()).isEqualTo(said.contentEncoding());
    assertThat(back.replyTo()).isEqualTo(said.replyTo());
    assertThat(texts).allMatch(t -> PropertyTexts.fits(t.name()) && PropertyTexts.fits(t.value()));
    assertThat(texts).allMatch(t -> PropertyTexts.isReadable(t.name() + t.value()));
  }

  @Property
  void userPropertiesAreShownByHeadersOnlyIfTheseGiveThemAgain(@ForAll long seed) {
    List<UserProperty> user = new AnyHeaders(seed).userProperties();
    MessageProperties seen = new Seen(SaidInTexts.of(user));

    if (PropertyTexts.show(user, seen, RoutingKey.ofKey("x/y.z"))) {
      Optional<String> key =
          user.stream()
              .filter(p -> p.name().equals("x-amqp-routing-key"))
              .map(UserProperty::value)
              .findFirst();
      assertThat(PropertyTexts.of(seen, key, true)).isEqualTo(user);
    }
  }

  @Property
  void whatWasStatedComesFirstAndOnlyOnce(@ForAll long seed) {
    var any = new AnyHeaders(seed);
    List<UserProperty> user = any.userProperties();
    MessageProperties p = new Seen(SaidInTexts.of(user), user);

    List<UserProperty> texts = PropertyTexts.of(p, Optional.empty(), true);

    assertThat(texts).startsWith(PropertyTexts.stated(p).toArray(UserProperty[]::new));
    assertThat(texts).hasSameSizeAs(PropertyTexts.stated(p));
  }

  // ---- examples

  @Example
  void typesThatAreNoTextsAreToldBehindTheHeaders() {
    MessageProperties p =
        Message.builder("")
            .header("count", 7)
            .header("who", "me")
            .header("key", new byte[] {1, 2})
            .header("more", Map.of("n", 1L))
            .build()
            .properties();

    assertThat(texts(p))
        .isEqualTo(
            properties(
                "count", "7",
                "key", "AQI=",
                "more", "{\"n\":1}",
                "who", "me",
                "x-amqp-json", "more",
                "x-amqp-b64", "key",
                "x-amqp-types", "count:I,more:Fl"));
  }

  @Example
  void headersInOrderNeedNothingElse() {
    List<UserProperty> inOrder = properties("a", "2", "b", "1", "x-mine", "3");

    assertThat(PropertyTexts.show(inOrder, stating(inOrder), RoutingKey.EMPTY)).isTrue();
  }

  @Example
  void whatIsNotInOrderOrTwiceOrTooLongIsNotShown() {
    for (List<UserProperty> odd :
        List.of(
            properties("b", "1", "a", "2"),
            properties("a", "1", "a", "1"),
            properties("n".repeat(256), "1"),
            properties("x-mqtt-qos", "1"),
            properties("x-amqp-type", "t".repeat(256)),
            properties("x-amqp-priority", "256"))) {
      assertThat(PropertyTexts.show(odd, new Seen(SaidInTexts.of(odd)), RoutingKey.EMPTY))
          .isFalse();
    }
  }

  @Example
  void whatOnlyTheBrokerSaysIsTakenOutOfWhatAClientSays() {
    List<UserProperty> claimed =
        properties(
            "a", "1", "x-mqtt-client-id", "me", "x-mqtt-username", "I", "x-amqp-user-id", "root");

    assertThat(PropertyTexts.stated(stating(claimed))).isEqualTo(properties("a", "1"));
    assertThat(SaidInTexts.of(claimed).headers()).isEqualTo(Map.of("a", "1"));
    assertThat(texts(Message.builder("").header("x-mqtt-client-id", "x").build().properties()))
        .isEmpty();
  }

  @Example
  void aPropertyThatSomebodySetAnewOnTheWayCounts() {
    List<UserProperty> before = properties("b", "1", "x-amqp-priority", "5", "a", "2");
    MessageProperties now = new Seen(SaidInTexts.of(properties("x-amqp-priority", "7")), before);

    assertThat(texts(now)).isEqualTo(properties("b", "1", "a", "2", "x-amqp-priority", "7"));
  }

  @Example
  void whatIsTooLongIsLeftOut() {
    MessageProperties p =
        Message.builder("")
            .header("text", "t".repeat(65_536))
            .header("longest", "t".repeat(65_535))
            .header("list", List.of("ü".repeat(33_000)))
            .header("a\0b", "name")
            .build()
            .properties();

    assertThat(texts(p)).extracting(UserProperty::name).containsExactly("longest");
  }

  // ---- JSON

  @Property
  void anyTextIsJsonOrNot(@ForAll @Size(max = 40) List<Character> characters) {
    var text = new StringBuilder();
    for (char c : characters) {
      text.append("{}[]\",:\\u0123456789.eE-+ tfn".charAt(c % 28));
    }
    Object read = JsonReader.read(text.toString(), "");
    if (read != null) {
      JsonWriter written = JsonWriter.of(read);
      assertThat(written).isNotNull();
      assertThat(Same.text(JsonReader.read(written.json(), written.types())))
          .isEqualTo(Same.text(read));
    }
  }

  @Example
  void whatIsNestedTooDeepIsNoJson() {
    for (String open : List.of("[", "{\"a\":")) {
      assertThat(JsonReader.read(open.repeat(60_000), "")).isNull();
    }
    assertThat(JsonReader.read("[".repeat(32) + "]".repeat(32), "")).isNotNull();
    assertThat(JsonReader.read("[".repeat(33) + "]".repeat(33), "")).isNull();
    Object deep = List.of();
    for (int i = 0; i < 40; i++) {
      deep = List.of(deep);
    }
    assertThat(JsonWriter.of(deep)).isNull();
  }

  @Example
  void typesThatAreNotThoseOfTheTextMakeItNoJson() {
    assertThat(JsonReader.read("{\"a\":1}", "Fb")).isEqualTo(Map.of("a", (byte) 1));
    for (String wrong : List.of("F", "Fbb", "FF", "AI", "FS", "Ft", "Fx")) {
      assertThat(JsonReader.read("{\"a\":1}", wrong)).as(wrong).isNull();
    }
  }

  /** What AMQP would see. */
  private record Seen(SaidInTexts said, List<UserProperty> userProperties)
      implements MessageProperties {

    Seen(SaidInTexts said) {
      this(said, List.of());
    }

    @Override
    public Map<String, Object> headers() {
      return said.headers();
    }

    @Override
    public java.util.OptionalInt priority() {
      return said.priority();
    }

    @Override
    public Optional<String> contentEncoding() {
      return said.contentEncoding();
    }

    @Override
    public Optional<String> replyTo() {
      return said.replyTo();
    }

    @Override
    public Optional<String> messageId() {
      return said.messageId();
    }

    @Override
    public Optional<java.time.Instant> timestamp() {
      return said.timestamp();
    }

    @Override
    public Optional<String> type() {
      return said.type();
    }

    @Override
    public Optional<String> appId() {
      return said.appId();
    }
  }

  /** Writes values so that equal ones, and only these, have equal texts. */
  private static final class Same {

    static String text(Object value) {
      if (value instanceof Map<?, ?> table) {
        var sorted = new java.util.TreeMap<String, String>();
        table.forEach((k, v) -> sorted.put((String) k, text(v)));
        return sorted.toString();
      } else if (value instanceof List<?> list) {
        return list.stream().map(Same::text).toList().toString();
      } else if (value instanceof byte[] bytes) {
        return Arrays.toString(bytes);
      }
      return value.getClass().getSimpleName() + ":" + value;
    }
  }

  @Example
  void whatIsMarkedOftenIsReadOnce() {
    String list = "[1" + ",1".repeat(20_000) + ",";
    for (String marker : List.of("x-amqp-json", "x-amqp-b64")) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(5),
          () -> {
            SaidInTexts said =
                SaidInTexts.of(properties("a", list, marker, "a,".repeat(30_000) + "a"));
            assertThat(said.headers()).containsEntry("a", list);
          },
          marker);
    }
  }
}

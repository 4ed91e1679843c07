package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.spi.LastValueCursor;
import io.carrick.storage.Disk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long last values stay, how many there are, and how far a look-up goes in one call. */
class LastValuesTest {

  private static final String EXPIRED = "last-value-expired";
  private static final String FULL = "last-values-full";

  private RestartableBroker run = new RestartableBroker();

  private void limited(Limit limit, long value) {
    run.broker.close();
    run = new RestartableBroker(new Disk(), Limits.defaults().with(limit, value));
  }

  private TestClient client() {
    return run.client("c");
  }

  private void retain(String key, String text, MessageProperties properties) {
    TestClient p = client();
    long now = run.loops.first.wallTimeMs();
    p.act(
        a -> {
          byte[] payload = text.getBytes(StandardCharsets.UTF_8);
          RoutingKey topic = RoutingKey.ofKey(key);
          a.publish(Message.published("amq.topic", topic, properties, payload, a.identity(), now));
        });
    p.act(a -> a.close());
  }

  private void retain(String key, String text) {
    retain(key, text, RestartableBroker.RETAINED);
  }

  private void retain(String key, String text, Duration timeToLive) {
    retain(
        key,
        text,
        Message.builder("").persistent().retain().expiration(timeToLive).build().properties());
  }

  private List<String> found(String filter) {
    var texts = new ArrayList<String>();
    TestClient p = client();
    p.act(
        a -> {
          LastValueCursor cursor = a.lastValues(RoutingKey.ofTopic(filter));
          while (!cursor.atEnd()) {
            cursor.next().ifPresent(m -> texts.add(m.text()));
          }
          a.close();
        });
    return texts;
  }

  private long held() {
    return run.broker.metrics().value("memory.held{kind=last-values}");
  }

  private long dropped(String reason) {
    return run.broker.metrics().dropped(reason);
  }

  // ---- how long

  @Test
  void aLastValueWithATimeToLiveIsOfferedUntilThenAndThenGoesByItself() {
    retain("t", "short", Duration.ofMillis(2_500));
    retain("u", "for ever");
    run.loops.advance(2_499);
    assertThat(found("#")).containsExactlyInAnyOrder("short", "for ever");
    run.loops.advance(1);
    assertThat(found("#")).containsExactly("for ever");
    long alone = held();
    run.loops.advance(1_000);
    assertThat(held()).isLessThan(alone);
    assertThat(dropped(EXPIRED)).isEqualTo(1);
    assertThat(found("#")).containsExactly("for ever");
  }

  @Test
  void theTimeCountsFromTheArrivalOfTheLastOne() {
    retain("t", "old", Duration.ofSeconds(10));
    run.loops.advance(9_000);
    retain("t", "new", Duration.ofSeconds(10));
    run.loops.advance(9_000);
    assertThat(found("t")).containsExactly("new");
    run.loops.advance(2_000);
    assertThat(found("t")).isEmpty();
    assertThat(dropped(EXPIRED)).isEqualTo(1);
    assertThat(held()).isZero();
  }

  @Test
  void aValueWithoutAnEndThatReplacesOneWithAnEndStays() {
    retain("t", "short", Duration.ofSeconds(1));
    retain("t", "for ever");
    retain("u", "short", Duration.ofSeconds(1));
    retain("u", "");
    run.loops.advance(10_000);
    assertThat(found("#")).containsExactly("for ever");
    assertThat(dropped(EXPIRED)).isZero();
  }

  @Test
  void aNearerEndThatComesLaterIsMetInTime() {
    retain("far", "far", Duration.ofDays(40));
    retain("near", "near", Duration.ofSeconds(5));
    long both = held();
    run.loops.advance(6_000);
    assertThat(held()).isLessThan(both);
    run.loops.advance(Duration.ofDays(41).toMillis());
    assertThat(held()).isZero();
    assertThat(dropped(EXPIRED)).isEqualTo(2);
  }

  @Test
  void theLongestTimesDoNotOverflow() {
    retain("a", "136 years", Duration.ofSeconds(0xFFFF_FFFFL));
    retain("b", "longer than there is time", Duration.ofMillis(Long.MAX_VALUE));
    run.loops.advance(Duration.ofDays(365).toMillis());
    assertThat(found("#")).hasSize(2);
    assertThat(dropped(EXPIRED)).isZero();
  }

  @Test
  void aThousandThatEndTogetherAllGo() {
    for (int i = 0; i < 1_000; i++) {
      retain("t." + i, "short", Duration.ofSeconds(3));
    }
    run.loops.advance(4_000);
    assertThat(held()).isZero();
    assertThat(dropped(EXPIRED)).isEqualTo(1_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTimeGoesOnWhileTheBrokerIsDown(boolean clean) {
    retain("t", "short", Duration.ofSeconds(10));
    retain("u", "longer", Duration.ofSeconds(30));
    run.loops.advance(9_000);
    if (clean) {
      run.restart();
    } else {
      run.crash(0);
    }
    assertThat(found("#")).containsExactlyInAnyOrder("short", "longer");
    run.crash(2_000);
    assertThat(found("#")).containsExactly("longer");
    run.loops.advance(0);
    assertThat(dropped(EXPIRED)).isEqualTo(1);
    run.restart();
    assertThat(dropped(EXPIRED)).as("it has gone from the store too").isZero();
    assertThat(found("#")).containsExactly("longer");
    run.loops.advance(30_000);
    assertThat(held()).isZero();
  }

  // ---- how many

  @Test
  void beyondTheNumberANewOneIsNotKeptAndOneThatReplacesAnotherIs() {
    limited(Limit.LAST_VALUES, 2);
    retain("a", "1");
    retain("b", "2");
    retain("c", "3");
    retain("a", "4");
    assertThat(found("#")).containsExactlyInAnyOrder("4", "2");
    assertThat(dropped(FULL)).isEqualTo(1);
    retain("b", "");
    retain("c", "5");
    assertThat(found("#")).containsExactlyInAnyOrder("4", "5");
  }

  @Test
  void beyondTheBytesANewOneIsNotKept() {
    limited(Limit.LAST_VALUE_BYTES, 10_000);
    retain("a", "a".repeat(6_000));
    retain("b", "b".repeat(6_000));
    assertThat(found("#")).hasSize(1).allMatch(text -> text.startsWith("a"));
    assertThat(dropped(FULL)).isEqualTo(1);
    retain("a", "x");
    retain("b", "b".repeat(6_000));
    assertThat(found("b")).hasSize(1);
    assertThat(dropped(FULL)).isEqualTo(1);
  }

  @Test
  void oneThatReplacesAnotherMayTakeAQuarterMoreAndBeyondThatTakesItAlong() {
    limited(Limit.LAST_VALUE_BYTES, 10_000);
    retain("a", "a".repeat(9_000));
    retain("a", "b".repeat(12_000));
    assertThat(found("a")).hasSize(1).allMatch(text -> text.startsWith("b"));
    retain("a", "c".repeat(13_000));
    assertThat(found("a")).as("an older one would be a lie").isEmpty();
    assertThat(dropped(FULL)).isEqualTo(1);
    assertThat(held()).isZero();
    run.restart();
    assertThat(found("a")).isEmpty();
  }

  @Test
  void whatTheStoreHasComesBackWhateverTheBoundIsNow() {
    retain("a", "1");
    retain("b", "2");
    run.broker.close();
    run = new RestartableBroker(run.disk, Limits.defaults().with(Limit.LAST_VALUES, 1));
    assertThat(found("#")).containsExactlyInAnyOrder("1", "2");
  }

  // ---- how far

  @Test
  void aLookUpThatFindsNothingForLongComesBackBetween() {
    TestClient p = client();
    p.act(
        a -> {
          for (int i = 0; i < 5_000; i++) {
            a.publish(p.message("amq.topic", "a" + i + ".x", RestartableBroker.RETAINED, "no"));
          }
        });
    retain("b.y", "yes");
    LastValueCursor cursor = p.port.lastValues(RoutingKey.ofTopic("+/y"));
    var calls = new ArrayList<Optional<String>>();
    p.act(
        a -> {
          while (!cursor.atEnd()) {
            calls.add(cursor.next().map(Message::text));
          }
        });
    assertThat(calls).contains(Optional.of("yes")).hasSizeGreaterThan(4);
    assertThat(calls.stream().filter(Optional::isPresent)).hasSize(1);
  }
}

package io.carrick.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Identity;
import io.carrick.RoutingKey;
import io.carrick.spi.Authorizer.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an access file says, in the words of Mosquitto's. */
class AccessRulesTest {

  private static final Identity ANNE = new Identity("anne", "c1");
  private static final Identity NOBODY = new Identity("", "c2");

  private static final AccessRules RULES =
      AccessRules.of(
          """
          # for who gives no name
          topic read public/#

          user anne
          topic home/#
          topic\tread  with blanks/and more
          topic write only written
          topic deny home/safe/#
          topic read #

          user bob
          user root
          topic readwrite #
          topic read $SYS/#
          # for everybody
          pattern write devices/%c/state
          pattern read devices/%u/#
          """);

  private static Resource topic(String filter) {
    return Resource.topic("/", "amq.topic", RoutingKey.ofTopic(filter).asBindingKey());
  }

  private static boolean reads(AccessRules rules, Identity who, String filter) {
    return rules.allows(who, Action.READ, topic(filter));
  }

  private static boolean writes(Identity who, String filter) {
    return RULES.allows(who, Action.WRITE, topic(filter));
  }

  @Test
  void aUserMayWhatItsLinesAllowAndNothingElse() {
    assertThat(writes(ANNE, "home")).isTrue();
    assertThat(writes(ANNE, "home/a/b")).isTrue();
    assertThat(writes(ANNE, "homes")).isFalse();
    assertThat(writes(ANNE, "only written")).isTrue();
    assertThat(writes(ANNE, "public/x")).isFalse();
    assertThat(reads(RULES, ANNE, "with blanks/and more")).isTrue();
    assertThat(writes(ANNE, "with blanks/and more")).isFalse();
    assertThat(writes(Identity.ofUser("bob"), "home")).isFalse();
    assertThat(writes(Identity.ofUser("zoe"), "home")).isFalse();
  }

  @Test
  void whoMayOnlyPublishMayNotRetain() {
    AccessRules rules =
        AccessRules.of(
            """
            user anne
            topic read #
            topic publish #
            topic write state/anne
            pattern readwrite devices/%c/#
            """);
    assertThat(rules.allows(ANNE, Action.WRITE, topic("a"))).isTrue();
    assertThat(rules.allows(ANNE, Action.RETAIN, topic("a"))).isFalse();
    assertThat(rules.allows(ANNE, Action.RETAIN, topic("state/anne"))).isTrue();
    assertThat(rules.allows(ANNE, Action.RETAIN, topic("devices/c1/x"))).isTrue();
    assertThat(rules.allowsEverything(ANNE, "/")).as("who may not retain is asked").isFalse();
    assertThat(rules.allows(Identity.ofUser("anne"), Action.CONNECT, Resource.virtualHost("/")))
        .as("other protocols than MQTT are for who may everything")
        .isFalse();
  }

  @Test
  void denyWinsOverWhatIsAllowedAndAFilterThatMeetsItIsNotAllowedWhole() {
    assertThat(writes(ANNE, "home/safe/door")).isFalse();
    assertThat(writes(ANNE, "home/safe")).isFalse();
    assertThat(reads(RULES, ANNE, "home/#")).isFalse();
    assertThat(reads(RULES, ANNE, "home/+")).isFalse();
    assertThat(reads(RULES, ANNE, "home/kitchen/#")).isTrue();
    assertThat(RULES.allowsPart(ANNE, Action.READ, topic("home/#"))).isTrue();
    assertThat(RULES.allowsPart(ANNE, Action.READ, topic("home/safe/+"))).isFalse();
  }

  @Test
  void whoGivesNoNameMayWhatStandsInFrontOfTheFirstUser() {
    assertThat(reads(RULES, NOBODY, "public/x")).isTrue();
    assertThat(reads(RULES, NOBODY, "home/x")).isFalse();
    Identity guest = new Identity("guest", "c3");
    assertThat(reads(RULES, guest, "public/x")).isFalse();
    assertThat(reads(RULES.anonymous("guest"), guest, "public/x")).isTrue();
  }

  @Test
  void patternsAreForEverybodyByItsOwnNames() {
    assertThat(writes(ANNE, "devices/c1/state")).isTrue();
    assertThat(writes(ANNE, "devices/c2/state")).isFalse();
    assertThat(writes(NOBODY, "devices/c2/state")).isTrue();
    assertThat(reads(RULES, Identity.ofUser("bob"), "devices/bob/x")).isTrue();
    assertThat(reads(RULES, NOBODY, "devices//x")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"+", "#", "a/b", "a/#", "%c", "''"})
  void aNameIsTakenLiterallyAndNeverStandsForOthers(String name) {
    var client = new Identity("", name);
    assertThat(writes(client, "devices/a/state")).isFalse();
    assertThat(writes(client, "devices/a/b/state")).isFalse();
    assertThat(writes(client, "devices//state")).isFalse();
    assertThat(writes(client, "devices/c1/state")).isFalse();
  }

  @Test
  void topicsOfTheBrokerAreAllowedByTheirOwnNameOnly() {
    assertThat(reads(RULES, ANNE, "$SYS/broker/uptime")).isFalse();
    assertThat(reads(RULES, ANNE, "$SYS/#")).isFalse();
    assertThat(RULES.allowsPart(ANNE, Action.READ, topic("$SYS/#"))).isFalse();
    Identity root = new Identity("root", "r");
    assertThat(reads(RULES, root, "$SYS/broker/uptime")).isTrue();
    assertThat(writes(root, "$SYS/broker/connection/b/state")).isFalse();
  }

  @Test
  void whoMayEverythingIsNotAskedAboutAndMayComeByAnyProtocol() {
    assertThat(RULES.allowsEverything(Identity.ofUser("root"), "/")).isTrue();
    assertThat(RULES.allowsEverything(ANNE, "/")).isFalse();
    Resource host = Resource.virtualHost("/");
    assertThat(RULES.allows(Identity.ofUser("root"), Action.CONNECT, host)).isTrue();
    assertThat(RULES.allows(Identity.ofUser("anne"), Action.CONNECT, host)).isFalse();
    assertThat(RULES.allows(ANNE, Action.CONNECT, host)).isTrue();
  }

  @Test
  void aClientOfMqttHasItsSessionAndNoOtherQueue() {
    assertThat(RULES.allows(ANNE, Action.READ, Resource.queue("/", "mqtt.session.c1"))).isTrue();
    assertThat(RULES.allows(ANNE, Action.READ, Resource.queue("/", "orders"))).isFalse();
    Resource exchange = Resource.exchange("/", "amq.topic");
    assertThat(RULES.allows(ANNE, Action.WRITE, exchange)).isTrue();
    assertThat(RULES.allows(ANNE, Action.CONFIGURE, exchange)).isFalse();
  }

  @Test
  void aTagMakesAnAdministratorAndNothingElseDoes() {
    Identity tagged = ANNE.withTags(Set.of(Identity.ADMINISTRATOR));
    assertThat(RULES.allows(tagged, Action.ADMINISTER, Resource.broker())).isTrue();
    Identity root = Identity.ofUser("root");
    assertThat(RULES.allows(root, Action.ADMINISTER, Resource.broker())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "user,             a user without a name",
    "topic,            no topic",
    "topics a,         neither user",
    "topic a/#/b,      not a topic filter",
    "topic read a+/b,  not a topic filter",
    "pattern x%c,      stand for a whole level",
  })
  void anotherLineIsNamedByItsNumber(String line, String why) {
    assertThatThrownBy(() -> AccessRules.of("topic a\n\n" + line + "\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("line 3: ")
        .hasMessageContaining(why);
  }

  /** Against the rule that says which topics a filter matches, for all short ones. */
  @Test
  void whatAPatternCoversAndMeetsIsAsTheTopicsSay() {
    List<String> topics = texts(List.of("a", "b", "$"), 3);
    List<String> filters = texts(List.of("a", "b", "$", "+", "#"), 3);
    filters.removeIf(f -> f.contains("#/"));
    Identity who = Identity.ofUser("u");
    for (String one : filters) {
      AccessPattern pattern = AccessPattern.of(one, false);
      RoutingKey patternKey = RoutingKey.ofTopic(one);
      for (String other : filters) {
        RoutingKey filter = RoutingKey.ofTopic(other);
        RoutingKey asked = RoutingKey.ofKey(filter.asBindingKey());
        List<RoutingKey> matched =
            topics.stream().map(RoutingKey::ofTopic).filter(filter::matches).toList();
        if (pattern.covers(asked, who)) {
          assertThat(matched).as(one + " covers " + other).allMatch(patternKey::matches);
        }
        boolean some = matched.stream().anyMatch(patternKey::matches);
        assertThat(pattern.meets(asked, who)).as(one + " meets " + other).isEqualTo(some);
        if (!filter.hasWildcard()) {
          assertThat(pattern.covers(asked, who)).as(one + " has " + other).isEqualTo(some);
        }
      }
    }
  }

  /** What the broker asks of such a level is one of two, and what is in doubt is not allowed. */
  @Test
  void aLevelThatLooksLikeAWildcardIsNotAllowedByMistake_MAP3() {
    List<String> topics = texts(List.of("a", "*", "%2A", "%252A", "%23", "%2523", "%2B"), 2);
    List<String> filters = new ArrayList<>(topics);
    filters.addAll(List.of("+", "#", "a/+", "*/+", "%2A/#", "+/%23", "%23/+", "%2B/+", "+/%2B"));
    Identity who = Identity.ofUser("u");
    for (String one : filters) {
      AccessPattern pattern = AccessPattern.of(one, false);
      RoutingKey patternKey = RoutingKey.ofTopic(one);
      for (String other : filters) {
        RoutingKey filter = RoutingKey.ofTopic(other);
        RoutingKey asked = RoutingKey.ofKey(filter.asBindingKey());
        List<RoutingKey> matched =
            topics.stream().map(RoutingKey::ofTopic).filter(filter::matches).toList();
        if (pattern.covers(asked, who)) {
          assertThat(matched).as(one + " covers " + other).allMatch(patternKey::matches);
        }
        if (matched.stream().anyMatch(patternKey::matches)) {
          assertThat(pattern.meets(asked, who)).as(one + " meets " + other).isTrue();
        }
      }
    }
    AccessPattern literal = AccessPattern.of("a/%2B", false);
    assertThat(literal.covers(RoutingKey.ofKey("a.+"), who)).isTrue();
    assertThat(literal.covers(RoutingKey.ofKey("a.*"), who)).isFalse();
  }

  private static List<String> texts(List<String> levels, int most) {
    var all = new ArrayList<String>(levels);
    List<String> last = levels;
    for (int n = 1; n < most; n++) {
      var longer = new ArrayList<String>();
      last.forEach(start -> levels.forEach(level -> longer.add(start + "/" + level)));
      all.addAll(longer);
      last = longer;
    }
    return all;
  }

  // ---- the file

  @Test
  void aFileIsReadAgainAndABadOneLeavesWhatWasThere(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("access");
    Files.writeString(path, "user anne\ntopic a\n");
    AccessFile file = AccessFile.open(path, "guest");
    int before = file.version();
    assertThat(file.allows(ANNE, Action.READ, topic("a"))).isTrue();
    Files.writeString(path, "user anne\ntopic b\n");
    file.reload();
    assertThat(file.version()).isNotEqualTo(before);
    assertThat(file.allows(ANNE, Action.READ, topic("a"))).isFalse();
    Files.writeString(path, "user anne\ntopic #/b\n");
    assertThatThrownBy(file::reload)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("access, line 2: not a topic filter: #/b");
    Files.delete(path);
    assertThatThrownBy(file::reload)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not there");
    assertThat(file.allows(ANNE, Action.READ, topic("b"))).isTrue();
    assertThat(file.filters()).isTrue();
  }
}

package io.carrick.engine.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.RoutingKey;
import io.carrick.spi.AccessRules;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two authorizers, of which both have to allow something. */
class RestrictedAuthorizerTest {

  private static final Identity ANNE = new Identity("anne", "c");
  private static final Authorizer NO_SECRETS =
      (who, action, what) -> !what.name().startsWith("secret");
  private static final AccessRules HOME = AccessRules.of("user anne\ntopic home/#\ntopic secret\n");

  private static Resource topic(String filter) {
    return Resource.topic("/", "amq.topic", RoutingKey.ofTopic(filter).asBindingKey());
  }

  @Test
  void allowedIsWhatBothAllow() {
    var both = new RestrictedAuthorizer(NO_SECRETS, HOME);
    assertThat(both.allows(ANNE, Action.READ, topic("home/#"))).isTrue();
    assertThat(both.allows(ANNE, Action.READ, topic("secret"))).isFalse();
    assertThat(both.allows(ANNE, Action.READ, topic("away"))).isFalse();
    assertThat(both.allowsEverything(ANNE, "/")).isFalse();
  }

  @Test
  void aPartIsAllowedOfWhatNeitherRefusesWhole() {
    var both = new RestrictedAuthorizer(NO_SECRETS, HOME);
    assertThat(both.filters()).isTrue();
    assertThat(both.allowsPart(ANNE, Action.READ, topic("#"))).isTrue();
    assertThat(both.allowsPart(ANNE, Action.READ, topic("away/#"))).isFalse();
    assertThat(both.allowsPart(ANNE, Action.READ, topic("secret"))).isFalse();
  }

  @Test
  void aLastValueIsForWhomBothWouldGiveItTo() {
    Authorizer noSecrets =
        new Authorizer() {
          @Override
          public boolean allows(Identity who, Action action, Resource what) {
            return true;
          }

          @Override
          public boolean allowsDelivery(Identity who, Resource topic) {
            return !topic.name().startsWith("secret");
          }
        };
    for (Authorizer both :
        List.of(
            new RestrictedAuthorizer(noSecrets, HOME), new RestrictedAuthorizer(HOME, noSecrets))) {
      assertThat(both.allowsDelivery(ANNE, topic("secret"))).isFalse();
      assertThat(both.allowsDelivery(ANNE, topic("home"))).isTrue();
    }
  }

  @Test
  void oneThatIsAloneIsAskedAlone() {
    assertThat(RestrictedAuthorizer.of(Optional.of(HOME), Optional.empty())).contains(HOME);
    assertThat(RestrictedAuthorizer.of(Optional.empty(), Optional.of(HOME))).contains(HOME);
    assertThat(RestrictedAuthorizer.of(Optional.empty(), Optional.empty())).isEmpty();
  }
}

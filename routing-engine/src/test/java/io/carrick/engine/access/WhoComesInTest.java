package io.carrick.engine.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.Limits;
import io.carrick.PasswordHash;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.extension.LoopbackLogin;
import io.carrick.spi.Credentials;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is let in, from this machine and from others, as user and as stranger. */
class WhoComesInTest {

  private static final boolean NEAR = true;
  private static final boolean FAR = false;

  private static final Users ANNE =
      Users.guest().with(User.of("anne").withPassword(PasswordHash.of("s3cret", 4_096)));

  private static Credentials shown(String user, String password, String protocol, boolean near) {
    byte[] secret = password.getBytes(StandardCharsets.UTF_8);
    return new Credentials(user, secret, "c", protocol, near);
  }

  private static Optional<String> mqtt(Users rules, String user, String password, boolean near) {
    return letIn(rules, shown(user, password, "mqtt", near));
  }

  private static Optional<String> letIn(Users rules, Credentials shown) {
    var records = new Records(Map.of());
    MessageStore store = store(new StoreContext(records, Limits.defaults()));
    var table = new UserTable(rules, new Definitions(store, records), Limits.defaults());
    rules.all().forEach(table::restore);
    return table.authenticate(shown).map(Identity::user);
  }

  private static MessageStore store(StoreContext context) {
    try {
      return MessageStore.inMemory().open(context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void withoutUsersNobodyComesInFromAnotherMachine() {
    assertThat(LoopbackLogin.authenticate(shown("", "", "mqtt", NEAR))).isPresent();
    assertThat(LoopbackLogin.authenticate(shown("", "", "mqtt", FAR))).isEmpty();
    assertThat(LoopbackLogin.authenticate(shown("anne", "x", "mqtt", FAR))).isEmpty();
    assertThat(LoopbackLogin.authenticate(shown("guest", "guest", "amqp", FAR))).isEmpty();
  }

  @Test
  void aUserComesInFromAnywhereButGuest() {
    assertThat(mqtt(ANNE, "anne", "s3cret", FAR)).contains("anne");
    assertThat(mqtt(ANNE, "anne", "secret", FAR)).isEmpty();
    assertThat(mqtt(ANNE, "guest", "guest", NEAR)).contains("guest");
    assertThat(mqtt(ANNE, "guest", "guest", FAR)).isEmpty();
    assertThat(mqtt(ANNE, "", "", NEAR)).isEmpty();
  }

  @Test
  void strangersComeFromThisMachineOnlyUnlessItIsSaid() {
    Users near = ANNE.strangersActAs("guest");
    assertThat(mqtt(near, "", "", NEAR)).contains("guest");
    assertThat(mqtt(near, "bob", "x", NEAR)).contains("guest");
    assertThat(mqtt(near, "", "", FAR)).isEmpty();
    assertThat(mqtt(near, "bob", "x", FAR)).isEmpty();
    Users anywhere = near.strangersFromAnywhere();
    assertThat(mqtt(anywhere, "", "", FAR)).contains("guest");
    assertThat(mqtt(anywhere, "bob", "x", FAR)).contains("guest");
    assertThat(mqtt(anywhere, "anne", "x", FAR)).isEmpty();
    assertThat(letIn(anywhere, shown("", "", "amqp", FAR))).isEmpty();
    assertThat(mqtt(ANNE.strangersFromAnywhere(), "", "", FAR)).isEmpty();
  }

  @Test
  void whoGivesANameIsNoStrangerIfItIsSaid() {
    Users nameless = ANNE.strangersActAs("guest").strangersFromAnywhere().strangersWithoutName();
    assertThat(mqtt(nameless, "", "", FAR)).contains("guest");
    assertThat(mqtt(nameless, "bob", "x", FAR)).isEmpty();
    assertThat(mqtt(nameless, "bob", "x", NEAR)).isEmpty();
    assertThat(mqtt(nameless, "anne", "s3cret", FAR)).contains("anne");
  }
}

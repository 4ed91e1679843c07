package io.carrick.engine.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.Limits;
import io.carrick.PasswordHash;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.Records;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslMechanism.Exchange;
import io.carrick.spi.SaslMechanism.Step;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of SCRAM-SHA-256, by the example of RFC 7677 §3. */
@Tag("amqp091:SCRAM-SHA-256")
class ScramMechanismTest {

  private static final String OUR_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  private static final String CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
  private static final String SERVER_FIRST =
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  private static final String CLIENT_FINAL =
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

  private static final PasswordHash PENCIL =
      PasswordHash.parse(
          "scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
              + "$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");

  private UserTable users;

  @BeforeEach
  void user() throws IOException {
    var records = new Records(Map.of());
    MessageStore store = MessageStore.inMemory().open(new StoreContext(records, Limits.defaults()));
    users =
        new UserTable(
            Users.none().loopbackOnly("near"), new Definitions(store, records), Limits.defaults());
    users.restore(User.of("user").withPassword(PENCIL).tagged("tag"));
    users.restore(User.of("near").withPassword(PENCIL));
  }

  private Exchange exchange(boolean loopback) {
    return new ScramMechanism(users, () -> OUR_NONCE)
        .begin(new Credentials("", new byte[0], "", "amqp", loopback));
  }

  private static Step say(Exchange exchange, String text) {
    return exchange.respond(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Step step) {
    return new String(step.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void theExampleOfTheRfcIsSpokenWordByWord() {
    Exchange exchange = exchange(false);
    Step asked = say(exchange, CLIENT_FIRST);
    assertThat(asked.more()).isTrue();
    assertThat(text(asked)).isEqualTo(SERVER_FIRST);
    Step accepted = say(exchange, CLIENT_FINAL);
    assertThat(text(accepted)).isEqualTo(SERVER_FINAL);
    assertThat(accepted.identity()).contains(new Identity("user", "", java.util.Set.of("tag")));
  }

  @Test
  void aClientMayBeAskedToBegin() {
    Exchange exchange = exchange(false);
    assertThat(say(exchange, "")).satisfies(step -> assertThat(step.more()).isTrue());
    assertThat(text(say(exchange, CLIENT_FIRST))).isEqualTo(SERVER_FIRST);
    assertThat(say(exchange(false), "").more()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", // no proof
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVA=", // a wrong one
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA", // a short one
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=?", // no base 64
        "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", // another nonce
        "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", // another header
      })
  void whoDoesNotProveItIsRefused(String last) {
    Exchange exchange = exchange(false);
    say(exchange, CLIENT_FIRST);
    Step step = say(exchange, last);
    assertThat(step).usingRecursiveComparison().isEqualTo(Step.refused());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p=tls-unique,,n=user,r=x", // channel binding, which is not offered
        "n,a=other,n=user,r=x", // in the name of another
        "n,,m=ext,n=user,r=x", // an extension that must not be passed over
        "n,,n=us=er,r=x", // an equals sign that stands for nothing
        "n,,n=,r=x",
        "n,,n=user,r=",
        "n,,n=user",
        "user",
        "n,,r=x,n=user",
      })
  void whatIsNotScramIsRefused(String first) {
    assertThat(say(exchange(false), first).more()).isFalse();
    assertThat(say(exchange(false), "y,a=user,n=user,r=x").more()).isTrue();
  }

  @Test
  void ofWhoIsNotThereTheAnswerLooksTheSameAndIsAlwaysTheSame() {
    String one = text(say(exchange(false), "n,,n=nobody,r=x"));
    String again = text(say(exchange(false), "n,,n=nobody,r=x"));
    String other = text(say(exchange(false), "n,,n=nobody2,r=x"));
    assertThat(one).matches("r=x.*,s=[A-Za-z0-9+/]{22}==,i=" + PasswordHash.ITERATIONS);
    assertThat(again).isEqualTo(one);
    assertThat(other).isNotEqualTo(one);
    users.restoreDecoys(new byte[32]);
    assertThat(text(say(exchange(false), "n,,n=nobody,r=x"))).isNotEqualTo(one);
  }

  @Test
  void whoMayComeFromThisMachineOnlyIsRefusedFromElsewhere() {
    for (boolean loopback : new boolean[] {true, false}) {
      Exchange exchange = exchange(loopback);
      say(exchange, "n,,n=near,r=x");
      String withoutProof = "c=biws,r=x" + OUR_NONCE;
      String signed =
          "n=near,r=x,r=x%s,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,%s"
              .formatted(OUR_NONCE, withoutProof);
      Step last = say(exchange, withoutProof + ",p=" + ClientProof.of("pencil", PENCIL, signed));
      assertThat(last.identity().isPresent()).isEqualTo(loopback);
    }
  }
}

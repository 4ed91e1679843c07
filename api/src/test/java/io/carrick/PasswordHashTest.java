package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a password: what it tells, and what it does not. */
class PasswordHashTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void onlyTheRightPasswordMatches() {
    PasswordHash hash = PasswordHash.of("pencil");
    assertThat(hash.matches(utf8("pencil"))).isTrue();
    assertThat(hash.matches(utf8("Pencil"))).isFalse();
    assertThat(hash.matches(utf8(""))).isFalse();
  }

  @Test
  void twoHashesOfOnePasswordHaveNothingInCommon() {
    assertThat(PasswordHash.of("pencil")).isNotEqualTo(PasswordHash.of("pencil"));
  }

  @Test
  void itsTextBringsItBack() {
    PasswordHash hash = PasswordHash.of("pencil", 4_096);
    assertThat(PasswordHash.parse(hash.text())).isEqualTo(hash);
    assertThat(hash.text()).doesNotContain("pencil");
  }

  @Test
  void itsStoredKeyIsThatOfTheExampleOfRfc7677() {
    // RFC 7677 §3: user "user", password "pencil"; the keys follow from salt and iterations.
    String example =
        "scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
            + "$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    assertThat(PasswordHash.parse(example).matches(utf8("pencil"))).isTrue();
    assertThat(PasswordHash.parse(example).matches(utf8("pencils"))).isFalse();
  }

  @Test
  void aHashOfRabbitMqIsTakenOver() throws Exception {
    byte[] salt = {1, 2, 3, 4};
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    digest.update(salt);
    byte[] sum = digest.digest(utf8("s3cret"));
    byte[] both = new byte[36];
    System.arraycopy(salt, 0, both, 0, 4);
    System.arraycopy(sum, 0, both, 4, 32);
    PasswordHash hash = PasswordHash.rabbitMq(Base64.getEncoder().encodeToString(both));
    assertThat(hash.matches(utf8("s3cret"))).isTrue();
    assertThat(hash.matches(utf8("secret"))).isFalse();
    assertThat(PasswordHash.parse(hash.text())).isEqualTo(hash);
    assertThat(hash.scram()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "s3cret, $7$101$8R7QjvmHByMO9heJ$33ZZCJs40H6j2Cpj1GAXsJTC2b+atzz8vUeWM/I6LDiCgeoYRAIi2JctgKrcbl7qq6xx4r/CRN8e15p/BnJQ6w==",
    "pässwörd mit blank, $7$101$pj2aJPPwD+qUIPe8$LbmKlV8Cpi6YhPUDDChX5URrwsvgOYG+bGvJlZR5Tt4ATYQ8TlAqoaS0dENYH9T61lti26trXZYz0zmpWrCOSg==",
    "old, $6$Huc6iI73dyX1wjhp$Ug87OAcvzo3Ez46bzVo/3YolenWbfGxzmVT0Wdie0DSelmKB2pq0MRzyNuTzVaxqtG7Gsvm+nMT0M1pND/NNwg==",
  })
  void aHashOfMosquittoPasswdIsTakenOver(String password, String text) {
    PasswordHash hash = PasswordHash.parse(text);
    assertThat(hash.matches(utf8(password))).isTrue();
    assertThat(hash.matches(utf8(password + "x"))).isFalse();
    assertThat(hash.text()).isEqualTo(text);
    assertThat(hash).isEqualTo(PasswordHash.mosquitto(text)).doesNotHaveToString(text);
    assertThat(hash.scram()).isEmpty();
  }

  @Test
  void aLongHashOfRabbitMqIsTakenOver() throws Exception {
    byte[] salt = {9, 8, 7, 6};
    var digest = java.security.MessageDigest.getInstance("SHA-512");
    digest.update(salt);
    byte[] sum = digest.digest(utf8("s3cret"));
    byte[] both = java.util.Arrays.copyOf(salt, 68);
    System.arraycopy(sum, 0, both, 4, 64);
    PasswordHash hash = PasswordHash.rabbitMq(Base64.getEncoder().encodeToString(both));
    assertThat(hash.matches(utf8("s3cret"))).isTrue();
    assertThat(hash.matches(utf8("secret"))).isFalse();
    assertThat(PasswordHash.parse(hash.text())).isEqualTo(hash);
  }

  @Test
  void differentSpellingsOfOnePasswordAreOne() {
    // RFC 4013: a blank of another kind is a blank, a ligature is its letters.
    PasswordHash hash = PasswordHash.of("\uFB01ne\u00A0day");
    assertThat(hash.matches(utf8("fine day"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain$x",
        "scram-sha-256$1$AA==$AA==$AA==",
        "rabbitmq-sha-256$AA==",
        "a$b",
        "$7$101$AA==$AA==",
        "$7$0$AA==$AA==",
        "$6$AA==",
        "$argon2id$v=19$m=47104,t=1,p=1$AA$AA"
      })
  void whatIsNoHashIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PasswordHash.parse(text));
  }
}

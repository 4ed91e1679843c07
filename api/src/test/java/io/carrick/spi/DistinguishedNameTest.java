package io.carrick.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistinguishedNameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"device-7", "a, b", "a + b = c", "\"quoted\" \\ slash", "#1", "Zoë", "x;<>"})
  void aCommonNameIsReadAsItWasWritten(String name) {
    String quoted = "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    var subject = new X500Principal("O=Greenhouse, CN=" + quoted + ", C=DE");
    assertThat(DistinguishedName.commonName(subject.getName())).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "O=Greenhouse",
        "O=\"x, CN=admin\"", // within another part
        "CN=one, CN=two",
        "OU=\"CN=admin\"+O=x"
      })
  void whoHasNoneOrSeveralHasNone(String subject) {
    assertThat(DistinguishedName.commonName(new X500Principal(subject).getName())).isEmpty();
  }

  @Test
  void onePartOfSeveralIsFound() {
    assertThat(DistinguishedName.commonName("OU=x+CN=device-7,O=y")).contains("device-7");
    assertThat(DistinguishedName.commonName("cn=device-7")).contains("device-7");
    assertThat(DistinguishedName.commonName("CN=#0403020101")).isEqualTo(Optional.empty());
    assertThat(DistinguishedName.commonName("CN=Zo\\C3\\AB")).contains("Zoë");
    assertThat(DistinguishedName.commonName("")).isEmpty();
  }
}

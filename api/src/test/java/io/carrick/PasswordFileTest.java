package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of names and hashes: as {@code mosquitto_passwd} writes it, and as we do. */
class PasswordFileTest {

  /** Written by {@code mosquitto_passwd} 2.0.11: the passwords are s3cret and old. */
  private static final String MOSQUITTOS =
      "anne:$7$101$8R7QjvmHByMO9heJ$33ZZCJs40H6j2Cpj1GAXsJTC2b+atzz8vUeWM/I6LDiCgeoYRAIi2JctgKrcbl7q"
          + "q6xx4r/CRN8e15p/BnJQ6w==\n"
          + "carl:$6$Huc6iI73dyX1wjhp$Ug87OAcvzo3Ez46bzVo/3YolenWbfGxzmVT0Wdie0DSelmKB2pq0MRzyNuTzV"
          + "axqtG7Gsvm+nMT0M1pND/NNwg==\n";

  private static final PasswordHash HASH = PasswordHash.of("x", 4_096);

  @TempDir Path folder;

  private static boolean takes(PasswordFile file, String user, String password) {
    return file.hash(user).orElseThrow().matches(password.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aFileOfMosquittoPasswdIsRead() {
    PasswordFile file = PasswordFile.of("# ours\n\n" + MOSQUITTOS);
    assertThat(file.names()).containsExactly("anne", "carl");
    assertThat(takes(file, "anne", "s3cret")).isTrue();
    assertThat(takes(file, "carl", "old")).isTrue();
    assertThat(takes(file, "carl", "s3cret")).isFalse();
    assertThat(file.hash("bob")).isEmpty();
  }

  @Test
  void aChangeLeavesTheOtherLinesAsTheyWere() {
    PasswordFile file = PasswordFile.of("# ours\n" + MOSQUITTOS + "# end\n");
    PasswordFile changed = file.with("anne", HASH).with("bob", HASH).without("carl").without("zoe");
    assertThat(changed.text())
        .isEqualTo("# ours\nanne:" + HASH.text() + "\n# end\nbob:" + HASH.text() + "\n");
    assertThat(changed.names()).containsExactly("anne", "bob");
    assertThat(PasswordFile.of(changed.text()).hash("bob")).contains(HASH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:b", "#a", " a", "a ", "a\nb"})
  void aNameThatALineCannotHaveIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> PasswordFile.empty().with(name, HASH));
  }

  @ParameterizedTest
  @ValueSource(strings = {"anne", ":x", "anne:secret", "anne:", "bob:$7$101$AA==$AA=="})
  void aLineThatIsNoneIsNamedAndNotShown(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PasswordFile.of("# ours\n" + line + "\n"))
        .withMessageStartingWith("line 2: ")
        .withMessageNotContaining("secret");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PasswordFile.of(MOSQUITTOS + "carl:" + HASH.text()))
        .withMessageStartingWith("line 3: user 'carl' is there already");
  }

  @Test
  void aFileIsWrittenForItsOwnerOnlyAndKeepsThePermissionsThatItHas() throws IOException {
    Path path = folder.resolve("users");
    PasswordFile.empty().with("anne", HASH).write(path);
    assertThat(PasswordFile.read(path).hash("anne")).contains(HASH);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    PasswordFile.read(path).with("bob", HASH).write(path);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
    assertThat(PasswordFile.read(path).names()).containsExactly("anne", "bob");
    try (var all = Files.list(folder)) {
      assertThat(all).containsExactly(path);
    }
  }

  @Test
  void whatIsWrongWithAFileIsToldWithItsPath() throws IOException {
    Path path = folder.resolve("users");
    assertThatIOException()
        .isThrownBy(() -> PasswordFile.read(path))
        .withMessage("password file " + path + " is not there");
    Files.write(path, new byte[] {'a', (byte) 0xC3});
    assertThatIOException()
        .isThrownBy(() -> PasswordFile.read(path))
        .withMessageContaining("UTF-8");
    Files.writeString(path, "anne");
    assertThatIOException()
        .isThrownBy(() -> PasswordFile.read(path))
        .withMessage("password file " + path + ", line 1: not a name, a colon and a hash");
  }
}

package io.carrick.examples;

import io.carrick.PasswordFile;
import io.carrick.PasswordHash;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes and changes files for {@code serve --users}. Confined to the main thread. */
@Command(
    name = "passwd",
    description = {
      "Adds a user to a password file, or gives it another password.",
      "The password is asked for; without a terminal it is the first line of standard input."
    },
    mixinStandardHelpOptions = true)
final class PasswdCommand implements Callable<Integer> {

  @Option(
      names = {"-c", "--create"},
      description = "Make the file; it must not be there.")
  private boolean create;

  @Option(
      names = {"-D", "--delete"},
      description = "Take the user out of the file.")
  private boolean delete;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Its first line is the password.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "How often the password is hashed.")
  private int iterations = PasswordHash.ITERATIONS;

  @Parameters(index = "0", paramLabel = "FILE", description = "The password file.")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "USER", description = "Whose password it is.")
  private String user = "";

  @Override
  public Integer call() {
    try {
      PasswordFile before = create ? created() : PasswordFile.read(file);
      after(before).write(file);
      return 0;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(CommandFailure.WRONG_USE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw failed(String.valueOf(e.getMessage()));
    }
  }

  private PasswordFile created() {
    if (Files.exists(file)) {
      throw failed("password file " + file + " is there already");
    }
    return PasswordFile.empty();
  }

  private PasswordFile after(PasswordFile before) throws IOException {
    if (!delete) {
      PasswordFile.checkName(user); // before anybody is asked
      return before.with(user, PasswordHash.of(password(), iterations));
    }
    if (before.hash(user).isEmpty()) {
      throw failed("no user '" + user + "' in " + file);
    }
    return before.without(user);
  }

  @SuppressWarnings("SystemConsoleNull") // from JDK 22 on the console reads what is piped, too
  private String password() throws IOException {
    Path from = passwordFile;
    Console console = System.console();
    String password;
    if (from != null) {
      password = Files.readString(from).lines().findFirst().orElse("");
    } else if (console != null) {
      password = asked(console);
    } else {
      var in = new InputStreamReader(System.in, Charset.defaultCharset());
      String line = new BufferedReader(in).readLine();
      password = line == null ? "" : line;
    }
    if (password.isEmpty()) {
      throw failed("a password is not empty");
    }
    return password;
  }

  private static String asked(Console console) {
    char[] first = console.readPassword("Password: ");
    char[] again = console.readPassword("Again: ");
    boolean piped = again == null; // nobody to ask twice
    if (first == null || (!piped && !Arrays.equals(first, again))) {
      throw failed("the passwords are not the same");
    }
    return new String(first);
  }

  private static CommandFailure failed(String why) {
    return new CommandFailure(CommandFailure.FAILED, why);
  }
}

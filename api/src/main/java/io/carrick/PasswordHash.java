package io.carrick;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What is kept of a password, from which it cannot be read. Immutable; its text form for people
 * shows nothing of it.
 *
 * <p>It is what SCRAM-SHA-256 needs (RFC 5802 §3, RFC 7677): PBKDF2 with HMAC-SHA-256, so that one
 * store serves clients that send their password and those that prove that they know it. A hash that
 * was taken over from RabbitMQ serves the former only.
 */
public final class PasswordHash {

  /** How often a password is hashed unless another number is said. */
  public static final int ITERATIONS = 10_000;

  /** The fewest, RFC 7677 §4. */
  private static final int FEWEST_ITERATIONS = 4_096;

  private static final int MOST_ITERATIONS = 10_000_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int RABBIT_SALT_BYTES = 4;
  private static final String SCRAM = "scram-sha-256";
  private static final String RABBIT = "rabbitmq-sha-256";

  private final byte[] salt;

  /** 0 for a hash of RabbitMQ's. */
  private final int iterations;

  private final byte[] storedKey;

  /** Empty for a hash of RabbitMQ's. */
  private final byte[] serverKey;

  private PasswordHash(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    this.salt = salt;
    this.iterations = iterations;
    this.storedKey = storedKey;
    this.serverKey = serverKey;
  }

  /** Hashes a password with a new salt, {@link #ITERATIONS} times. Takes milliseconds. */
  public static PasswordHash of(String password) {
    return of(password, ITERATIONS);
  }

  /**
   * Hashes a password with a new salt.
   *
   * @param iterations how often; each login costs it, of the broker or, with SCRAM, of the client
   * @throws IllegalArgumentException for fewer than 4096 or more than ten million
   */
  public static PasswordHash of(String password, int iterations) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return scram(password, salt, checked(iterations));
  }

  private static int checked(int iterations) {
    if (iterations < FEWEST_ITERATIONS || iterations > MOST_ITERATIONS) {
      throw new IllegalArgumentException(
          "%d iterations: %d to %d".formatted(iterations, FEWEST_ITERATIONS, MOST_ITERATIONS));
    }
    return iterations;
  }

  private static PasswordHash scram(String password, byte[] salt, int iterations) {
    // RFC 5802 §3: StoredKey := H(ClientKey), of SaltedPassword := Hi(Normalize(password), ...).
    byte[] salted = pbkdf2(normalized(password), salt, iterations);
    byte[] clientKey = hmac(salted, "Client Key");
    return new PasswordHash(salt, iterations, sha256(clientKey), hmac(salted, "Server Key"));
  }

  /**
   * Takes over what RabbitMQ keeps with {@code rabbit_password_hashing_sha256}, as it exports it.
   *
   * @param base64 four bytes of salt, then SHA-256 of salt and password
   * @throws IllegalArgumentException for something else
   */
  public static PasswordHash rabbitMq(String base64) {
    byte[] bytes = Base64.getDecoder().decode(base64);
    if (bytes.length != RABBIT_SALT_BYTES + HASH_BYTES) {
      throw new IllegalArgumentException("no SHA-256 with a salt of four bytes");
    }
    return new PasswordHash(
        Arrays.copyOf(bytes, RABBIT_SALT_BYTES),
        0,
        Arrays.copyOfRange(bytes, RABBIT_SALT_BYTES, bytes.length),
        new byte[0]);
  }

  /**
   * Reads what {@link #text} has returned.
   *
   * @throws IllegalArgumentException for something else
   */
  public static PasswordHash parse(String text) {
    String[] parts = text.split("\\$", -1);
    Base64.Decoder decoder = Base64.getDecoder();
    if (parts.length == 2 && parts[0].equals(RABBIT)) {
      return rabbitMq(parts[1]);
    } else if (parts.length == 5 && parts[0].equals(SCRAM)) {
      byte[] stored = decoder.decode(parts[3]);
      byte[] server = decoder.decode(parts[4]);
      if (stored.length == HASH_BYTES && server.length == HASH_BYTES) {
        int iterations = checked(Integer.parseInt(parts[1]));
        return new PasswordHash(decoder.decode(parts[2]), iterations, stored, server);
      }
    }
    throw new IllegalArgumentException("not the text of a password's hash");
  }

  /** Returns it as it is kept: who has it can try passwords on it. */
  public String text() {
    Base64.Encoder encoder = Base64.getEncoder();
    if (iterations == 0) {
      byte[] both = Arrays.copyOf(salt, salt.length + storedKey.length);
      System.arraycopy(storedKey, 0, both, salt.length, storedKey.length);
      return RABBIT + "$" + encoder.encodeToString(both);
    }
    return String.join(
        "$",
        SCRAM,
        Integer.toString(iterations),
        encoder.encodeToString(salt),
        encoder.encodeToString(storedKey),
        encoder.encodeToString(serverKey));
  }

  /** Returns whether a password, in UTF-8, is the one. Takes milliseconds. */
  public boolean matches(byte[] password) {
    byte[] tried;
    if (iterations == 0) {
      byte[] both = Arrays.copyOf(salt, salt.length + password.length);
      System.arraycopy(password, 0, both, salt.length, password.length);
      tried = sha256(both);
    } else {
      String text = new String(password, StandardCharsets.UTF_8);
      tried = scram(text, salt, iterations).storedKey;
    }
    return MessageDigest.isEqual(tried, storedKey);
  }

  /** Returns what SCRAM-SHA-256 needs; empty if the hash was RabbitMQ's. */
  public Optional<Scram> scram() {
    return iterations == 0
        ? Optional.empty()
        : Optional.of(new Scram(salt.clone(), iterations, storedKey.clone(), serverKey.clone()));
  }

  /**
   * What a server that speaks SCRAM-SHA-256 keeps, RFC 5802 §3.
   *
   * @param salt what the password was hashed with
   * @param iterations how often
   * @param storedKey against which a client's proof is checked
   * @param serverKey with which the server proves itself
   */
  public record Scram(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    @Override
    public String toString() {
      return "Scram[" + iterations + "]";
    }
  }

  /** Blanks as one kind, and NFKC, of what SASLprep (RFC 4013) does. */
  private static String normalized(String password) {
    var text = new StringBuilder(password.length());
    password
        .codePoints()
        .map(c -> Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c)
        .forEach(text::appendCodePoint);
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  private static byte[] pbkdf2(String password, byte[] salt, int iterations) {
    var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * Byte.SIZE);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw missing(e);
    } finally {
      spec.clearPassword();
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(GeneralSecurityException e) {
    return new IllegalStateException("this JVM has no PBKDF2 with HMAC-SHA-256", e);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PasswordHash hash && text().equals(hash.text());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(salt);
  }

  @Override
  public String toString() {
    return iterations == 0 ? RABBIT : SCRAM;
  }
}

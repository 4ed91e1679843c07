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
 * was taken over from RabbitMQ or Mosquitto serves the former only.
 */
public final class PasswordHash {

  /** How often a password is hashed unless another number is said. */
  public static final int ITERATIONS = 10_000;

  /** The fewest, RFC 7677 §4. */
  private static final int FEWEST_ITERATIONS = 4_096;

  private static final int MOST_ITERATIONS = 10_000_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int LONG_HASH_BYTES = 64;
  private static final int RABBIT_SALT_BYTES = 4;
  private static final byte[] NONE = {};

  private final Kind kind;
  private final byte[] salt;

  /** 0 where a password is hashed once. */
  private final int iterations;

  private final byte[] storedKey;

  /** Empty but for SCRAM. */
  private final byte[] serverKey;

  /** How a password was hashed. */
  private enum Kind {
    SCRAM("scram-sha-256"),
    RABBIT_256("rabbitmq-sha-256"),
    RABBIT_512("rabbitmq-sha-512"),
    /** Mosquitto's since 2.0. */
    MOSQUITTO_PBKDF2("7"),
    /** Mosquitto's before. */
    MOSQUITTO_512("6");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private PasswordHash(Kind kind, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    this.kind = kind;
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
    byte[] salted = pbkdf2("SHA256", normalized(password), salt, iterations, HASH_BYTES);
    byte[] clientKey = hmac(salted, "Client Key");
    byte[] storedKey = digest("SHA-256", clientKey);
    return new PasswordHash(Kind.SCRAM, salt, iterations, storedKey, hmac(salted, "Server Key"));
  }

  /**
   * Takes over what RabbitMQ keeps with {@code rabbit_password_hashing_sha256} or {@code …_sha512},
   * as it exports it.
   *
   * @param base64 four bytes of salt, then SHA-256 or SHA-512 of salt and password
   * @throws IllegalArgumentException for something else
   */
  public static PasswordHash rabbitMq(String base64) {
    byte[] bytes = Base64.getDecoder().decode(base64);
    byte[] hash =
        Arrays.copyOfRange(bytes, Math.min(bytes.length, RABBIT_SALT_BYTES), bytes.length);
    if (hash.length != HASH_BYTES && hash.length != LONG_HASH_BYTES) {
      throw new IllegalArgumentException("no SHA-256 or SHA-512 with a salt of four bytes");
    }
    return new PasswordHash(
        hash.length == HASH_BYTES ? Kind.RABBIT_256 : Kind.RABBIT_512,
        Arrays.copyOf(bytes, RABBIT_SALT_BYTES),
        0,
        hash,
        NONE);
  }

  /**
   * Takes over what {@code mosquitto_passwd} writes behind a name: {@code $7$} (PBKDF2 with
   * HMAC-SHA-512) or {@code $6$} (SHA-512).
   *
   * @throws IllegalArgumentException for something else
   */
  public static PasswordHash mosquitto(String text) {
    String[] parts = text.split("\\$", -1);
    if (parts.length == 5 && text.startsWith("$7$")) {
      int iterations = Integer.parseInt(parts[2]);
      if (iterations < 1 || iterations > MOST_ITERATIONS) {
        throw new IllegalArgumentException(iterations + " iterations");
      }
      return mosquitto(Kind.MOSQUITTO_PBKDF2, parts[3], iterations, parts[4]);
    } else if (parts.length == 4 && text.startsWith("$6$")) {
      return mosquitto(Kind.MOSQUITTO_512, parts[2], 0, parts[3]);
    }
    throw new IllegalArgumentException("not a hash of Mosquitto's that begins with $7$ or $6$");
  }

  private static PasswordHash mosquitto(Kind kind, String salt, int iterations, String hash) {
    Base64.Decoder decoder = Base64.getDecoder();
    byte[] stored = decoder.decode(hash);
    if (salt.isEmpty() || stored.length != LONG_HASH_BYTES) {
      throw new IllegalArgumentException("no salt, or not 64 bytes of hash");
    }
    return new PasswordHash(kind, decoder.decode(salt), iterations, stored, NONE);
  }

  /**
   * Reads what {@link #text} has returned.
   *
   * @throws IllegalArgumentException for something else
   */
  public static PasswordHash parse(String text) {
    String[] parts = text.split("\\$", -1);
    Base64.Decoder decoder = Base64.getDecoder();
    if (text.startsWith("$")) {
      return mosquitto(text);
    } else if (parts.length == 2 && parts[0].startsWith("rabbitmq-")) {
      PasswordHash hash = rabbitMq(parts[1]);
      if (parts[0].equals(hash.kind.text)) {
        return hash;
      }
    } else if (parts.length == 5 && parts[0].equals(Kind.SCRAM.text)) {
      byte[] stored = decoder.decode(parts[3]);
      byte[] server = decoder.decode(parts[4]);
      if (stored.length == HASH_BYTES && server.length == HASH_BYTES) {
        int iterations = checked(Integer.parseInt(parts[1]));
        return new PasswordHash(Kind.SCRAM, decoder.decode(parts[2]), iterations, stored, server);
      }
    }
    throw new IllegalArgumentException("not the text of a password's hash");
  }

  /** Returns it as it is kept: who has it can try passwords on it. */
  public String text() {
    Base64.Encoder encoder = Base64.getEncoder();
    String salted = encoder.encodeToString(salt);
    String stored = encoder.encodeToString(storedKey);
    return switch (kind) {
      case SCRAM ->
          String.join(
              "$",
              kind.text,
              Integer.toString(iterations),
              salted,
              stored,
              encoder.encodeToString(serverKey));
      case RABBIT_256, RABBIT_512 ->
          kind.text + "$" + encoder.encodeToString(joined(salt, storedKey));
      case MOSQUITTO_PBKDF2 ->
          String.join("$", "", kind.text, Integer.toString(iterations), salted, stored);
      case MOSQUITTO_512 -> String.join("$", "", kind.text, salted, stored);
    };
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  /** Returns whether a password, in UTF-8, is the one. Takes milliseconds. */
  public boolean matches(byte[] password) {
    byte[] tried =
        switch (kind) {
          case SCRAM -> scram(text(password), salt, iterations).storedKey;
          case RABBIT_256 -> digest("SHA-256", joined(salt, password));
          case RABBIT_512 -> digest("SHA-512", joined(salt, password));
          case MOSQUITTO_PBKDF2 ->
              pbkdf2("SHA512", text(password), salt, iterations, LONG_HASH_BYTES);
          case MOSQUITTO_512 -> digest("SHA-512", joined(password, salt));
        };
    return MessageDigest.isEqual(tried, storedKey);
  }

  private static String text(byte[] password) {
    return new String(password, StandardCharsets.UTF_8);
  }

  /** Returns what SCRAM-SHA-256 needs; empty if the hash was another broker's. */
  public Optional<Scram> scram() {
    return kind != Kind.SCRAM
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

  private static byte[] pbkdf2(
      String hash, String password, byte[] salt, int iterations, int bytes) {
    var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, bytes * Byte.SIZE);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmac" + hash)
          .generateSecret(spec)
          .getEncoded();
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

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(GeneralSecurityException e) {
    return new IllegalStateException("this JVM lacks a digest that every one has", e);
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
    return kind.name();
  }
}

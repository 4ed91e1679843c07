package io.carrick.engine.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and knows the proofs that a request has named a queue for its replies: a keyed hash of the
 * queue's name, so that nothing has to be remembered of a request, and a proof is good after a
 * restart. Immutable.
 */
public final class ReplyKey {

  private static final String HASH = "HmacSHA256";
  private static final int SECRET_BYTES = 32;

  /** As many as a random UUID has, and more: nobody guesses one. */
  private static final int PROOF_BYTES = 16;

  private final byte[] secret;

  /**
   * Takes the key from the store.
   *
   * @param secret random bytes
   */
  public ReplyKey(byte[] secret) {
    this.secret = secret.clone();
  }

  /** Makes a key that nobody has. */
  public static ReplyKey random() {
    var secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new ReplyKey(secret);
  }

  /** Returns what the store is to keep. */
  public byte[] secret() {
    return secret.clone();
  }

  /** Returns the proof of a queue, 22 letters, digits, hyphens and underscores. */
  public String proof(String virtualHost, String queue) {
    byte[] full = hash(virtualHost + '\0' + queue);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(full, PROOF_BYTES));
  }

  /** Returns whether somebody shows the proof of a queue. */
  public boolean proves(String shown, String virtualHost, String queue) {
    return MessageDigest.isEqual(
        shown.getBytes(StandardCharsets.UTF_8),
        proof(virtualHost, queue).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] hash(String text) {
    try {
      Mac mac = Mac.getInstance(HASH);
      mac.init(new SecretKeySpec(secret, HASH));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + HASH, e);
    }
  }
}

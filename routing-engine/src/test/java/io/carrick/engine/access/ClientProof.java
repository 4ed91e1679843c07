package io.carrick.engine.access;

import io.carrick.PasswordHash;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What a client of SCRAM-SHA-256 computes, RFC 5802 §3. Stateless. */
final class ClientProof {

  private ClientProof() {}

  /** Returns the proof that a client sends, in base 64. */
  static String of(String password, PasswordHash hash, String signed) {
    PasswordHash.Scram scram = hash.scram().orElseThrow();
    try {
      var spec = new PBEKeySpec(password.toCharArray(), scram.salt(), scram.iterations(), 256);
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
      byte[] proof = hmac(salted, "Client Key");
      byte[] signature = hmac(scram.storedKey(), signed);
      for (int i = 0; i < proof.length; i++) {
        proof[i] ^= signature[i];
      }
      return Base64.getEncoder().encodeToString(proof);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}

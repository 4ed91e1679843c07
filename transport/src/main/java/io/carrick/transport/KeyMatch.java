package io.carrick.transport;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Whether two keys are the halves of one. Stateless. */
final class KeyMatch {

  private KeyMatch() {}

  /** Tries it: what one has signed is verified by the other. */
  static boolean fits(PrivateKey ours, PublicKey shown) {
    byte[] text = {'t', 'r', 'y'};
    try {
      Signature signature = Signature.getInstance(signatureOf(ours.getAlgorithm()));
      signature.initSign(ours);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(shown);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String signatureOf(String algorithm) {
    return switch (algorithm) {
      case "EC" -> "SHA256withECDSA";
      case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
      default -> "SHA256withRSA";
    };
  }
}

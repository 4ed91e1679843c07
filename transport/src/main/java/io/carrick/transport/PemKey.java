package io.carrick.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads private keys in PEM form (RFC 7468 §10, §11). Stateless. */
final class PemKey {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]+)-----END \\1PRIVATE KEY-----");

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  private static final String PBES2 = "1.2.840.113549.1.5.13"; // RFC 8018 §6.2

  private PemKey() {}

  /**
   * Reads the first key of a file.
   *
   * @param password what it is encrypted with, empty if it is not
   * @throws IOException when there is none, with a message fit for a user
   */
  static PrivateKey read(Path file, char[] password) throws IOException {
    Matcher key = KEY.matcher(new String(TlsFiles.bytes(file), StandardCharsets.ISO_8859_1));
    if (!key.find()) {
      throw new IOException("cannot use " + file + ": no private key in PEM form");
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(key.group(2).strip());
      return switch (key.group(1).strip()) {
        case "" -> decoded(new PKCS8EncodedKeySpec(bytes));
        case "ENCRYPTED" -> decoded(decrypted(bytes, password));
        default ->
            throw new IOException(
                "cannot use "
                    + file
                    + ": not in PKCS #8 form; 'openssl pkcs8 -topk8 -nocrypt' makes it so");
      };
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw TlsFiles.unusable(file, "wrong password, or no private key that we know", e);
    }
  }

  private static PrivateKey decoded(PKCS8EncodedKeySpec key) throws GeneralSecurityException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(key);
      } catch (InvalidKeySpecException notOne) {
        // of another kind, then
      }
    }
    throw new InvalidKeySpecException("none of " + ALGORITHMS);
  }

  private static PKCS8EncodedKeySpec decrypted(byte[] bytes, char[] password)
      throws IOException, GeneralSecurityException {
    var encrypted = new EncryptedPrivateKeyInfo(bytes);
    // Of PBES2 the name says nothing; its parameters have one that does.
    boolean named = !List.of("PBES2", PBES2).contains(encrypted.getAlgName());
    String algorithm = named ? encrypted.getAlgName() : encrypted.getAlgParameters().toString();
    SecretKey secret =
        SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password));
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.DECRYPT_MODE, secret, encrypted.getAlgParameters());
    return encrypted.getKeySpec(cipher);
  }
}

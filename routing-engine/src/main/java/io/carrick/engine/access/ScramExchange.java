package io.carrick.engine.access;

import io.carrick.Identity;
import io.carrick.PasswordHash.Scram;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslMechanism;
import io.carrick.spi.SaslMechanism.Step;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One conversation of SCRAM-SHA-256, RFC 5802 §5 and §7, without channel binding. Used by one
 * thread at a time.
 */
final class ScramExchange implements SaslMechanism.Exchange {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int PROOF_BYTES = 32;
  private static final int LONGEST_NONCE = 256;

  private final UserTable users;
  private final Credentials peer;
  private final String ourNonce;
  private boolean asked;
  private @Nullable First first;

  /** What was said at first. Immutable. */
  private record First(
      String user, String header, String clientBare, String nonce, Scram kept, String server) {}

  /** The client does not keep to the mechanism. */
  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed() {
      super(null, null, false, false);
    }
  }

  ScramExchange(UserTable users, Credentials peer, String ourNonce) {
    this.users = users;
    this.peer = peer;
    this.ourNonce = ourNonce;
  }

  @Override
  public Step respond(byte[] response) {
    try {
      First before = first;
      if (before != null) {
        return last(before, text(response));
      } else if (response.length == 0 && !asked) {
        asked = true; // RFC 4422 §3: the client begins, with the request or when it is asked to
        return Step.challenge(response);
      }
      First begun = begin(text(response));
      first = begun;
      return Step.challenge(begun.server.getBytes(StandardCharsets.UTF_8));
    } catch (Malformed | IllegalArgumentException notScram) {
      return Step.refused();
    }
  }

  private static String text(byte[] bytes) throws Malformed {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed();
    }
  }

  /** Reads {@code n,a=authzid,n=user,r=nonce}. */
  private First begin(String message) throws Malformed {
    String[] parts = message.split(",", 5);
    // A client that thinks that we have no channel binding says y, and is right.
    boolean noBinding = parts[0].equals("n") || parts[0].equals("y");
    if (parts.length < 4 || !noBinding) {
      throw new Malformed();
    }
    String user = name(value(parts[2], "n="));
    String actsAs = parts[1].isEmpty() ? user : name(value(parts[1], "a="));
    String nonce = value(parts[3], "r=");
    if (!actsAs.equals(user) || nonce.isEmpty() || nonce.length() > LONGEST_NONCE) {
      throw new Malformed();
    }
    String header = parts[0] + "," + parts[1] + ",";
    Scram kept = ScramMechanism.of(users, user);
    String both = nonce + ourNonce;
    String server =
        "r=%s,s=%s,i=%d"
            .formatted(both, Base64.getEncoder().encodeToString(kept.salt()), kept.iterations());
    return new First(user, header, message.substring(header.length()), both, kept, server);
  }

  private static String value(String part, String name) throws Malformed {
    if (!part.startsWith(name)) {
      throw new Malformed();
    }
    return part.substring(name.length());
  }

  /** A name has {@code =2C} for a comma and {@code =3D} for an equals sign. */
  private static String name(String text) throws Malformed {
    String rest = text.replace("=2C", "").replace("=3D", "");
    if (text.isEmpty() || rest.indexOf('=') >= 0) {
      throw new Malformed();
    }
    return text.replace("=2C", ",").replace("=3D", "=");
  }

  /** Reads {@code c=header,r=nonce,p=proof}; what may be between is passed over. */
  private Step last(First begun, String message) throws Malformed {
    int end = message.lastIndexOf(",p=");
    if (end < 0) {
      throw new Malformed();
    }
    String withoutProof = message.substring(0, end);
    String[] parts = withoutProof.split(",", 3);
    byte[] header = Base64.getDecoder().decode(value(parts[0], "c="));
    byte[] proof = Base64.getDecoder().decode(message.substring(end + 3));
    if (parts.length < 2
        || !new String(header, StandardCharsets.UTF_8).equals(begun.header)
        || !value(parts[1], "r=").equals(begun.nonce)
        || proof.length != PROOF_BYTES) {
      throw new Malformed();
    }
    byte[] signed =
        (begun.clientBare + "," + begun.server + "," + withoutProof)
            .getBytes(StandardCharsets.UTF_8);
    byte[] signature = hmac(begun.kept.storedKey(), signed);
    byte[] clientKey = new byte[PROOF_BYTES];
    for (int i = 0; i < PROOF_BYTES; i++) {
      clientKey[i] = (byte) (proof[i] ^ signature[i]);
    }
    boolean proved = MessageDigest.isEqual(sha256(clientKey), begun.kept.storedKey());
    Optional<Identity> who = proved ? users.proved(begun.user, peer) : Optional.empty();
    String verifier =
        "v=" + Base64.getEncoder().encodeToString(hmac(begun.kept.serverKey(), signed));
    return who.map(identity -> Step.accepted(identity, verifier.getBytes(StandardCharsets.UTF_8)))
        .orElseGet(Step::refused);
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HMAC with SHA-256", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}

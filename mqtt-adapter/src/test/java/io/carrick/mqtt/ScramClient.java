package io.carrick.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of SCRAM-SHA-256 for HiveMQ's client, written independently of the main code.
 * Used by the client's thread, but for what a test asks and changes between two conversations.
 */
final class ScramClient implements Mqtt5EnhancedAuthMechanism {

  private volatile String user;
  private volatile String password;
  private final AtomicInteger questions = new AtomicInteger();
  private final AtomicInteger proofs = new AtomicInteger();
  private String bare = "";
  private String expected = "";

  ScramClient(String user, String password) {
    this.user = user;
    this.password = password;
  }

  /** From the next conversation on it is another one. */
  void become(String otherUser, String otherPassword) {
    user = otherUser;
    password = otherPassword;
  }

  int questions() {
    return questions.get();
  }

  int proofsOfTheServer() {
    return proofs.get();
  }

  private byte[] first() {
    bare = "n=" + user + ",r=abc";
    return utf8("n,," + bare);
  }

  private byte[] answer(Mqtt5Auth auth) {
    questions.incrementAndGet();
    String asked = text(auth.getData());
    String[] parts = asked.split(",", 3);
    byte[] salt = Base64.getDecoder().decode(parts[1].substring(2));
    int iterations = Integer.parseInt(parts[2].substring(2));
    String withoutProof = "c=biws," + parts[0];
    byte[] signed = utf8(bare + "," + asked + "," + withoutProof);
    try {
      var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 256);
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
      byte[] key = hmac(salted, utf8("Client Key"));
      byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(key), signed);
      for (int i = 0; i < key.length; i++) {
        key[i] ^= signature[i];
      }
      expected = "v=" + base64(hmac(hmac(salted, utf8("Server Key")), signed));
      return utf8(withoutProof + ",p=" + base64(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean proved(Optional<ByteBuffer> last) {
    boolean right = text(last).equals(expected);
    if (right) {
      proofs.incrementAndGet();
    }
    return right;
  }

  private static byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Optional<ByteBuffer> data) {
    return data.map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString()).orElse("");
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  // ---- what the client asks

  @Override
  public MqttUtf8String getMethod() {
    return MqttUtf8String.of("SCRAM-SHA-256");
  }

  @Override
  public int getTimeout() {
    return 20;
  }

  @Override
  public CompletableFuture<Void> onAuth(
      Mqtt5ClientConfig client, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder builder) {
    builder.data(first());
    return done();
  }

  @Override
  public CompletableFuture<Boolean> onContinue(
      Mqtt5ClientConfig client, Mqtt5Auth auth, Mqtt5AuthBuilder builder) {
    builder.data(answer(auth));
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public CompletableFuture<Boolean> onAuthSuccess(Mqtt5ClientConfig client, Mqtt5ConnAck connAck) {
    return CompletableFuture.completedFuture(
        connAck.getEnhancedAuth().map(auth -> proved(auth.getData())).orElse(false));
  }

  @Override
  public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig client, Mqtt5AuthBuilder builder) {
    builder.data(first());
    return done();
  }

  @Override
  public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig client, Mqtt5Auth auth) {
    return CompletableFuture.completedFuture(proved(auth.getData()));
  }

  @Override
  public void onAuthRejected(Mqtt5ClientConfig client, Mqtt5ConnAck connAck) {}

  @Override
  public void onReAuthRejected(Mqtt5ClientConfig client, Mqtt5Disconnect disconnect) {}

  @Override
  public void onAuthError(Mqtt5ClientConfig client, Throwable cause) {}

  @Override
  public void onReAuthError(Mqtt5ClientConfig client, Throwable cause) {}
}

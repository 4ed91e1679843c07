package io.carrick.amqp.codec;

import java.util.Map;

/** The methods by which a connection starts and ends. AMQP 0-9-1 §1.4 (connection). */
public sealed interface ConnectionMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 10;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static ConnectionMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> new Start(in.octet(), in.octet(), in.table(), in.longString(), in.longString());
      case 11 -> new StartOk(in.table(), in.shortString(), in.longBytes(), in.shortString());
      case 20 -> new Secure(in.longBytes());
      case 21 -> new SecureOk(in.longBytes());
      case 30 -> new Tune(in.shortInt(), in.longInt(), in.shortInt());
      case 31 -> new TuneOk(in.shortInt(), in.longInt(), in.shortInt());
      case 40 -> {
        var open = new Open(in.shortString());
        in.shortBytes(); // reserved
        in.bit(); // reserved
        yield open;
      }
      case 41 -> {
        in.shortBytes();
        yield new OpenOk();
      }
      case 50 -> new Close(in.shortInt(), in.shortString(), in.shortInt(), in.shortInt());
      case 51 -> new CloseOk();
      case 60 -> new Blocked(in.shortString());
      case 61 -> new Unblocked();
      case 70 -> new UpdateSecret(in.longBytes(), in.shortString());
      case 71 -> new UpdateSecretOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * The broker offers versions, mechanisms and locales.
   *
   * @param major 0
   * @param minor 9
   * @param serverProperties what the broker says about itself
   * @param mechanisms names with spaces between
   * @param locales names with spaces between
   */
  record Start(
      int major, int minor, Map<String, Object> serverProperties, String mechanisms, String locales)
      implements ConnectionMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.octet(major)
          .octet(minor)
          .table(serverProperties)
          .longString(mechanisms)
          .longString(locales);
    }
  }

  /**
   * The client chooses and logs in.
   *
   * @param clientProperties what the client says about itself
   * @param mechanism one of those offered
   * @param response as the mechanism says
   * @param locale one of those offered
   */
  record StartOk(
      Map<String, Object> clientProperties, String mechanism, byte[] response, String locale)
      implements ConnectionMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.table(clientProperties).shortString(mechanism).longBytes(response).shortString(locale);
    }
  }

  /**
   * The broker asks for more.
   *
   * @param challenge as the mechanism says
   */
  record Secure(byte[] challenge) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longBytes(challenge);
    }
  }

  /**
   * The client answers a challenge.
   *
   * @param response as the mechanism says
   */
  record SecureOk(byte[] response) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longBytes(response);
    }
  }

  /**
   * The broker offers its limits.
   *
   * @param channelMax most channels
   * @param frameMax bytes of a whole frame
   * @param heartbeat in seconds, 0 for none
   */
  record Tune(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 30;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(channelMax).longInt(frameMax).shortInt(heartbeat);
    }
  }

  /**
   * The client chooses limits.
   *
   * @param channelMax most channels
   * @param frameMax bytes of a whole frame
   * @param heartbeat in seconds, 0 for none
   */
  record TuneOk(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 31;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(channelMax).longInt(frameMax).shortInt(heartbeat);
    }
  }

  /**
   * The client names a virtual host.
   *
   * @param virtualHost its name
   */
  record Open(String virtualHost) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 40;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(virtualHost).shortString("").bit(false);
    }
  }

  /** The connection is open. */
  record OpenOk() implements ConnectionMethod {
    @Override
    public int methodId() {
      return 41;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString("");
    }
  }

  /**
   * Either side ends the connection.
   *
   * @param code the {@link ReplyCode}'s number
   * @param text for people
   * @param blamedClass class of the method that caused it, or 0
   * @param blamedMethod method that caused it, or 0
   */
  record Close(int code, String text, int blamedClass, int blamedMethod)
      implements ConnectionMethod {
    @Override
    public int methodId() {
      return 50;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(code).shortString(text).shortInt(blamedClass).shortInt(blamedMethod);
    }
  }

  /** The other side has heard it. */
  record CloseOk() implements ConnectionMethod {
    @Override
    public int methodId() {
      return 51;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * The broker takes no publishes for now.
   *
   * @param reason for people
   */
  record Blocked(String reason) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 60;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(reason);
    }
  }

  /** The broker takes publishes again. */
  record Unblocked() implements ConnectionMethod {
    @Override
    public int methodId() {
      return 61;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /**
   * The client renews its credentials.
   *
   * @param secret as the mechanism says
   * @param reason for people
   */
  record UpdateSecret(byte[] secret, String reason) implements ConnectionMethod {
    @Override
    public int methodId() {
      return 70;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longBytes(secret).shortString(reason);
    }
  }

  /** The new credentials are taken. */
  record UpdateSecretOk() implements ConnectionMethod {
    @Override
    public int methodId() {
      return 71;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}

package io.carrick.spi;

/** A login by a {@link SaslMechanism} that is under way. Confined to its client's loop. */
public interface SaslLogin {

  /**
   * Hands over what the client has sent, and answers in the loop what follows; until then nothing
   * more is handed over. A client that is not let in is a failure with {@link
   * io.carrick.AccessRefusedException}, as is one that says very much.
   */
  void respond(byte[] response, Completion<SaslMechanism.Step> next);
}

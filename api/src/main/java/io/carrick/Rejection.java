package io.carrick;

/**
 * What a client said as it rejected a message, in a protocol that has words for it: MQTT 5
 * (§3.4.2.1, §3.5.2.1). Immutable.
 *
 * @param code the reason code
 * @param text the reason for people, empty if there was none; what is longer than {@link
 *     #MOST_TEXT} is cut off
 */
public record Rejection(int code, String text) {

  /** So many characters are kept of a text. */
  public static final int MOST_TEXT = 1_024;

  /** Cuts the text. */
  public Rejection {
    if (text.length() > MOST_TEXT) {
      boolean half = Character.isHighSurrogate(text.charAt(MOST_TEXT - 1));
      text = text.substring(0, half ? MOST_TEXT - 1 : MOST_TEXT);
    }
  }
}

package io.carrick.spi;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reads names of certificates in the form of RFC 2253. Stateless. */
final class DistinguishedName {

  private static final String COMMON_NAME = "CN=";

  private DistinguishedName() {}

  /** Returns the one common name in a name; who has several has none that we could choose. */
  static Optional<String> commonName(String name) {
    List<String> found =
        parts(name).stream()
            .filter(part -> part.regionMatches(true, 0, COMMON_NAME, 0, COMMON_NAME.length()))
            .map(part -> part.substring(COMMON_NAME.length()))
            .toList();
    return found.size() == 1 ? unescaped(found.get(0)) : Optional.empty();
  }

  /** Splits at every comma and plus sign that is not escaped. */
  private static List<String> parts(String name) {
    var parts = new ArrayList<String>();
    int start = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == ',' || c == '+') {
        parts.add(name.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(name.substring(start));
    return parts;
  }

  /** Takes the backslashes out: before a character, or before the two digits of a byte. */
  private static Optional<String> unescaped(String value) {
    if (value.startsWith("#")) {
      return Optional.empty(); // no text, but bytes of some other kind
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 1 < bytes.length) {
        i++;
        if (i + 1 < bytes.length && isHex(bytes[i]) && isHex(bytes[i + 1])) {
          out[length++] =
              (byte) HexFormat.fromHexDigits(new String(bytes, i, 2, StandardCharsets.US_ASCII));
          i++;
          continue;
        }
      }
      out[length++] = bytes[i];
    }
    return text(out, length);
  }

  private static boolean isHex(byte character) {
    return HexFormat.isHexDigit(character);
  }

  private static Optional<String> text(byte[] bytes, int length) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(java.nio.ByteBuffer.wrap(bytes, 0, length))
              .toString());
    } catch (CharacterCodingException notText) {
      return Optional.empty();
    }
  }
}

package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;
import static io.carrick.mqtt.codec.MalformedPacketException.protocolError;

import io.carrick.HeaderNames;
import io.carrick.mqtt.codec.Property.Place;
import io.netty.buffer.ByteBuf;

/**
 * Walks over the properties of a packet once, keeps nothing of them, and finds what a client must
 * not send (MQTT 5 §2.2.2). Stateless.
 */
final class PropertyRules {

  static final int NO_ALIAS = -1;

  /** A bit of what was found, above the place of the alias. */
  private static final long RECEIPT = 1L << Integer.SIZE;

  private static final long ALIAS = RECEIPT - 1;

  private PropertyRules() {}

  /** Returns where the value of the topic alias stands; {@link #NO_ALIAS} without one. */
  static int aliasAt(long found) {
    return (int) found;
  }

  /** Returns whether a user property asks for a receipt. */
  static boolean asksForReceipt(long found) {
    return (found & RECEIPT) != 0;
  }

  /**
   * Checks the properties that lie between two places of a buffer.
   *
   * @return what is meant for the broker: the {@linkplain #aliasAt topic alias}, which concerns its
   *     connection alone, and a {@linkplain #asksForReceipt receipt}
   * @throws MalformedPacketException if one is unknown, does not belong there, stands there twice
   *     or has a value that it may not have
   */
  static long check(ByteBuf in, int start, int end, Place place) {
    int aliasAt = NO_ALIAS;
    long receipt = 0;
    long seen = 0;
    int at = start;
    while (at < end) {
      int identifier = in.getByte(at);
      Property property = Property.of(identifier);
      if (property == null) {
        throw malformed("a property with the identifier " + identifier);
      }
      if (!property.mayStandIn(place)) {
        String what = property + " in " + place;
        throw property == Property.SUBSCRIPTION_IDENTIFIER && place == Place.PUBLISH
            ? protocolError(what) // [MQTT-3.3.4-6]
            : malformed(what); // MQTT 5 §2.2.2.2
      }
      long bit = 1L << property.ordinal();
      if ((seen & bit) != 0 && property != Property.USER_PROPERTY) {
        throw protocolError(property + " twice");
      }
      seen |= bit;
      if (property == Property.TOPIC_ALIAS) {
        aliasAt = at + 1;
      }
      int next = checkValue(property, in, at + 1, end);
      if (property == Property.USER_PROPERTY && nameIs(HeaderNames.RECEIPT, in, at + 1)) {
        receipt = RECEIPT;
      }
      at = next;
    }
    return receipt | (aliasAt & ALIAS);
  }

  private static boolean nameIs(String ascii, ByteBuf in, int at) {
    if (in.getUnsignedShort(at) != ascii.length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (in.getByte(at + 2 + i) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int checkValue(Property property, ByteBuf in, int at, int end) {
    return switch (property.form()) {
      case FLAG -> {
        need(at, 1, end);
        if ((in.getByte(at) & ~1) != 0) {
          throw protocolError(property + " that is neither 0 nor 1");
        }
        yield at + 1;
      }
      case TWO_BYTES -> need(at, 2, end);
      case FOUR_BYTES -> need(at, 4, end);
      case TWO_BYTES_FROM_1 -> {
        need(at, 2, end);
        checkNotZero(property, in.getUnsignedShort(at));
        yield at + 2;
      }
      case FOUR_BYTES_FROM_1 -> {
        need(at, 4, end);
        checkNotZero(property, in.getInt(at));
        yield at + 4;
      }
      case VARIABLE -> {
        int bytes = VariableInt.length(in, at, end);
        checkNotZero(property, VariableInt.value(in, at));
        yield at + bytes;
      }
      case TEXT -> checkText(in, at, end);
      case TOPIC -> {
        int next = checkText(in, at, end);
        TopicRules.checkResponseTopic(in, at + 2, next - at - 2);
        yield next;
      }
      case TEXT_PAIR -> checkText(in, checkText(in, at, end), end);
      case BINARY -> bytes(in, at, end);
    };
  }

  private static int need(int at, int bytes, int end) {
    if (end - at < bytes) {
      throw malformed("a property that is longer than its packet");
    }
    return at + bytes;
  }

  private static void checkNotZero(Property property, int value) {
    if (value == 0) {
      throw protocolError(property + " of 0");
    }
  }

  private static int bytes(ByteBuf in, int at, int end) {
    need(at, 2, end);
    return need(at + 2, in.getUnsignedShort(at), end);
  }

  private static int checkText(ByteBuf in, int at, int end) {
    int next = bytes(in, at, end);
    Utf8.check(in, at + 2, next - at - 2); // [MQTT-1.5.4-1] [MQTT-1.5.4-2]
    return next;
  }
}

package io.carrick.mqtt.codec;

import io.carrick.UserProperty;
import io.carrick.mqtt.codec.Property.Form;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The properties of a packet as they arrived or will be sent, without their length: found and
 * decoded when somebody asks, for most are passed through only. Immutable.
 */
public final class PacketProperties {

  /** No property. */
  public static final PacketProperties NONE = new PacketProperties(new byte[0]);

  private static final int OBJECT_BYTES = 32;

  private final byte[] bytes;

  private PacketProperties(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Properties in their form on the wire, which must be right.
   *
   * @param bytes kept: must not change
   */
  public static PacketProperties of(byte[] bytes) {
    return bytes.length == 0 ? NONE : new PacketProperties(bytes);
  }

  /** Copies properties that {@link PropertyRules} has found right. */
  static PacketProperties copied(ByteBuf in, int start, int end) {
    if (start == end) {
      return NONE;
    }
    var bytes = new byte[end - start];
    in.getBytes(start, bytes);
    return new PacketProperties(bytes);
  }

  /** Copies such properties but for a topic alias that begins between them. */
  static PacketProperties copiedAround(ByteBuf in, int start, int alias, int end) {
    int before = alias - start;
    var bytes = new byte[end - start - PublishHeader.ALIAS_BYTES];
    in.getBytes(start, bytes, 0, before);
    in.getBytes(alias + PublishHeader.ALIAS_BYTES, bytes, before, bytes.length - before);
    return of(bytes);
  }

  /** Starts a section. */
  public static Builder builder() {
    return new Builder();
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Returns the form on the wire, without the length before it; not to be modified. */
  public byte[] bytes() {
    return bytes;
  }

  /** Returns about how many bytes of memory they keep. */
  public int memoryBytes() {
    return bytes.length == 0 ? 0 : OBJECT_BYTES + bytes.length;
  }

  /** Returns where the value of a property begins; -1 if it is not there. */
  public int find(Property property) {
    for (int at = 0; at < bytes.length; at = next(at)) {
      if (bytes[at] == property.identifier()) {
        return at + 1;
      }
    }
    return -1;
  }

  /** Returns where the property behind the one at a place begins. */
  private int next(int at) {
    return end(known(at), at + 1);
  }

  private Property known(int at) {
    Property property = Property.of(bytes[at]);
    if (property == null) {
      throw new IllegalStateException("properties that were not checked");
    }
    return property;
  }

  private int end(Property property, int at) {
    return switch (property.form()) {
      case FLAG -> at + 1;
      case TWO_BYTES, TWO_BYTES_FROM_1 -> at + 2;
      case FOUR_BYTES, FOUR_BYTES_FROM_1 -> at + 4;
      case VARIABLE -> {
        int last = at;
        while (bytes[last] < 0) {
          last++;
        }
        yield last + 1;
      }
      case TEXT, TOPIC, BINARY -> at + 2 + twoBytes(at);
      case TEXT_PAIR -> {
        int value = at + 2 + twoBytes(at);
        yield value + 2 + twoBytes(value);
      }
    };
  }

  private int twoBytes(int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }

  private long fourBytes(int at) {
    return (long) twoBytes(at) << 16 | twoBytes(at + 2);
  }

  /** Returns a number of whichever width, unsigned; {@code otherwise} if it is not there. */
  public long number(Property property, long otherwise) {
    int at = find(property);
    if (at < 0) {
      return otherwise;
    }
    return switch (property.form()) {
      case FLAG -> bytes[at];
      case TWO_BYTES, TWO_BYTES_FROM_1 -> twoBytes(at);
      case FOUR_BYTES, FOUR_BYTES_FROM_1 -> fourBytes(at);
      case VARIABLE -> VariableInt.value(bytes, at);
      default -> throw new IllegalArgumentException(property + " is no number");
    };
  }

  /** Returns a text. */
  public Optional<String> text(Property property) {
    int at = find(property);
    return at < 0 ? Optional.empty() : Optional.of(textAt(at));
  }

  private String textAt(int at) {
    return new String(bytes, at + 2, twoBytes(at), StandardCharsets.UTF_8);
  }

  /** Returns a copy of a value that is bytes, or a text's. */
  public Optional<byte[]> binary(Property property) {
    int at = find(property);
    return at < 0
        ? Optional.empty()
        : Optional.of(Arrays.copyOfRange(bytes, at + 2, at + 2 + twoBytes(at)));
  }

  /** Returns the user properties in their order. */
  public List<UserProperty> userProperties() {
    List<UserProperty> all = List.of();
    for (int at = 0; at < bytes.length; at = next(at)) {
      if (bytes[at] == Property.USER_PROPERTY.identifier()) {
        if (all.isEmpty()) {
          all = new ArrayList<>();
        }
        int value = at + 3 + twoBytes(at + 1);
        all.add(new UserProperty(textAt(at + 1), textAt(value)));
      }
    }
    return all;
  }

  /** Hands over each subscription identifier. */
  public void subscriptionIds(IntConsumer each) {
    for (int at = 0; at < bytes.length; at = next(at)) {
      if (bytes[at] == Property.SUBSCRIPTION_IDENTIFIER.identifier()) {
        each.accept(VariableInt.value(bytes, at + 1));
      }
    }
  }

  /** Returns the same without a property. */
  public PacketProperties without(Property property) {
    int value = find(property);
    if (value < 0) {
      return this;
    }
    int end = end(property, value);
    var rest = new byte[bytes.length - (end - value) - 1];
    System.arraycopy(bytes, 0, rest, 0, value - 1);
    System.arraycopy(bytes, end, rest, value - 1, bytes.length - end);
    return of(rest);
  }

  @Override
  public String toString() {
    return "PacketProperties[" + bytes.length + " bytes]";
  }

  /** Makes a section, one property behind the other. Confined to the calling thread. */
  public static final class Builder {

    private static final int MOST_TEXT = 0xFFFF;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Builder() {}

    /** Adds a number in the width that the property has. */
    public Builder number(Property property, long value) {
      out.write(property.identifier());
      switch (property.form()) {
        case FLAG -> out.write((int) value);
        case TWO_BYTES, TWO_BYTES_FROM_1 -> bytes(value, 2);
        case FOUR_BYTES, FOUR_BYTES_FROM_1 -> bytes(value, 4);
        case VARIABLE -> VariableInt.write(out, (int) value);
        default -> throw new IllegalArgumentException(property + " is no number");
      }
      return this;
    }

    private void bytes(long value, int width) {
      for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
        out.write((int) (value >>> shift));
      }
    }

    /**
     * Adds a text.
     *
     * @throws IllegalArgumentException if it has more than 65,535 bytes
     */
    public Builder text(Property property, String value) {
      return binary(property, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds bytes, or those of a text.
     *
     * @throws IllegalArgumentException if they are more than 65,535
     */
    public Builder binary(Property property, byte[] value) {
      if (property.form() != Form.TEXT
          && property.form() != Form.TOPIC
          && property.form() != Form.BINARY) {
        throw new IllegalArgumentException(property + " is no text");
      }
      out.write(property.identifier());
      withLength(value);
      return this;
    }

    /**
     * Adds a user property.
     *
     * @throws IllegalArgumentException if a part has more than 65,535 bytes
     */
    public Builder user(UserProperty property) {
      out.write(Property.USER_PROPERTY.identifier());
      withLength(property.name().getBytes(StandardCharsets.UTF_8));
      withLength(property.value().getBytes(StandardCharsets.UTF_8));
      return this;
    }

    private void withLength(byte[] value) {
      if (value.length > MOST_TEXT) {
        throw new IllegalArgumentException(value.length + " bytes in a property");
      }
      bytes(value.length, 2);
      out.writeBytes(value);
    }

    /** Returns the section. */
    public PacketProperties build() {
      return of(out.toByteArray());
    }
  }
}

package io.carrick.engine.definitions;

import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.RoutingKey.Origin;
import java.util.Map;

/**
 * A message as bytes, with everything in the form in which it arrived: the properties and the
 * routing key come back as they were. What the broker has noted stands behind that, each note as a
 * field of its own ({@link StoredAnnotations}). Thread-safe.
 */
final class MessageForm {

  private static final int VERSION = 2;

  /** Bytes that a message usually has beside its payload. */
  private static final int HEAD_BYTES = 64;

  private static final byte[] NO_PAYLOAD = {};

  private static final int NO_PROPERTIES = 0;
  private static final int NEUTRAL_PROPERTIES = ObjectForms.ADAPTERS + 1;

  /** What is left of properties whose adapter is not there. */
  private static final MessageProperties UNREADABLE =
      new MessageProperties() {
        @Override
        public boolean persistent() {
          return true;
        }
      };

  private final ObjectForms objects;

  MessageForm(ObjectForms objects) {
    this.objects = objects;
  }

  /** Writes all but the payload. */
  byte[] head(Message message) {
    var out = new RecordWriter(HEAD_BYTES);
    writeHead(message, out);
    return out.toBytes();
  }

  byte[] write(Message message) {
    var out = new RecordWriter(HEAD_BYTES + message.payload().length);
    writeHead(message, out);
    return out.rest(message.payload()).toBytes();
  }

  private void writeHead(Message message, RecordWriter out) {
    RoutingKey key = message.routingKey();
    out.octet(VERSION).number(message.arrivedMs()).text(message.exchange());
    out.flag(key.origin() == Origin.TOPIC).bytes(key.bytes());
    out.text(message.publisher().user()).text(message.publisher().clientId());
    writeProperties(message.origin(), out);
    StoredAnnotations.write(message.annotations(), out);
    out.endOfFields();
  }

  private void writeProperties(MessageProperties properties, RecordWriter out) {
    if (properties.equals(MessageProperties.NONE)) {
      out.octet(NO_PROPERTIES);
    } else if (!objects.writeAdapters(properties, out)) {
      out.octet(NEUTRAL_PROPERTIES);
      StoredProperties.write(properties, out);
    }
  }

  /** Reads a message from what is left of a record. */
  Message read(RecordReader in) {
    Message head = read(in, NO_PAYLOAD);
    return Message.published(
            head.exchange(),
            head.routingKey(),
            head.origin(),
            in.rest(),
            head.publisher(),
            head.arrivedMs())
        .annotated(head.annotations());
  }

  /** Reads what {@link #head} has written. */
  Message read(RecordReader in, byte[] payload) {
    in.version(VERSION);
    long arrivedMs = in.number();
    String exchange = in.text();
    boolean topic = in.flag();
    byte[] key = in.bytes();
    var publisher = new Identity(in.text(), in.text());
    MessageProperties properties = readProperties(in);
    Map<Integer, byte[]> notes = in.fields();
    Message message =
        Message.published(
            exchange,
            topic ? RoutingKey.ofTopic(key) : RoutingKey.ofKey(key),
            properties,
            payload,
            publisher,
            arrivedMs);
    return notes.isEmpty() ? message : message.annotated(StoredAnnotations.read(notes));
  }

  private MessageProperties readProperties(RecordReader in) {
    int form = in.octet();
    return switch (form) {
      case NO_PROPERTIES -> MessageProperties.NONE;
      case ObjectForms.ADAPTERS -> {
        Object read = objects.readAdapters(in).orElse(UNREADABLE);
        yield read instanceof MessageProperties known ? known : UNREADABLE;
      }
      case NEUTRAL_PROPERTIES -> StoredProperties.read(in);
      default -> throw new RecordFormatException("unknown form of properties " + form);
    };
  }
}

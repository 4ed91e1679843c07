package io.carrick.engine.definitions;

import io.carrick.Annotations;
import io.carrick.Death;
import io.carrick.Death.Reason;
import io.carrick.Rejection;
import io.carrick.RoutingKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the broker has noted on a message, each note a field of the message's record with a tag of
 * its own. Fields of later versions are kept and written again. Stateless.
 */
final class StoredAnnotations {

  // Tags are for ever: one that is not used any more is not given to something else.
  private static final int DEATHS = 1;
  private static final int DELIVERY_COUNT = 2;
  private static final int FURTHER_KEYS = 3;
  private static final int WAITED = 4;
  private static final int KEPT = 5;
  private static final int REJECTION = 6;
  private static final int RECEIPT = 8;

  private static final int FIELD_BYTES = 64;

  private StoredAnnotations() {}

  static void write(Annotations notes, RecordWriter out) {
    if (notes.isEmpty()) {
      return;
    }
    if (!notes.deaths().isEmpty()) {
      out.field(DEATHS, deaths(notes));
    }
    if (notes.deliveryCount() != 0) {
      out.field(DELIVERY_COUNT, field().number(notes.deliveryCount()).toBytes());
    }
    if (!notes.furtherKeys().isEmpty()) {
      out.field(FURTHER_KEYS, furtherKeys(notes));
    }
    if (notes.waitedMs() != 0) {
      out.field(WAITED, field().number(notes.waitedMs()).toBytes());
    }
    notes.keptMs().ifPresent(ms -> out.field(KEPT, field().number(ms).toBytes()));
    notes
        .rejection()
        .ifPresent(
            said -> out.field(REJECTION, field().number(said.code()).text(said.text()).toBytes()));
    if (notes.receiptId() != 0) {
      out.field(RECEIPT, field().number(notes.receiptId()).toBytes());
    }
    notes.foreign().forEach(out::field);
  }

  private static RecordWriter field() {
    return new RecordWriter(FIELD_BYTES);
  }

  /** Reads the fields of a record. */
  static Annotations read(Map<Integer, byte[]> fields) {
    Annotations notes = Annotations.NONE;
    for (Map.Entry<Integer, byte[]> field : fields.entrySet()) {
      notes =
          switch (field.getKey()) {
            case DEATHS -> withDeaths(notes, new RecordReader(field.getValue()));
            case DELIVERY_COUNT ->
                notes.withDeliveryCount((int) new RecordReader(field.getValue()).number());
            case FURTHER_KEYS -> withFurtherKeys(notes, new RecordReader(field.getValue()));
            case WAITED -> notes.withWaited(new RecordReader(field.getValue()).number());
            case KEPT -> notes.withKept(new RecordReader(field.getValue()).number());
            case REJECTION -> withRejection(notes, new RecordReader(field.getValue()));
            case RECEIPT -> notes.withReceiptId(new RecordReader(field.getValue()).number());
            default -> notes.withForeign(field.getKey(), field.getValue());
          };
    }
    return notes;
  }

  private static byte[] furtherKeys(Annotations notes) {
    RecordWriter out = field().number(notes.hiddenKeys()).number(notes.furtherKeys().size());
    notes.furtherKeys().forEach(key -> out.bytes(key.keyBytes()));
    return out.toBytes();
  }

  private static Annotations withFurtherKeys(Annotations notes, RecordReader in) {
    int hidden = in.count();
    int count = in.count();
    var keys = new ArrayList<RoutingKey>(count);
    for (int i = 0; i < count; i++) {
      keys.add(RoutingKey.ofKey(in.bytes()));
    }
    return notes.withFurtherKeys(keys, Math.min(hidden, count));
  }

  private static Annotations withRejection(Annotations notes, RecordReader in) {
    return notes.withRejection(new Rejection((int) in.number(), in.text()));
  }

  private static byte[] deaths(Annotations notes) {
    RecordWriter out = field();
    notes.firstDeath().ifPresent(first -> write(first, out));
    notes.lastDeath().ifPresent(last -> write(last, out));
    out.number(notes.deaths().size());
    for (Death death : notes.deaths()) {
      out.bytes(entry(death)); // behind its length, so that it can grow
    }
    return out.toBytes();
  }

  private static Annotations withDeaths(Annotations notes, RecordReader in) {
    Death.Event first = event(in);
    Death.Event last = event(in);
    int count = in.count();
    var entries = new ArrayList<Death>(count);
    for (int i = 0; i < count; i++) {
      entries.add(entry(new RecordReader(in.bytes())));
    }
    if (entries.isEmpty()) {
      throw new RecordFormatException("deaths of which there are none");
    }
    return notes.withDeaths(entries, first, last);
  }

  private static byte[] entry(Death death) {
    RecordWriter out = field();
    write(death.event(), out);
    out.number(death.routingKeys().size());
    death.routingKeys().forEach(out::text);
    out.number(death.count()).value(death.time());
    OptionalLong expiration = death.originalExpirationMs();
    out.flag(expiration.isPresent());
    expiration.ifPresent(out::fixed);
    return out.toBytes();
  }

  private static Death entry(RecordReader in) {
    Death.Event event = event(in);
    int count = in.count();
    List<String> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(in.text());
    }
    long times = in.number();
    Instant time = in.instant();
    OptionalLong expiration = in.flag() ? OptionalLong.of(in.fixed()) : OptionalLong.empty();
    return new Death(event, keys, times, time, expiration);
  }

  private static void write(Death.Event event, RecordWriter out) {
    out.text(event.queue()).text(event.reason().text()).text(event.exchange());
  }

  private static Death.Event event(RecordReader in) {
    return new Death.Event(in.text(), reason(in.text()), in.text());
  }

  private static Reason reason(String text) {
    for (Reason reason : Reason.values()) {
      if (reason.text().equals(text)) {
        return reason;
      }
    }
    throw new RecordFormatException("unknown reason of a death " + text);
  }
}

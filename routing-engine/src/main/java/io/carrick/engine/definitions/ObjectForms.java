package io.carrick.engine.definitions;

import io.carrick.spi.ObjectCodec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes objects of which only an adapter knows what they are, under the adapter's name.
 * Thread-safe.
 */
final class ObjectForms {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private static final int NOTHING = 0;
  private static final int VALUE = 1;

  /** What an adapter's object starts with; greater ones are free for others. */
  static final int ADAPTERS = 2;

  private final Map<String, ObjectCodec> codecs;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  /**
   * Makes the forms of one broker.
   *
   * @param codecs by the name of their adapter
   */
  ObjectForms(Map<String, ObjectCodec> codecs) {
    this.codecs = Map.copyOf(codecs);
  }

  /** Writes an object; one that nobody knows is written as nothing, and reported. */
  void write(@Nullable Object object, RecordWriter out) {
    if (object == null) {
      out.octet(NOTHING);
    } else if (ValueKind.knows(object)) {
      out.octet(VALUE).value(object);
    } else if (!writeAdapters(object, out)) {
      report("objects of " + object.getClass().getName() + " cannot be stored: no adapter's codec");
      out.octet(NOTHING);
    }
  }

  /** Writes an object if it is an adapter's; returns whether it was. */
  boolean writeAdapters(Object object, RecordWriter out) {
    for (var codec : codecs.entrySet()) {
      if (codec.getValue().knows(object)) {
        out.octet(ADAPTERS).text(codec.getKey()).bytes(codec.getValue().encode(object));
        return true;
      }
    }
    return false;
  }

  /** Reads an object; empty if it was nothing or nobody can read it, which is reported. */
  Optional<Object> read(RecordReader in) {
    int form = in.octet();
    return switch (form) {
      case NOTHING -> Optional.empty();
      case VALUE -> Optional.of(in.value());
      case ADAPTERS -> readAdapters(in);
      default -> throw new RecordFormatException("unknown form of object " + form);
    };
  }

  /** Reads what stands behind {@link #ADAPTERS}. */
  Optional<Object> readAdapters(RecordReader in) {
    String adapter = in.text();
    byte[] bytes = in.bytes();
    ObjectCodec codec = codecs.get(adapter);
    if (codec == null) {
      report("the store holds objects of the adapter '" + adapter + "', which is not there");
      return Optional.empty();
    }
    try {
      return Optional.of(codec.decode(bytes));
    } catch (IllegalArgumentException unreadable) {
      report("the adapter '" + adapter + "' cannot read an object: " + unreadable.getMessage());
      return Optional.empty();
    }
  }

  private void report(String what) {
    if (reported.add(what)) {
      log.warn("{}", what);
    }
  }
}

package io.carrick.engine;

import io.carrick.Message;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An adapter without a protocol: it lets tests at the port of a broker. */
final class PortAdapter implements ProtocolAdapter {

  /** Queues everything; the tag names the attachments of the bindings that matched. */
  static final Admission ADMISSION =
      (message, attachments, count) ->
          new Verdict(Kind.ENQUEUE, "by " + Arrays.toString(Arrays.copyOf(attachments, count)));

  /** Queues everything for several clients, whose ids start with the session's name. */
  static final Admission SHARED =
      new Admission() {
        @Override
        public Verdict admit(Message message, @Nullable Object[] attachments, int count) {
          return new Verdict(Kind.ENQUEUE, null);
        }

        @Override
        public boolean admits(String session, String clientId) {
          return clientId.startsWith(session);
        }
      };

  /** The sessions that have ended, and why. */
  final List<String> ended = new ArrayList<>();

  private @Nullable AdapterContext adapters;

  AdapterContext adapters() {
    return java.util.Objects.requireNonNull(adapters);
  }

  @Override
  public String name() {
    return "port";
  }

  @Override
  public Optional<ObjectCodec> objectCodec() {
    return Optional.of(
        new ObjectCodec() {
          @Override
          public boolean knows(Object object) {
            return object == ADMISSION || object == SHARED;
          }

          @Override
          public byte[] encode(Object object) {
            return new byte[object == SHARED ? 1 : 0];
          }

          @Override
          public Object decode(byte[] bytes) {
            return bytes.length == 0 ? ADMISSION : SHARED;
          }
        });
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext context) {
    adapters = context;
    context.whenSessionEnds((virtualHost, session, why) -> ended.add(session + " " + why));
    return List.of();
  }
}

package io.carrick.engine;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.Part;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.spi.Sharing;
import io.carrick.spi.Sharing.Share;
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

  /** Several sessions share it; what a member has attached is the guarantee that it gets. */
  static final Sharing SHARING =
      new Sharing() {
        @Override
        public Verdict admit(Message message, @Nullable Object[] attachments, int count) {
          return new Verdict(Kind.ENQUEUE, null);
        }

        @Override
        public Share share(Message message, @Nullable Object attachment) {
          return new Share(
              Guarantee.ofQos(attachment instanceof Integer qos ? qos : 1), "q" + attachment);
        }
      };

  /** What a session joins an ordinary queue with: the guarantee that it gets. */
  record PortPart(int qos) implements Part {
    @Override
    public Share share(Message message) {
      return SHARING.share(message, qos);
    }
  }

  private static final List<Admission> STORED = List.of(ADMISSION, SHARED, SHARING);

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
            return object instanceof PortPart
                || (object instanceof Admission known && STORED.contains(known));
          }

          @Override
          public byte[] encode(Object object) {
            return object instanceof PortPart part
                ? new byte[STORED.size() + part.qos()]
                : new byte[STORED.indexOf(object)];
          }

          @Override
          public Object decode(byte[] bytes) {
            return bytes.length < STORED.size()
                ? STORED.get(bytes.length)
                : new PortPart(bytes.length - STORED.size());
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

package io.carrick.benchmarks.journal;

import io.carrick.Broker;
import io.carrick.StreamOffset;
import io.carrick.spi.StreamRead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fills a stream of a broker, and reads all of it from the first offset. */
@Command(
    name = "stream",
    description = "Fill a stream of a broker, start the broker again, read from the first offset.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class StreamLoad implements Callable<Integer> {

  @Option(names = "--messages", description = "How many.")
  private long messages = 10_000_000;

  @Option(names = "--bytes", description = "Payload bytes of each, 8 or more.")
  private int bytes = 100;

  @Option(names = "--outstanding", description = "How many are published and not yet confirmed.")
  private int outstanding = 5_000;

  @Option(names = "--readers", description = "How many read at a time.")
  private int readers = 1;

  @Mixin private OwnBroker own = new OwnBroker();

  @Option(names = "--halt", description = "End after filling as a kill would, without closing.")
  private boolean halt;

  @Option(names = "--no-fill", description = "Take what an earlier run has left.")
  private boolean alreadyFilled;

  @Override
  public Integer call() {
    Broker broker = own.start();
    if (!alreadyFilled) {
      var meter = new Meter();
      Map<String, Object> stream = Map.of("x-queue-type", "stream");
      Filling filling =
          own.port()
              .attach(loop -> new Filling(1, stream, bytes, messages, outstanding), Filling::start);
      meter.print("filled", filling.done().join());
      if (halt) {
        Runtime.getRuntime().halt(0);
      }
      if (own.outlived()) {
        broker.close();
        broker = own.start();
      }
    }
    var meter = new Meter();
    var all = new ArrayList<Emptying>();
    for (int i = 0; i < readers; i++) {
      var first = new StreamRead(StreamOffset.first(), null);
      all.add(own.port().attach(loop -> new Emptying(1, messages, first), Emptying::start));
    }
    long read = 0;
    for (Emptying reader : List.copyOf(all)) {
      read += reader.done().join();
    }
    meter.print("read", read);
    broker.close();
    return 0;
  }
}

package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker on a journal is killed at random moments, while MQTT and AMQP clients publish, consume,
 * subscribe and declare, and started again on the same directory. A kill proves recovery; that data
 * reaches the disk itself is for the journal's own tests.
 *
 * <p>Once through takes half a minute. {@code -Dcarrick.crash.runs=20} makes it longer, {@code
 * -Dcarrick.crash.seed=7} repeats a seed, though not the moment at which a process was when it was
 * killed.
 */
class CrashedBrokerTest {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.crash");

  private static final int RUNS = Integer.getInteger("carrick.crash.runs", 1);

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS) // as many runs as were asked for
  @DisplayName(
      "a broker that is killed has everything acknowledged, in order, and nothing of QoS 2 twice"
          + " [MQTT-4.1.0-1] [MQTT-4.3.3-1] [MQTT-4.4.0-1]")
  void whateverWasAcknowledgedOutlivesKills(@TempDir Path directory) throws Exception {
    long first = Long.getLong("carrick.crash.seed", new Random().nextInt(1_000_000));
    for (long seed = first; seed < first + RUNS; seed++) {
      log.info("seed {}", seed);
      var run = new CrashRun(directory.resolve(Long.toString(seed)), seed);
      assertThat(run.complaints()).as("seed %d: %s", seed, run).isEmpty();
      log.info("{}", run);
    }
  }
}

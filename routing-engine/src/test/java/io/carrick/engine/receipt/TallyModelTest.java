package io.carrick.engine.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ReceiptReport.Counts;
import io.carrick.ReceiptReport.Entry;
import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** A receipt's arithmetic against what one would count by hand, for any order of events. */
class TallyModelTest {

  private static final Outcome[] OUTCOMES = {
    Outcome.ACKNOWLEDGED, Outcome.REJECTED, Outcome.EXPIRED, Outcome.DROPPED
  };

  /** By queue: what became of its copy first; null as long as nothing has. */
  private final Map<String, Optional<Outcome>> model = new TreeMap<>();

  @Property(tries = 2_000)
  void theAnswerIsWhatOneWouldCountByHand(@ForAll long seed) {
    model.clear();
    var random = new Random(seed);
    int wanted = random.nextInt(4);
    int most = random.nextInt(4);
    var tally = new Tally(wanted, most);
    int waiting = 0;
    Result first = null;
    for (int step = 0; step < 30; step++) {
      String queue = "q" + random.nextInt(6);
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          tally.expect(queue);
          model.putIfAbsent(queue, Optional.empty());
        }
        case 2 -> {
          tally.leaveOut(queue);
          model.remove(queue, Optional.empty());
        }
        case 3 -> {
          tally.waits();
          waiting++;
        }
        case 4 -> {
          tally.released();
          waiting = Math.max(0, waiting - 1);
        }
        default -> {
          Outcome outcome = OUTCOMES[random.nextInt(OUTCOMES.length)];
          tally.became(new Entry(queue, outcome, "", Optional.empty()));
          if (model.getOrDefault(queue, Optional.empty()).isEmpty()) {
            model.put(queue, Optional.of(outcome));
          }
        }
      }
      check(tally, wanted, waiting, most);
      first = tally.result() == Result.FULFILLED && wanted > 0 ? Result.FULFILLED : first;
      if (first != null) {
        assertThat(tally.result()).as("once fulfilled, for ever").isEqualTo(first);
      }
    }
    tally.timeOut();
    model.replaceAll((queue, outcome) -> outcome.or(() -> Optional.of(Outcome.TIMED_OUT)));
    check(tally, wanted, waiting, most);
  }

  private void check(Tally tally, int wanted, int waiting, int most) {
    assertThat(tally.counts())
        .isEqualTo(
            new Counts(
                model.size(),
                count(Outcome.ACKNOWLEDGED),
                count(Outcome.REJECTED),
                count(Outcome.EXPIRED),
                count(Outcome.DROPPED),
                count(Outcome.TIMED_OUT)));
    assertThat(tally.result()).isEqualTo(result(wanted, waiting));
    int settled = (int) model.values().stream().filter(Optional::isPresent).count();
    assertThat(tally.entries()).hasSize(Math.min(most, settled));
    List<Entry> entries = new ArrayList<>(tally.entries());
    entries.forEach(e -> assertThat(model.get(e.queue())).contains(e.outcome()));
    assertThat(tally.open()).hasSize(model.size() - settled);
  }

  private int count(Outcome outcome) {
    return (int) model.values().stream().filter(o -> o.equals(Optional.of(outcome))).count();
  }

  private @Nullable Result result(int wanted, int waiting) {
    int open = (int) model.values().stream().filter(Optional::isEmpty).count();
    int acknowledged = count(Outcome.ACKNOWLEDGED);
    boolean all = wanted == 0;
    if (all ? false : acknowledged >= wanted) {
      return Result.FULFILLED;
    }
    if (waiting > 0) {
      return null;
    }
    if (model.isEmpty()) {
      return Result.UNROUTABLE;
    }
    if (all) {
      return open > 0 ? null : acknowledged == model.size() ? Result.FULFILLED : Result.FAILED;
    }
    return acknowledged + open < wanted ? Result.FAILED : null;
  }
}

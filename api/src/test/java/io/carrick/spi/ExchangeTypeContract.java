package io.carrick.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.NotFoundException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType.DelayingTable;
import io.carrick.spi.ExchangeType.RememberingTable;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every exchange type must do. Extend it, name the type and a binding with a message that it
 * matches, and inherit the tests.
 */
public abstract class ExchangeTypeContract {

  private static final String EXCHANGE = "exchange";

  /** Returns the type under test. */
  protected abstract ExchangeType type();

  /** Returns the arguments to make a table with. */
  protected Map<String, Object> tableArguments() {
    return Map.of();
  }

  /**
   * Makes a table of another type that the broker has, for a type that is a way to use others; by
   * default there is none.
   */
  protected RoutingTable otherTable(String type, Map<String, Object> arguments) {
    throw new NotFoundException("unknown exchange type '" + type + "'");
  }

  /** Returns a binding key that matches {@link #routingKey()} and {@link #properties()}. */
  protected abstract RoutingKey matchingKey();

  /** Returns the binding arguments that go with {@link #matchingKey()}. */
  protected Map<String, Object> bindingArguments() {
    return Map.of();
  }

  /** Returns the routing key of the message that matches. */
  protected abstract RoutingKey routingKey();

  /** Returns the properties of the message that matches. */
  protected MessageProperties properties() {
    return MessageProperties.NONE;
  }

  /** Returns whether a message goes to every binding that matches, rather than to one of them. */
  protected boolean routesToAll() {
    return true;
  }

  private RoutingTable newTable() {
    return type().newTable(tableArguments(), this::otherTable);
  }

  private Binding binding(String queue, Object attachment) {
    return new Binding(
        EXCHANGE, Binding.Target.QUEUE, queue, matchingKey(), bindingArguments(), attachment);
  }

  private List<Binding> route(RoutingTable table) {
    List<Binding> matched = new ArrayList<>();
    table.route(routingKey(), message(), matched::add);
    return matched;
  }

  private Message message() {
    return Message.published(
        EXCHANGE, routingKey(), properties(), new byte[0], Identity.ANONYMOUS, 0);
  }

  @Test
  void hasAName() {
    assertThat(type().name()).isNotEmpty();
  }

  @Test
  void aMessageThatNamesNoDelayDoesNotWaitAndAlwaysWaitsAsLong() {
    if (newTable() instanceof DelayingTable table) {
      assertThat(table.delayMs(message()))
          .isLessThanOrEqualTo(0)
          .isEqualTo(table.delayMs(message()));
    }
  }

  @Test
  void aBindingThatIsToldWhatWasRememberedMatchesAsAnyOther() {
    if (newTable() instanceof RememberingTable table) {
      route(table);
      assertThat(table.addAndRecall(binding("q", "first"))).isNotEmpty();
      assertThat(route(table)).containsExactly(binding("q", "first"));
      table.remove(binding("q", "first"));
      assertThat(route(table)).isEmpty();
      assertThat(table.heldBytes()).isPositive();
    }
  }

  @Test
  void whatWasRememberedAndWhatIsRoutedAreAllMessagesEachOnce() throws InterruptedException {
    if (!(newTable() instanceof RememberingTable table)) {
      return;
    }
    int messages = 5_000;
    var got = new ConcurrentHashMap<String, AtomicInteger>();
    var publisher =
        new Thread(
            () -> {
              for (int i = 0; i < messages; i++) {
                String number = Integer.toString(i);
                table.route(
                    routingKey(),
                    numbered(i),
                    b ->
                        got.computeIfAbsent(
                                b.destination() + ":" + number, n -> new AtomicInteger())
                            .incrementAndGet());
              }
            });
    publisher.start();
    var bound = new ArrayList<Binding>();
    while (publisher.isAlive() && bound.size() < 50) {
      Binding binding = binding("q" + bound.size(), "a");
      bound.add(binding);
      for (Message recalled : table.addAndRecall(binding)) {
        got.computeIfAbsent(binding.destination() + ":" + recalled.text(), n -> new AtomicInteger())
            .incrementAndGet();
      }
      table.remove(bound.get(bound.size() / 2));
    }
    publisher.join();
    assertThat(got.values()).allSatisfy(times -> assertThat(times).hasValue(1));
    Binding last = bound.get(bound.size() - 1);
    List<Integer> ofLast =
        got.keySet().stream()
            .filter(n -> n.startsWith(last.destination() + ":"))
            .map(n -> Integer.parseInt(n.substring(n.indexOf(':') + 1)))
            .sorted()
            .toList();
    for (int i = 1; i < ofLast.size(); i++) {
      assertThat(ofLast.get(i)).isEqualTo(ofLast.get(i - 1) + 1);
    }
  }

  private Message numbered(int number) {
    return Message.published(
        EXCHANGE,
        routingKey(),
        properties(),
        Integer.toString(number).getBytes(StandardCharsets.UTF_8),
        Identity.ANONYMOUS,
        0);
  }

  @Test
  void anEmptyTableMatchesNothing() {
    assertThat(route(newTable())).isEmpty();
  }

  @Test
  void aBindingMatchesOnce() {
    RoutingTable table = newTable();
    table.add(binding("q", "first"));
    assertThat(route(table)).containsExactly(binding("q", "first"));
  }

  @Test
  void addingAnEqualBindingReplacesItsAttachment() {
    RoutingTable table = newTable();
    table.add(binding("other", "other"));
    table.remove(binding("other", "other"));
    table.add(binding("q", "first"));
    table.add(binding("q", "second"));
    List<Binding> matched = route(table);
    assertThat(matched).hasSize(1);
    assertThat(matched.get(0).attachment()).isEqualTo("second");
  }

  @Test
  void everyBindingMatchesOnceHoweverManyThereAre() {
    RoutingTable table = newTable();
    List<Binding> added = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Binding binding = binding("q" + i, "a");
      added.add(binding);
      table.add(binding);
      table.add(binding);
    }
    if (routesToAll()) {
      assertThat(route(table)).containsExactlyInAnyOrderElementsOf(added);
    } else {
      assertThat(route(table)).hasSize(1).isSubsetOf(added);
    }
  }

  @Test
  void aRemovedBindingMatchesNoMore() {
    RoutingTable table = newTable();
    for (int i = 0; i < 100; i++) {
      table.add(binding("q" + i, "a"));
    }
    for (int i = 0; i < 99; i++) {
      table.remove(binding("q" + i, "another attachment"));
      assertThat(route(table)).isNotEmpty().doesNotContain(binding("q" + i, "a"));
    }
    assertThat(route(table)).containsExactly(binding("q99", "a"));
    table.remove(binding("q99", "a"));
    assertThat(route(table)).isEmpty();
  }

  @Test
  void removingWhatIsNotThereChangesNothing() {
    RoutingTable table = newTable();
    table.remove(binding("q", "a"));
    table.add(binding("q", "a"));
    table.remove(binding("another", "a"));
    assertThat(route(table)).containsExactly(binding("q", "a"));
  }

  @Test
  void tablesOfOneTypeDoNotMeet() {
    RoutingTable table = newTable();
    RoutingTable another = newTable();
    table.add(binding("q", "a"));
    assertThat(route(another)).isEmpty();
  }

  @Test
  void routingGoesOnWhileBindingsChange() {
    RoutingTable table = newTable();
    Binding lasting = binding("lasting", "a");
    table.add(lasting);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger routed = new AtomicInteger();
    CompletableFuture<Void> reader =
        CompletableFuture.runAsync(
            () -> {
              while (!done.get()) {
                List<Binding> matched = route(table);
                if (routesToAll()) {
                  assertThat(matched).contains(lasting);
                } else {
                  assertThat(matched).hasSize(1);
                }
                routed.incrementAndGet();
              }
            });
    for (int round = 0; round < 50 || (routed.get() < 50 && !reader.isDone()); round++) {
      for (int i = 0; i < 200; i++) {
        table.add(binding("q" + i, round));
      }
      for (int i = 0; i < 200; i++) {
        table.remove(binding("q" + i, round));
      }
    }
    done.set(true);
    reader.join(); // fails as it has failed
    assertThat(route(table)).containsExactly(lasting);
  }
}

package io.carrick.testing;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.LocalPeer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A broker for the tests of a class: registered in a static field it lives as long as the class, in
 * an instance field as long as one test.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());
 * }</pre>
 *
 * <p>Time stands still in such a broker until a test calls {@link #advance}, which moves every
 * timer in it: keep-alive, expiry, delays. {@link #realTime()} lets it pass by itself. What a test
 * opens here, clients and probes, is closed when the test ends.
 *
 * <p>Confined to the test's thread; the broker itself is thread-safe.
 */
public final class BrokerExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

  private final EmbeddedBroker.Builder description;
  private TimeMode mode = TimeMode.STANDING;
  private @Nullable Running running;
  private int openContexts;

  private BrokerExtension(EmbeddedBroker.Builder description) {
    this.description = description;
  }

  /**
   * A broker with those protocols; none are needed to test inside this JVM.
   *
   * @param adapters on any port, so that two test runs never meet: {@code Mqtt.onAnyPort()}
   */
  public static BrokerExtension with(ProtocolAdapter... adapters) {
    EmbeddedBroker.Builder builder = EmbeddedBroker.builder();
    for (ProtocolAdapter adapter : adapters) {
      builder.adapter(adapter);
    }
    return new BrokerExtension(builder);
  }

  /** A broker as the builder describes it; its loops are chosen here unless in real time. */
  public static BrokerExtension of(EmbeddedBroker.Builder builder) {
    return new BrokerExtension(builder);
  }

  /** Lets time pass by itself. */
  public BrokerExtension realTime() {
    mode = TimeMode.REAL;
    return this;
  }

  /**
   * Lets the test's own thread run the whole broker, over connections inside this JVM: nothing
   * happens but in calls of the test, so each run is like the other. Real clients cannot connect,
   * {@link #peer} can; a stage of the broker is waited for with {@link #await}.
   */
  public BrokerExtension inTestThread() {
    mode = TimeMode.IN_TEST_THREAD;
    return this;
  }

  // ---- what a test uses

  /**
   * Closes the broker with all that was opened here, and starts it again as it was described: over
   * a store that outlives it, it is as before. In virtual time the clock starts again, too.
   */
  public void restart() {
    running().close();
    running = Running.start(description, mode);
    for (int context = 1; context < openContexts; context++) {
      running.openScope();
    }
  }

  /**
   * Returns the running broker.
   *
   * @throws IllegalStateException outside of a test
   */
  public Broker broker() {
    return running().broker;
  }

  /** Returns the address that an adapter really bound, {@code "mqtt"} or {@code "amqp"}. */
  public InetSocketAddress address(String adapter) {
    return broker().address(adapter);
  }

  /**
   * Returns a URL of an adapter in this machine's words: {@code tcp}, {@code mqtt}, {@code amqp}.
   */
  public String url(String scheme, String adapter) {
    InetSocketAddress address = address(adapter);
    return scheme + "://" + address.getHostString() + ":" + address.getPort();
  }

  /** Returns the test's client, the same one each time; it is closed when the test ends. */
  public Client client() {
    return running().client();
  }

  /** Starts to collect what a source delivers; the probe is closed when the test ends. */
  public MessageProbe probe(Source source) {
    return running().probe(source);
  }

  /**
   * Opens a connection inside this JVM to an adapter, for tests that send bytes.
   *
   * @throws IllegalStateException unless {@link #inTestThread()}
   */
  public LocalPeer peer(String adapter) {
    return running().peer(address(adapter));
  }

  /**
   * Moves time, runs every timer that becomes due, and returns when every mailbox is empty. Bytes
   * that are inside the kernel are not waited for.
   *
   * @throws IllegalStateException in real time
   */
  public void advance(Duration by) {
    running().time.advance(by);
  }

  /**
   * Returns when every mailbox is empty and no timer is due.
   *
   * @throws IllegalStateException in real time
   */
  public void settle() {
    running().time.settle();
  }

  /**
   * Returns the broker's wall time, which begins with the year 2026.
   *
   * @throws IllegalStateException in real time
   */
  public Instant now() {
    return running().time.now();
  }

  /**
   * Waits for what the broker has promised, and lets it work for that where it needs this thread.
   *
   * @return the result
   * @throws org.opentest4j.AssertionFailedError when it does not come within ten seconds
   * @throws java.util.concurrent.CompletionException when it failed
   */
  public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
    return Waiting.forResult(running().time, stage.toCompletableFuture());
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException(
          "the broker runs during tests only, and only when the field has @RegisterExtension");
    }
    return now;
  }

  // ---- what JUnit calls

  /** Starts the broker of a class. */
  @Override
  public void beforeAll(ExtensionContext context) {
    open();
  }

  /** Starts the broker of a test, unless the class has one. */
  @Override
  public void beforeEach(ExtensionContext context) {
    open();
  }

  /** Closes what the test has opened, and the broker unless the class has it. */
  @Override
  public void afterEach(ExtensionContext context) {
    close();
  }

  /** Closes the broker of a class. */
  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  /** Contexts nest: class, nested class, test. The outermost one starts the broker. */
  private void open() {
    openContexts++;
    if (running == null) {
      running = Running.start(description, mode);
    } else {
      running.openScope();
    }
  }

  private void close() {
    openContexts--;
    Running now = running();
    if (openContexts == 0) {
      running = null;
      now.close();
    } else {
      now.closeScope();
    }
  }
}

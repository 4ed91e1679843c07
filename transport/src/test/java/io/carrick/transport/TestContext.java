package io.carrick.transport;

import io.carrick.Endpoint;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Metrics;
import io.carrick.RoutingKey;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.Counters;
import io.carrick.spi.Credentials;
import io.carrick.spi.HeldBytes;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.SessionListener;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** A broker as an endpoint sees it, without an engine. Thread-safe. */
final class TestContext implements AdapterContext, AutoCloseable {

  private final LoopGroup loops;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Executor workers = threads;
  private volatile Limits limits = Limits.defaults();

  TestContext(LoopGroup.Factory loops) {
    this.loops = loops.start("test");
  }

  TestContext with(Limit limit, long value) {
    limits = limits.with(limit, value);
    return this;
  }

  TestContext workingIn(Executor others) {
    workers = others;
    return this;
  }

  long count(String counter) {
    LongAdder count = counts.get(counter);
    return count == null ? 0 : count.sum();
  }

  TransportEndpoint bind(ConnectionHandler.Factory handlers) throws IOException {
    return bind(Endpoint.onAnyPort(), handlers);
  }

  TransportEndpoint bind(Endpoint where, ConnectionHandler.Factory handlers) throws IOException {
    return TransportEndpoint.bind("test", where, this, handlers);
  }

  @Override
  public LoopGroup loops() {
    return loops;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public Counters counters() {
    return name -> counts.computeIfAbsent(name, n -> new LongAdder())::add;
  }

  @Override
  public Metrics metrics() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(Loop loop, String virtualHost, Message message) {
    throw new UnsupportedOperationException();
  }

  @Override
  public HeldBytes held(Loop loop) {
    return (kind, bytes) ->
        counts.computeIfAbsent("held." + kind.text(), n -> new LongAdder()).add(bytes);
  }

  @Override
  public Executor workers() {
    return workers;
  }

  @Override
  public void reserve(String virtualHost, String exchange, Predicate<RoutingKey> reserved) {
    throw new UnsupportedOperationException("nobody publishes here");
  }

  @Override
  public void authenticate(Loop loop, Credentials credentials, Completion<Identity> done) {
    throw new UnsupportedOperationException("nobody to log in");
  }

  @Override
  public void whenSessionEnds(SessionListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void attach(
      Loop loop, AttachRequest request, AttachmentListener listener, Completion<Attachment> done) {
    throw new UnsupportedOperationException("nothing to attach to");
  }

  @Override
  public void attach(
      Loop loop,
      Identity identity,
      AttachRequest request,
      AttachmentListener listener,
      Completion<Attachment> done) {
    throw new UnsupportedOperationException("nothing to attach to");
  }

  @Override
  public void close() {
    threads.shutdownNow();
    loops.close();
  }
}

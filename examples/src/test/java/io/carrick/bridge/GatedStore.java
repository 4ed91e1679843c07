package io.carrick.bridge;

import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.MessageStore.State;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands before a store in memory and decides what becomes durable, and whether there is room.
 * Guarded by {@code this}.
 */
final class GatedStore {

  private final List<Wake> waiting = new ArrayList<>();
  private State state = State.OPEN;
  private boolean shut;
  private long durable;
  private int appended;

  /** Who waits for a sequence. */
  private record Wake(long sequence, Runnable wake) {}

  /** Returns what a broker opens. */
  MessageStore.Factory factory() {
    return context -> {
      MessageStore memory = MessageStore.inMemory().open(context);
      return around(MessageStore.class, (proxy, method, args) -> store(memory, method, args));
    };
  }

  private static <T> T around(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(GatedStore.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private Object store(MessageStore memory, Method method, Object[] args) throws Throwable {
    return switch (method.getName()) {
      case "durableSequence" -> durableSequence(memory);
      case "state" -> state();
      case "wakeWhenDurable" -> {
        wakeWhenDurable((long) args[0], (Runnable) args[1]);
        yield null;
      }
      case "appender" -> {
        Appender real = memory.appender();
        yield around(Appender.class, (proxy, m, a) -> append(real, m, a));
      }
      default -> pass(memory, method, args);
    };
  }

  private Object append(Appender real, Method method, Object[] args) throws Throwable {
    if (method.getName().equals("append")) {
      synchronized (this) {
        appended++;
      }
    }
    return pass(real, method, args);
  }

  private static Object pass(Object target, Method method, Object[] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  private synchronized long durableSequence(MessageStore memory) {

    if (!shut) {
      durable = memory.durableSequence();
    }
    return durable;
  }

  private synchronized State state() {
    return state;
  }

  private void wakeWhenDurable(long sequence, Runnable wake) {
    synchronized (this) {
      if (shut && state != State.FAILED && sequence > durable) {
        waiting.add(new Wake(sequence, wake));
        return;
      }
    }
    wake.run();
  }

  /** From now on nothing more becomes durable. */
  synchronized void shut() {
    shut = true;
  }

  /** Everything is durable at once again. */
  void open() {
    List<Wake> ready;
    synchronized (this) {
      shut = false;
      ready = takeWaiting();
    }
    ready.forEach(w -> w.wake.run());
  }

  /** The store breaks: what is not durable now will never be. */
  void fail() {
    List<Wake> ready;
    synchronized (this) {
      shut = true;
      state = State.FAILED;
      ready = takeWaiting();
    }
    ready.forEach(w -> w.wake.run());
  }

  private List<Wake> takeWaiting() {
    List<Wake> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }

  /** The store has no room from now on, or has again. */
  synchronized void full(boolean now) {
    state = now ? State.FULL : State.OPEN;
  }

  /** Returns how many messages were to be stored. */
  synchronized int appended() {
    return appended;
  }
}

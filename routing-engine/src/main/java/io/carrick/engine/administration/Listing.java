package io.carrick.engine.administration;

import io.carrick.Page;
import io.carrick.engine.delivery.LoopContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Makes one page: chooses some candidates, has them read in their loops, and goes on until the page
 * is full. No step of it, in whatever loop, is more than {@link #STEP} things. Confined to the loop
 * that lists, except {@link Visit}.
 */
final class Listing<C, T> {

  /** A few hundred, as for everything that goes on later. */
  private static final int STEP = 256;

  /** How many candidates are read at a time. */
  private static final int CHUNK = 128;

  private final LoopContext here;
  private final Iterator<Candidate<C>> candidates;
  private final NameFilter filter;
  private final Reader<C, T> reader;
  private final int limit;
  private final CompletableFuture<Page<T>> page;
  private final List<T> items = new ArrayList<>();
  private List<Part> chunk = new ArrayList<>();
  private Position start = Position.START;
  private int unread;

  /** A candidate and what was read of it. Filled in the candidate's loop. */
  private final class Part {
    private final Candidate<C> candidate;
    private final int from;
    private final List<T> found = new ArrayList<>(1);
    private int next;

    Part(Candidate<C> candidate, int from) {
      this.candidate = candidate;
      this.from = from;
      this.next = from;
    }
  }

  /** What is to be listed, in order. */
  record Order<C>(Iterator<Candidate<C>> candidates, NameFilter filter, int limit) {}

  Listing(LoopContext here, Order<C> order, Reader<C, T> reader, CompletableFuture<Page<T>> page) {
    this.here = here;
    this.candidates = order.candidates();
    this.filter = order.filter();
    this.limit = order.limit();
    this.reader = reader;
    this.page = page;
  }

  /**
   * Begins; the page comes later.
   *
   * @param from where
   */
  void begin(Position from) {
    start = from;
    safely(this::choose);
  }

  private void choose() {
    int work = 0;
    while (chunk.size() < CHUNK && candidates.hasNext()) {
      if (work >= STEP) {
        here.loop().continueLater(() -> safely(this::choose));
        return;
      }
      Candidate<C> next = candidates.next();
      if (filter.accepts(next.name())) {
        boolean begun = next.position(start.offset()).equals(start);
        chunk.add(new Part(next, begun ? Math.max(0, start.offset()) : 0));
      }
      work += filter.work();
      here.loop().worked(filter.work());
    }
    if (chunk.isEmpty()) {
      page.complete(new Page<>(items, Optional.empty()));
    } else {
      read();
    }
  }

  private void read() {
    Map<LoopContext, List<Part>> byHome = new LinkedHashMap<>();
    for (Part part : chunk) {
      byHome.computeIfAbsent(part.candidate.home(), home -> new ArrayList<>()).add(part);
    }
    int wanted = limit - items.size();
    unread = byHome.size();
    byHome.forEach((home, parts) -> here.tell(home, new Visit(home, parts, wanted)));
  }

  private void visited() {
    if (--unread == 0) {
      safely(this::collect);
    }
  }

  private void collect() {
    for (Part part : chunk) {
      int taken = Math.min(part.found.size(), limit - items.size());
      items.addAll(part.found.subList(0, taken));
      boolean rest = taken < part.found.size() || part.next != Reader.ALL;
      if (items.size() == limit || rest) {
        finish(part, taken, rest);
        return;
      }
    }
    chunk = new ArrayList<>();
    here.loop().continueLater(() -> safely(this::choose));
  }

  private void finish(Part last, int taken, boolean rest) {
    Optional<Position> next;
    if (taken < last.found.size()) {
      next = Optional.of(last.candidate.position(last.from + taken));
    } else if (rest) {
      next = Optional.of(last.candidate.position(last.next));
    } else if (candidates.hasNext() || chunk.get(chunk.size() - 1) != last) {
      next = Optional.of(last.candidate.position(Position.BEHIND));
    } else {
      next = Optional.empty();
    }
    page.complete(new Page<>(items, next.map(Position::text)));
  }

  private void safely(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      page.completeExceptionally(e);
    }
  }

  /** Reads candidates of one loop, in order and in that loop. */
  private final class Visit implements Runnable {

    private final LoopContext home;
    private final Collection<Part> parts;
    private final Iterator<Part> rest;
    private int wanted;
    private Optional<Part> current = Optional.empty();

    Visit(LoopContext home, Collection<Part> parts, int wanted) {
      this.home = home;
      this.parts = parts;
      this.rest = this.parts.iterator();
      this.wanted = wanted;
    }

    @Override
    public void run() {
      try {
        if (readSome()) {
          home.tell(here, Listing.this::visited);
        } else {
          home.loop().continueLater(this);
        }
      } catch (RuntimeException e) {
        page.completeExceptionally(e);
      }
    }

    /** Returns whether nothing more is to be read. */
    private boolean readSome() {
      int work = 0;
      while (wanted > 0 && (current.isPresent() || rest.hasNext())) {
        if (work >= STEP) {
          return false;
        }
        Part part = current.orElseGet(rest::next);
        int from = part.next;
        int before = part.found.size();
        int most = Math.min(STEP - work, wanted);
        part.next = reader.read(part.candidate.thing(), from, most, part.found::add);
        current = part.next == Reader.ALL ? Optional.empty() : Optional.of(part);
        int shown = part.found.size() - before;
        int done = 1 + (part.next == from ? most : Math.max(shown, part.next - from));
        wanted -= shown;
        work += done;
        home.loop().worked(done);
      }
      return true;
    }
  }
}

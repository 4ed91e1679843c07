package io.carrick.transport;

import io.carrick.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;

/**
 * What the connections of an endpoint with TLS share: the certificates in force. Thread-safe;
 * reading files is guarded by its own monitor.
 */
final class TlsEndpoint {

  private final Tls description;
  private final String name;
  private final Logger log;
  private final Executor workers;
  private final Executor handshakeWork;
  private final LongSupplier wallTimeMs;
  private volatile TlsContexts contexts;

  /** The files as they were when they were last read with success. */
  private List<Stamp> seen;

  /** The files as they were when it was last said that they cannot be used. */
  private List<Stamp> refused = List.of();

  /** When a file was last written, and how large it is. Immutable. */
  private record Stamp(Path file, FileTime modified, long bytes) {}

  /**
   * Reads the files. Blocks.
   *
   * @throws IOException when they cannot be used, with a message fit for a user
   */
  TlsEndpoint(Tls description, String name, Executor workers, Logger log, LongSupplier wallTimeMs)
      throws IOException {
    this.description = description;
    this.name = name;
    this.log = log;
    this.workers = workers;
    this.handshakeWork =
        new WorkShare(workers, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    this.seen = stamps();
    this.wallTimeMs = wallTimeMs;
    this.contexts = TlsFiles.read(description, wallTimeMs.getAsLong());
  }

  // ---- certificates

  /** Returns what a new connection begins its handshake with. */
  TlsContexts contexts() {
    return contexts;
  }

  /** Reads the files again; if they cannot be used, those that were read before stay. Blocks. */
  synchronized void reload() throws IOException {
    List<Stamp> now = stamps(); // before: what changes meanwhile is read the next time
    contexts = TlsFiles.read(description, wallTimeMs.getAsLong());
    seen = now;
    log.info("{}: new certificates are in force", name);
  }

  /** Reads the files again if they have changed since they were read. Blocks. */
  synchronized void reloadIfChanged() {
    List<Stamp> now = stamps();
    if (now.equals(seen)) {
      return;
    }
    try {
      reload();
    } catch (IOException | RuntimeException e) {
      // Tried again each time: that a file may be read now does not change how it looks.
      if (!now.equals(refused)) {
        refused = now;
        log.warn("{}: the old certificates stay in force: {}", name, e.toString());
      }
    }
  }

  private List<Stamp> stamps() {
    var stamps = new ArrayList<Stamp>();
    Stream.concat(Stream.of(description.keys()), description.more().stream())
        .flatMap(keys -> keys.files().stream())
        .forEach(file -> stamps.add(stamp(file)));
    description.trusted().ifPresent(file -> stamps.add(stamp(file)));
    return stamps;
  }

  private static Stamp stamp(Path file) {
    try {
      return new Stamp(file, Files.getLastModifiedTime(file), Files.size(file));
    } catch (IOException missing) {
      return new Stamp(file, FileTime.fromMillis(0), -1);
    }
  }

  // ---- handshakes

  /** Returns what does the mathematics of handshakes, which must not hold a loop. */
  Executor handshakeWork() {
    return handshakeWork;
  }

  Executor workers() {
    return workers;
  }
}

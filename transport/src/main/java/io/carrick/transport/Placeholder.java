package io.carrick.transport;

/** Keeps the exported package from being empty, which javac refuses. Delete with the first type. */
final class Placeholder {
  private Placeholder() {}
}

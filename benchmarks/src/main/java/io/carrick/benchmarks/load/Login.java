package io.carrick.benchmarks.load;

/** Who logs in; an empty user is anonymous. Immutable. */
record Login(String user, String password) {}

package io.carrick.examples.tour;

/** One thing to see on the tour. */
interface Stop {

  /** Returns what is to be seen, in a few words. */
  String title();

  /** Shows it. Every client that it needs comes from the guide, who sees them off afterwards. */
  void show(Guide guide) throws Exception;
}

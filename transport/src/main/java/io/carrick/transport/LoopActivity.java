package io.carrick.transport;

/** Counts the tasks that are in mailboxes or whose turn has not ended. Thread-safe. */
interface LoopActivity {

  /** Counts nothing: in real time nobody waits for loops to be idle. */
  LoopActivity UNWATCHED =
      new LoopActivity() {
        @Override
        public void began() {}

        @Override
        public void finished(int tasks) {}
      };

  /** A task was put in a mailbox. */
  void began();

  /** Tasks were run to the end of their turn. */
  void finished(int tasks);
}

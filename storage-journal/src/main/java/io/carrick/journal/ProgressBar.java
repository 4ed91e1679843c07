package io.carrick.journal;

import java.io.PrintWriter;
import java.util.Locale;

/** A line that shows how far something is, over and over in its place. Confined to one thread. */
final class ProgressBar {

  private static final int WIDTH = 40;
  private static final int PERCENT = 100;

  private final PrintWriter out;
  private final boolean shown;
  private int percent = -1;

  /**
   * Makes a bar.
   *
   * @param shown whether to print anything: not where lines stay
   */
  ProgressBar(PrintWriter out, boolean shown) {
    this.out = out;
    this.shown = shown;
  }

  void at(long done, long all) {
    int now = (int) (Math.min(done, all) * PERCENT / Math.max(1, all));
    if (shown && now != percent) {
      percent = now;
      int filled = now * WIDTH / PERCENT;
      out.print("\r[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] ");
      out.print(String.format(Locale.ROOT, "%3d %%", now));
      out.flush();
    }
  }

  /** Makes room for a line of text. */
  void erase() {
    if (percent >= 0) {
      percent = -1;
      out.print("\r" + " ".repeat(WIDTH + 8) + "\r");
      out.flush();
    }
  }
}

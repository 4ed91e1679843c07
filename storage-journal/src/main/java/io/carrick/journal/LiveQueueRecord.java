package io.carrick.journal;

import io.carrick.journal.Input.MalformedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What an image says of a queue that has files of its own. Immutable.
 *
 * @param queueId the queue
 * @param nextFile no file of a queue has had this number or a higher one
 * @param files in order
 */
record LiveQueueRecord(long queueId, long nextFile, List<FileRecord> files) {

  /**
   * One file of a queue. Immutable.
   *
   * @param number tells files of queues apart
   * @param end where the part that was safe ends
   * @param records how many are in that part
   * @param durable how many of them are of stored messages
   * @param payloadBytes of those
   * @param lowest sequence in it
   * @param highest sequence in it
   * @param settled ordinals of records that are settled, and of all that are not stored
   * @param shared numbers of the shared files that it refers to
   */
  record FileRecord(
      long number,
      long end,
      int records,
      int durable,
      long payloadBytes,
      long lowest,
      long highest,
      BitSet settled,
      List<Long> shared) {

    private void write(Output out) {
      out.number(number);
      out.number(end);
      out.number(records);
      out.number(durable);
      out.number(payloadBytes);
      out.number(lowest);
      out.number(highest);
      for (int from = settled.nextSetBit(0); from >= 0; ) {
        int to = settled.nextClearBit(from);
        int next = settled.nextSetBit(to);
        out.number(from + 1L);
        out.number(to - from);
        from = next;
      }
      out.number(0);
      out.number(shared.size());
      shared.forEach(out::number);
    }

    private static FileRecord read(Input in, boolean referring) {
      long number = in.number();
      long end = in.number();
      int records = (int) in.number();
      int durable = (int) in.number();
      long payloadBytes = in.number();
      long lowest = in.number();
      long highest = in.number();
      var settled = new BitSet();
      for (long from = in.number(); from != 0; from = in.number()) {
        long to = from - 1 + in.number();
        if (from < 0 || to < from || to > records) {
          throw new MalformedException("records " + from + " to " + to + " of " + records);
        }
        settled.set((int) from - 1, (int) to);
      }
      var shared = new ArrayList<Long>();
      for (int i = referring ? in.count() : 0; i > 0; i--) {
        shared.add(in.number());
      }
      return new FileRecord(
          number, end, records, durable, payloadBytes, lowest, highest, settled, shared);
    }

    /** Returns how many messages of it are to come back. */
    int live() {
      return records - settled.cardinality();
    }
  }

  void write(Output out) {
    out.octet(LogRecords.REFERRING_QUEUE);
    out.number(queueId);
    out.number(nextFile);
    out.number(files.size());
    files.forEach(file -> file.write(out));
  }

  /**
   * Reads what an image says.
   *
   * @param referring whether it says which shared files are referred to
   */
  static LiveQueueRecord read(Input in, boolean referring) {
    long queueId = in.number();
    long nextFile = in.number();
    int count = in.count();
    var files = new ArrayList<FileRecord>();
    for (int i = 0; i < count; i++) {
      files.add(FileRecord.read(in, referring));
    }
    return new LiveQueueRecord(queueId, nextFile, files);
  }
}

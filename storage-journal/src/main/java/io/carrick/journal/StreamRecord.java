package io.carrick.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * What an image says of a stream. Immutable.
 *
 * @param queueId the stream
 * @param nextFile no file has had this number or a higher one
 * @param files one for each segment, in order
 */
record StreamRecord(long queueId, long nextFile, List<FileRecord> files) {

  /**
   * One file. Immutable.
   *
   * @param number of the file
   * @param end where the part that was safe ends
   * @param first offset in it
   * @param messages how many are in that part
   * @param payloadBytes of those
   * @param lastMs when the last of them arrived; 0 if that is not known
   */
  record FileRecord(
      long number, long end, long first, long messages, long payloadBytes, long lastMs) {}

  void write(Output out) {
    out.octet(LogRecords.STREAM);
    out.number(queueId);
    out.number(nextFile);
    out.number(files.size());
    for (FileRecord file : files) {
      out.number(file.number);
      out.number(file.end);
      out.number(file.first);
      out.number(file.messages);
      out.number(file.payloadBytes);
      out.number(file.lastMs);
    }
  }

  static StreamRecord read(Input in) {
    long queueId = in.number();
    long nextFile = in.number();
    int count = in.count();
    var files = new ArrayList<FileRecord>();
    for (int i = 0; i < count; i++) {
      files.add(
          new FileRecord(
              in.number(), in.number(), in.number(), in.number(), in.number(), in.number()));
    }
    return new StreamRecord(queueId, nextFile, files);
  }
}

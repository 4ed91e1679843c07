package io.carrick.examples;

import java.nio.charset.StandardCharsets;

/**
 * The payload of a demo message: who sent it, its number, and when. Immutable.
 *
 * @param device number of the device that sends or is told
 * @param number counts the messages of that device
 * @param sentNanos by the tally's clock
 */
record Stamp(int device, int number, long sentNanos) {

  byte[] bytes() {
    return (device + " " + number + " " + sentNanos).getBytes(StandardCharsets.US_ASCII);
  }

  static Stamp of(byte[] payload) {
    String[] parts = new String(payload, StandardCharsets.US_ASCII).split(" ", -1);
    return new Stamp(
        Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
  }
}

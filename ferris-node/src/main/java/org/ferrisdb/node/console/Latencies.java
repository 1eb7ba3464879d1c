package org.ferrisdb.node.console;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Histograms of microseconds as bytes (HdrHistogram's own encoding, some hundred bytes), because
 * quantiles of several nodes can be taken of merged histograms only, not of quantiles. Stateless.
 */
final class Latencies {
  /** Longer than any request may wait. */
  static final long MAX_MICROS = 60_000_000;

  /** Two: quantiles are right to one percent. */
  static final int DIGITS = 2;

  private Latencies() {}

  static byte[] encode(Histogram histogram) {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    byte[] bytes = new byte[histogram.encodeIntoByteBuffer(buffer)];
    buffer.flip().get(bytes);
    return bytes;
  }

  /** All of them together; what can not be read is left out. */
  static Histogram merge(List<byte[]> encoded) {
    Histogram sum = new Histogram(1, MAX_MICROS, DIGITS);
    encoded.stream().flatMap(bytes -> decode(bytes).stream()).forEach(sum::add);
    return sum;
  }

  private static Optional<Histogram> decode(byte[] bytes) {
    try {
      return bytes.length == 0
          ? Optional.empty()
          : Optional.of(Histogram.decodeFromByteBuffer(ByteBuffer.wrap(bytes), MAX_MICROS));
    } catch (RuntimeException e) {
      // Of a node of another version: its share of a chart is missing.
      return Optional.empty();
    }
  }
}

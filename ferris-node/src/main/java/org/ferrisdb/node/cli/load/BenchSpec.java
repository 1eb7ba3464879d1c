package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * What to measure.
 *
 * @param mix which operations
 * @param threads client threads
 * @param outstanding operations each thread keeps in flight (closed loop)
 * @param rate operations per second of all threads together; 0: a closed loop
 * @param warmup time before the measurement
 * @param length time of the measurement
 * @param keys how many different keys
 * @param valueBytes size of each value
 * @param seed of the random numbers
 */
public record BenchSpec(
    Mix mix,
    int threads,
    int outstanding,
    double rate,
    Duration warmup,
    Duration length,
    int keys,
    int valueBytes,
    long seed) {
  /** Validates. */
  public BenchSpec {
    if (mix.scans() && (outstanding > 1 || rate > 0)) {
      throw new IllegalArgumentException(mix + " runs with one operation outstanding a thread");
    }
  }

  /** A mix of operations. */
  public enum Mix {
    /** Writes of uniformly chosen keys. */
    PUT("put", 0, false, false),
    /** Reads of uniformly chosen keys. */
    GET("get", 1, false, false),
    /** Half reads, half updates, scrambled Zipf. */
    YCSB_A("ycsb-a", 0.5, true, false),
    /** 95 % reads, 5 % updates, scrambled Zipf. */
    YCSB_B("ycsb-b", 0.95, true, false),
    /** Reads only, scrambled Zipf. */
    YCSB_C("ycsb-c", 1, true, false),
    /** 95 % scans of 1 to 100 entries from a key of scrambled Zipf, 5 % inserts of new keys. */
    YCSB_E("ycsb-e", 0.95, true, true);

    private final String words;
    private final double reads;
    private final boolean zipf;
    private final boolean scans;

    Mix(String words, double reads, boolean zipf, boolean scans) {
      this.words = words;
      this.reads = reads;
      this.zipf = zipf;
      this.scans = scans;
    }

    double reads() {
      return reads;
    }

    boolean zipf() {
      return zipf;
    }

    /** Whether reads are scans, and writes inserts. */
    boolean scans() {
      return scans;
    }

    @Override
    public String toString() {
      return words;
    }

    /** The names of all, for who completes a command line. */
    static final class Names extends ArrayList<String> {
      private static final long serialVersionUID = 1;

      Names() {
        super(Arrays.stream(values()).map(Mix::toString).toList());
      }
    }

    /**
     * The mix of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Mix named(String name) {
      for (Mix m : values()) {
        if (m.words.equals(name)) {
          return m;
        }
      }
      throw new IllegalArgumentException(name);
    }
  }
}

package org.ferrisdb.node.cli.load;

import java.time.Duration;

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
record BenchSpec(
    Mix mix,
    int threads,
    int outstanding,
    double rate,
    Duration warmup,
    Duration length,
    int keys,
    int valueBytes,
    long seed) {
  /** A mix of operations. */
  enum Mix {
    /** Writes of uniformly chosen keys. */
    PUT("put", 0, false),
    /** Reads of uniformly chosen keys. */
    GET("get", 1, false),
    /** Half reads, half updates, scrambled Zipf. */
    YCSB_A("ycsb-a", 0.5, true),
    /** 95 % reads, 5 % updates, scrambled Zipf. */
    YCSB_B("ycsb-b", 0.95, true),
    /** Reads only, scrambled Zipf. */
    YCSB_C("ycsb-c", 1, true);

    private final String words;
    private final double reads;
    private final boolean zipf;

    Mix(String words, double reads, boolean zipf) {
      this.words = words;
      this.reads = reads;
      this.zipf = zipf;
    }

    double reads() {
      return reads;
    }

    boolean zipf() {
      return zipf;
    }

    @Override
    public String toString() {
      return words;
    }

    static Mix named(String name) {
      for (Mix m : values()) {
        if (m.words.equals(name)) {
          return m;
        }
      }
      throw new IllegalArgumentException(name);
    }
  }
}

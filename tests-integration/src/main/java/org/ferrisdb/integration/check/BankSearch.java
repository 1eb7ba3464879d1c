package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.ferrisdb.integration.check.LinearSearch.Result;
import org.jspecify.annotations.Nullable;

/// Looks for an order of transfers and reads of a bank that explains every read: as [LinearSearch],
/// but since transfers may be done in any order with the same sums, it goes from read to read and
/// asks only *which* transfers lie between two of them ([Subset]). A transfer that was over before
/// a read began must lie before it; one that began after a read's end may not; and one that is over
/// before another begins comes first.
///
/// Many sets of transfers can explain one read, above all when many are of unknown outcome. So the
/// search is repeated with more patience: first with the smallest sets only. Only a search that
/// left nothing out proves that there is no order. Not thread-safe.
final class BankSearch {
  private static final int MAX_CONFIGURATIONS = 300_000;

  /// Sets tried for a read, and steps to look for them, in each pass.
  private static final int[] SOLUTIONS = {4, 16, 64};

  private static final int[] STEPS = {2_000, 20_000, 200_000};

  /// A transfer, or with a negative amount one that is taken back.
  record Transfer(Operation operation, int from, int to, long amount) {
    long start() {
      return operation.start();
    }

    long end() {
      return operation.finish();
    }
  }

  /// A read of all accounts.
  record Read(Operation operation, long[] balances) {}

  private final long[] initial;
  private final List<Transfer> known = new ArrayList<>();
  private final List<Transfer> unknown = new ArrayList<>();
  private final List<Read> reads;
  private final BooleanSupplier outOfTime;

  /// Whether something was left out in this pass.
  private boolean truncated;

  /// @param transfers that may have happened
  /// @param reads that were answered
  BankSearch(
      long[] initial, List<Transfer> transfers, List<Read> reads, BooleanSupplier outOfTime) {
    this.initial = initial;
    this.outOfTime = outOfTime;
    this.reads = new ArrayList<>(reads);
    this.reads.sort(Comparator.comparingLong(r -> r.operation().start()));
    transfers.forEach(t -> (t.end() == Long.MAX_VALUE ? unknown : known).add(t));
    known.sort(Comparator.comparingLong(Transfer::start));
    unknown.sort(Comparator.comparingLong(Transfer::start));
  }

  /// What is placed: reads and transfers of known end by a base and a window behind it, those of
  /// unknown end by number. The balances follow from them.
  private record Config(
      int readBase, long[] readWindow, int base, long[] window, long[] unknowns, long[] balances) {
    boolean readPlaced(int i) {
      return i < readBase || Bits.get(readWindow, i - readBase);
    }

    boolean placed(int i) {
      return i < base || Bits.get(window, i - base);
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Config c
          && readBase == c.readBase
          && base == c.base
          && Arrays.equals(readWindow, c.readWindow)
          && Arrays.equals(window, c.window)
          && Arrays.equals(unknowns, c.unknowns);
    }

    @Override
    public int hashCode() {
      int hash = readBase * 31 + base;
      hash = hash * 31 + Arrays.hashCode(readWindow);
      return (hash * 31 + Arrays.hashCode(window)) * 31 + Arrays.hashCode(unknowns);
    }
  }

  Result run() {
    for (int pass = 0; pass < SOLUTIONS.length; pass++) {
      truncated = false;
      Result result = pass(SOLUTIONS[pass], STEPS[pass]);
      if (result != Result.IMPOSSIBLE || !truncated) {
        return result;
      }
    }
    return Result.GAVE_UP;
  }

  private Result pass(int solutions, int steps) {
    Set<Config> seen = new HashSet<>();
    List<Config> stack = new ArrayList<>();
    stack.add(new Config(0, new long[0], 0, new long[0], new long[0], initial));
    List<Config> next = new ArrayList<>();
    while (!stack.isEmpty()) {
      Config config = stack.removeLast();
      if (!seen.add(config)) {
        continue;
      }
      if (config.readBase() == reads.size()) {
        return Result.POSSIBLE;
      }
      if (seen.size() > MAX_CONFIGURATIONS || outOfTime.getAsBoolean()) {
        return Result.GAVE_UP;
      }
      next.clear();
      successors(config, solutions, steps, next);
      for (int i = next.size() - 1; i >= 0; i--) {
        stack.add(next.get(i));
      }
    }
    return Result.IMPOSSIBLE;
  }

  private void successors(Config config, int solutions, int steps, List<Config> next) {
    long firstEnd = Long.MAX_VALUE;
    for (int i = config.readBase();
        i < reads.size() && reads.get(i).operation().start() < firstEnd;
        i++) {
      if (!config.readPlaced(i)) {
        firstEnd = Math.min(firstEnd, reads.get(i).operation().finish());
      }
    }
    List<Integer> candidates = new ArrayList<>();
    for (int i = config.readBase();
        i < reads.size() && reads.get(i).operation().start() < firstEnd;
        i++) {
      if (!config.readPlaced(i)) {
        candidates.add(i);
      }
    }
    candidates.sort(Comparator.comparingLong(i -> reads.get(i).operation().finish()));
    List<List<Config>> found = new ArrayList<>();
    for (int i : candidates) {
      List<Config> ways = new ArrayList<>();
      if (ways(config, i, firstEnd, solutions, steps, ways)) {
        next.add(ways.getFirst()); // sees what is there now: no other way is better
        return;
      }
      found.add(ways);
    }
    found.forEach(next::addAll);
  }

  /// The ways to place a read next; true if it may be placed as it is, without any transfer.
  private boolean ways(
      Config config, int read, long firstEnd, int solutions, int steps, List<Config> ways) {
    Read r = reads.get(read);
    List<Transfer> open = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    for (int i = config.base(); i < known.size() && known.get(i).start() < firstEnd; i++) {
      if (!config.placed(i)) {
        open.add(known.get(i));
        ids.add(i);
      }
    }
    for (int u = 0; u < unknown.size() && unknown.get(u).start() < firstEnd; u++) {
      if (!Bits.get(config.unknowns(), u)) {
        open.add(unknown.get(u));
        ids.add(-1 - u);
      }
    }
    Subset subset = new Subset(open, r.operation().start(), steps);
    List<int[]> sets = subset.solve(difference(r.balances(), config.balances()), solutions);
    truncated |= !subset.complete();
    for (int[] set : sets) {
      ways.add(place(config, read, set, ids));
    }
    return sets.size() == 1 && sets.getFirst().length == 0;
  }

  private static long[] difference(long[] a, long[] b) {
    long[] difference = new long[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  private Config place(Config config, int read, int[] set, List<Integer> ids) {
    long[] readWindow = Bits.with(config.readWindow(), read - config.readBase());
    long[] window = config.window();
    long[] unknowns = config.unknowns();
    for (int i : set) {
      int id = ids.get(i);
      if (id >= 0) {
        window = Bits.with(window, id - config.base());
      } else {
        unknowns = Bits.with(unknowns, -1 - id);
      }
    }
    int readRun = Bits.run(readWindow);
    int run = Bits.run(window);
    return new Config(
        config.readBase() + readRun,
        Bits.shifted(readWindow, readRun),
        config.base() + run,
        Bits.shifted(window, run),
        unknowns,
        reads.get(read).balances());
  }
}

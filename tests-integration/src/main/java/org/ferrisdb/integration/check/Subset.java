package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.integration.check.BankSearch.Transfer;

/// Which of some transfers add up to a difference of balances? Finds sets of them, the smallest
/// first, that hold all that must be in, and with each transfer all that were over before it began.
///
/// Only sets from which nothing can be left out are looked for: a transfer that is not needed now
/// can as well come later. Depth first with rising depth; branches over the transfers that mend the
/// account with the fewest choices. Not thread-safe; each object solves once.
final class Subset {
  private final List<Transfer> transfers;
  private final long mustEndBefore;
  private final int maxSteps;
  private final boolean[] chosen;
  private final boolean[] excluded;
  private final List<int[]> found = new ArrayList<>();
  private long[] left = {};
  private int limit;
  private int steps;

  /// Whether a branch was cut because it was too deep, this time.
  private boolean cut;

  private boolean complete = true;

  /// @param transfers in the order of preference
  /// @param mustEndBefore those over before this event must be in
  /// @param maxSteps bounds the time
  Subset(List<Transfer> transfers, long mustEndBefore, int maxSteps) {
    this.transfers = transfers;
    this.mustEndBefore = mustEndBefore;
    this.maxSteps = maxSteps;
    this.chosen = new boolean[transfers.size()];
    this.excluded = new boolean[transfers.size()];
  }

  /// @param difference by account
  /// @param most so many sets are enough
  /// @return positions in the list of transfers
  List<int[]> solve(long[] difference, int most) {
    left = difference.clone();
    limit = most;
    for (int i = 0; i < transfers.size(); i++) {
      if (transfers.get(i).end() < mustEndBefore) {
        choose(i);
      }
    }
    for (int depth = 0; depth <= transfers.size(); depth++) {
      cut = false;
      extend(depth);
      if (!cut || found.size() >= limit || steps > maxSteps) {
        complete = !cut && found.size() < limit && steps <= maxSteps;
        break;
      }
    }
    return found;
  }

  /// Whether there are no other sets than those found.
  boolean complete() {
    return complete || (found.size() == 1 && found.getFirst().length == 0);
  }

  private void choose(int i) {
    chosen[i] = true;
    move(i, 1);
  }

  private void move(int i, int sign) {
    Transfer t = transfers.get(i);
    left[t.from()] += sign * t.amount();
    left[t.to()] -= sign * t.amount();
  }

  private void extend(int depth) {
    if (++steps > maxSteps || found.size() >= limit) {
      return;
    }
    int account = account();
    if (account == NONE) {
      return;
    }
    int needed = account == SETTLED ? unclosed() : NONE;
    if (account == SETTLED && needed == NONE) {
      if (depth == 0) { // else it was found with less depth
        record();
      }
      return;
    }
    if (depth == 0) {
      cut = true;
      return;
    }
    if (account == SETTLED) {
      if (!excluded[needed]) {
        branch(needed, depth);
      }
      return;
    }
    List<Integer> tried = new ArrayList<>();
    for (int i = 0; i < transfers.size(); i++) {
      if (mends(i, account) && !twinTried(i, tried)) {
        branch(i, depth);
        excluded[i] = true;
        tried.add(i);
      }
    }
    tried.forEach(i -> excluded[i] = false);
  }

  private void branch(int i, int depth) {
    choose(i);
    extend(depth - 1);
    chosen[i] = false;
    move(i, -1);
  }

  private boolean mends(int i, int account) {
    Transfer t = transfers.get(i);
    if (chosen[i] || excluded[i]) {
      return false;
    }
    long change = (t.to() == account ? t.amount() : 0) - (t.from() == account ? t.amount() : 0);
    return left[account] > 0 ? change > 0 : change < 0;
  }

  /// Of equal transfers of unknown end one is as good as another; the first began first.
  private boolean twinTried(int i, List<Integer> tried) {
    Transfer t = transfers.get(i);
    for (int j : tried) {
      Transfer u = transfers.get(j);
      if (t.end() == Long.MAX_VALUE
          && u.end() == Long.MAX_VALUE
          && t.from() == u.from()
          && t.to() == u.to()
          && t.amount() == u.amount()) {
        return true;
      }
    }
    return false;
  }

  private static final int NONE = -1;
  private static final int SETTLED = -2;

  /// The account to mend next: that with the fewest transfers that can; NONE if one can not be
  /// mended.
  private int account() {
    int accounts = left.length;
    int[] choices = new int[accounts];
    long[] up = new long[accounts];
    long[] down = new long[accounts];
    boolean settled = true;
    for (long l : left) {
      settled &= l == 0;
    }
    if (settled) {
      return SETTLED;
    }
    for (int i = 0; i < transfers.size(); i++) {
      if (!chosen[i] && !excluded[i]) {
        Transfer t = transfers.get(i);
        int plus = t.amount() >= 0 ? t.to() : t.from();
        int minus = t.amount() >= 0 ? t.from() : t.to();
        long amount = Math.abs(t.amount());
        up[plus] += amount;
        down[minus] += amount;
        choices[plus] += left[plus] > 0 ? 1 : 0;
        choices[minus] += left[minus] < 0 ? 1 : 0;
      }
    }
    int best = NONE;
    for (int a = 0; a < accounts; a++) {
      if (left[a] > up[a] || -left[a] > down[a]) {
        return NONE;
      }
      if (left[a] != 0 && (best == NONE || choices[a] < choices[best])) {
        best = a;
      }
    }
    return best;
  }

  /// A transfer that is not chosen, though it was over before a chosen one began.
  private int unclosed() {
    long last = Long.MIN_VALUE;
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i]) {
        last = Math.max(last, transfers.get(i).start());
      }
    }
    for (int i = 0; i < chosen.length; i++) {
      if (!chosen[i] && transfers.get(i).end() < last) {
        return i;
      }
    }
    return NONE;
  }

  private void record() {
    int[] set = new int[chosen.length];
    int size = 0;
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i]) {
        set[size++] = i;
      }
    }
    found.add(Arrays.copyOf(set, size));
  }
}

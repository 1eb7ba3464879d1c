package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.ferrisdb.integration.check.BankSearch.Read;
import org.ferrisdb.integration.check.BankSearch.Transfer;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// A bank: `transfer` {"from", "to", "amount"} between accounts, `read` of all accounts at once. At
/// the begin each account holds the same part of the total. Judged are
///
/// - each read alone: all accounts, the total (*torn transfer*), none below zero (*overdraft*);
/// - all together: there is an order, each operation between its begin and its end, in which each
///   read shows what the transfers before it left. So a read that adds up but is old is found
///   (*stale bank read*: it misses a transfer that was acknowledged before it began), and one that
///   no later read shows (*lost transfer*).
///
/// A transfer of unknown outcome may explain a read, and many of them can explain nearly anything;
/// where the search does not end in time the verdict is [Verdict.Undecided].
public final class BankChecker implements Checker {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final long total;
  private final Duration bound;

  /// @param total over all accounts, always
  public BankChecker(long total) {
    this(total, BOUND);
  }

  /// @param bound beyond it the verdict is [Verdict.Undecided]
  public BankChecker(long total, Duration bound) {
    this.total = total;
    this.bound = bound;
  }

  @Override
  public String name() {
    return "bank";
  }

  @Override
  public Verdict check(List<Event> events) {
    List<Operation> transfers = new ArrayList<>();
    List<Operation> reads = new ArrayList<>();
    TreeSet<String> accounts = new TreeSet<>();
    for (Operation operation : Operation.of(events, "transfer", "read")) {
      if (operation.f().equals("transfer")) {
        transfers.add(operation);
        accounts.add(field(operation, "from"));
        accounts.add(field(operation, "to"));
      } else if (operation.ok() && operation.result() instanceof Map<?, ?> balances) {
        reads.add(operation);
        balances.keySet().forEach(a -> accounts.add(String.valueOf(a)));
      }
    }
    if (accounts.isEmpty()) {
      return new Verdict.Right(0);
    }
    List<Violation> violations = alone(reads, accounts);
    if (!violations.isEmpty()) {
      return new Verdict.Wrong(violations);
    }
    if (total % accounts.size() != 0) {
      return new Verdict.Undecided(
          "the total of "
              + total
              + " can not have been split equally over "
              + accounts.size()
              + " accounts: some never appear in the history");
    }
    return new Judge(new ArrayList<>(accounts), transfers, reads).judge();
  }

  private static String field(Operation transfer, String name) {
    if (!(transfer.argument() instanceof Map<?, ?> map) || map.get(name) == null) {
      throw new IllegalArgumentException(
          "event "
              + transfer.start()
              + ": a transfer has \"from\", \"to\" and \"amount\", not "
              + transfer.argument());
    }
    return String.valueOf(map.get(name));
  }

  private static long balance(Operation read, String account) {
    return read.result() instanceof Map<?, ?> map && map.get(account) instanceof Long l ? l : 0;
  }

  private List<Violation> alone(List<Operation> reads, Set<String> accounts) {
    List<Violation> violations = new ArrayList<>();
    for (Operation read : reads) {
      Map<?, ?> balances = (Map<?, ?>) Objects.requireNonNull(read.result());
      long sum = accounts.stream().mapToLong(a -> balance(read, a)).sum();
      String who = "a read of all accounts (" + read.where() + ") saw " + balances;
      if (!balances.keySet().containsAll(accounts)) {
        violations.add(violation("missing account", who + ", of the accounts " + accounts, read));
      } else if (sum != total) {
        violations.add(
            violation("torn transfer", who + ": that is " + sum + " and not " + total, read));
      } else if (accounts.stream().anyMatch(a -> balance(read, a) < 0)) {
        violations.add(violation("overdraft", who + ": an account is below zero", read));
      }
    }
    return violations.subList(0, Math.min(violations.size(), LinearJudge.MOST_VIOLATIONS));
  }

  private static Violation violation(String anomaly, String words, Operation... involved) {
    return new Violation(anomaly, words, Operation.events(involved));
  }

  private final class Judge {
    private final List<String> accounts;
    private final List<Transfer> transfers = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private final long[] initial;
    private final BooleanSupplier outOfTime;

    Judge(List<String> accounts, List<Operation> transfers, List<Operation> reads) {
      this.accounts = accounts;
      this.initial = new long[accounts.size()];
      Arrays.fill(initial, total / accounts.size());
      for (Operation t : transfers) {
        if (t.possible()) {
          int from = accounts.indexOf(field(t, "from"));
          int to = accounts.indexOf(field(t, "to"));
          this.transfers.add(new Transfer(t, from, to, Long.parseLong(field(t, "amount"))));
        }
      }
      for (Operation r : reads) {
        this.reads.add(new Read(r, accounts.stream().mapToLong(a -> balance(r, a)).toArray()));
      }
      this.reads.sort(Comparator.comparingLong(r -> r.operation().finish()));
      long end = System.nanoTime() + bound.toNanos();
      this.outOfTime = () -> System.nanoTime() - end > 0;
    }

    Verdict judge() {
      return switch (search(reads.size(), null)) {
        case POSSIBLE -> new Verdict.Right(transfers.size() + (long) reads.size());
        case GAVE_UP ->
            new Verdict.Undecided(
                "no order of the transfers was found that explains every read, nor that there is"
                    + " none: too many are of unknown outcome ("
                    + transfers.stream().filter(t -> t.end() == Long.MAX_VALUE).count()
                    + "). Run a shorter time, or a new bank more often");
        case IMPOSSIBLE -> new Verdict.Wrong(List.of(explain(firstImpossible())));
      };
    }

    /// Whether the first reads, by their ends, can be explained.
    private LinearSearch.Result search(int count, @Nullable List<Transfer> without) {
      List<Read> some = reads.subList(0, count);
      long until = count == 0 ? 0 : some.getLast().operation().finish();
      List<Transfer> begun =
          transfers.stream()
              .filter(t -> t.start() < until && (without == null || !without.contains(t)))
              .toList();
      return new BankSearch(initial, begun, some, outOfTime).run();
    }

    private int firstImpossible() {
      int possible = 0;
      int impossible = reads.size();
      while (impossible - possible > 1) {
        int middle = (possible + impossible) >>> 1;
        if (search(middle, null) == LinearSearch.Result.IMPOSSIBLE) {
          impossible = middle;
        } else {
          possible = middle;
        }
      }
      return impossible;
    }

    /// Which acknowledged transfers does the read not show?
    private Violation explain(int count) {
      Read read = reads.get(count - 1);
      String who =
          "a read of all accounts ("
              + read.operation().where()
              + ") saw "
              + read.operation().result();
      List<Transfer> missing = missing(read);
      if (missing.isEmpty()) {
        return violation(
            "impossible balances",
            who
                + ", which no set of the transfers until then explains; the reads before it can be"
                + " explained",
            read.operation());
      }
      List<Operation> involved = new ArrayList<>();
      List<String> words = new ArrayList<>();
      for (Transfer t : missing) {
        involved.add(t.operation());
        words.add(
            t.amount()
                + " from "
                + accounts.get(t.from())
                + " to "
                + accounts.get(t.to())
                + " ("
                + t.operation().where()
                + ")");
      }
      boolean lost = search(reads.size(), missing) == LinearSearch.Result.POSSIBLE;
      involved.add(read.operation());
      return new Violation(
          lost ? "lost transfer" : "stale bank read",
          who
              + ": it adds up, but misses what was acknowledged before it began: "
              + String.join(", ", words)
              + (lost ? "; and so do all later reads" : ""),
          Operation.events(involved));
    }

    /// The fewest of the last acknowledged transfers without which the read is right.
    private List<Transfer> missing(Read read) {
      long start = read.operation().start();
      long[] difference = read.balances().clone();
      List<Transfer> choices = new ArrayList<>();
      Map<Transfer, Transfer> taken = new LinkedHashMap<>();
      for (int a = 0; a < difference.length; a++) {
        difference[a] -= initial[a];
      }
      for (Transfer t : transfers) {
        if (t.end() < start) {
          difference[t.from()] += t.amount();
          difference[t.to()] -= t.amount();
          // The last ones are taken back first; an end that orders nothing.
          Transfer back =
              new Transfer(
                  new Operation(t.operation().invoke(), null), t.to(), t.from(), t.amount());
          taken.put(back, t);
        } else if (t.start() < read.operation().finish()) {
          choices.add(
              new Transfer(
                  new Operation(t.operation().invoke(), null), t.from(), t.to(), t.amount()));
        }
      }
      List<Transfer> back = new ArrayList<>(taken.keySet());
      choices.addAll(back.subList(Math.max(0, back.size() - 200), back.size()).reversed());
      List<int[]> found = new Subset(choices, 0, 1_000_000).solve(difference, 1);
      List<Transfer> missing = new ArrayList<>();
      for (int[] set : found) {
        for (int i : set) {
          Transfer t = taken.get(choices.get(i));
          if (t != null) {
            missing.add(t);
          }
        }
      }
      return missing;
    }
  }
}

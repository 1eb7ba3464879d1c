package org.ferrisdb.integration.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.torture.WorkloadResult.Judged;

/**
 * The verdict on one workload of a cell.
 *
 * @param result for the table
 * @param violations for the timeline
 */
record Judgement(WorkloadResult result, List<Violation> violations) {
  /** When there was load, in nanoseconds of the history. */
  record Load(long from, long to) {}

  /** The events of these processes. */
  static List<Event> of(List<Event> events, Set<String> processes) {
    return events.stream().filter(e -> processes.contains(e.process())).toList();
  }

  /**
   * Judges.
   *
   * @param own the workload's events only
   */
  static Judgement of(String workload, List<Event> own, Checker checker, Load load) {
    Verdict verdict = verdict(checker, own);
    List<Violation> violations =
        verdict instanceof Verdict.Wrong wrong ? wrong.violations() : List.of();
    List<String> lines = new ArrayList<>();
    violations.forEach(v -> lines.add(v.toString()));
    WorkloadResult result =
        new WorkloadResult(
            workload,
            count(own, Event.Type.INVOKE),
            count(own, Event.Type.INFO),
            Gaps.longestMillis(own, load.from(), load.to()),
            judged(verdict),
            verdict instanceof Verdict.Undecided undecided ? undecided.why() : "",
            lines);
    return new Judgement(result, violations);
  }

  private static Verdict verdict(Checker checker, List<Event> own) {
    if (count(own, Event.Type.OK) == 0) {
      return new Verdict.Undecided("no operation was served at all");
    }
    try {
      Verdict verdict = checker.check(own);
      return verdict instanceof Verdict.Right right && right.operations() == 0
          ? new Verdict.Undecided("the checker found nothing to judge")
          : verdict;
    } catch (RuntimeException e) {
      return new Verdict.Undecided("the checker failed: " + e);
    }
  }

  private static Judged judged(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Right _ -> Judged.RIGHT;
      case Verdict.Wrong _ -> Judged.WRONG;
      case Verdict.Undecided _ -> Judged.UNDECIDED;
    };
  }

  private static long count(List<Event> events, Event.Type type) {
    return events.stream().filter(e -> e.type() == type).count();
  }
}

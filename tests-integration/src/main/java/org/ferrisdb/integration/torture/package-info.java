/// `./ferris torture`: runs workloads on a cluster that is broken on purpose, and says what came of
/// it.
///
/// The matrix has a column for every fault and a row for every workload. A [Cell] is one column
/// with one seed: all chosen workloads run together, on keys of their own, while the fault strikes
/// and is healed in a [Rhythm] that the seed decides. Then, in this order:
///
/// ```
///   load and strikes ─ heal ─ HEALTHY? ─ final reads from every node ─ do replicas agree? ─ checkers
/// ```
///
/// [CellRun] does this and writes what it saw to the cell's directory; [Judgement] turns a history
/// into the verdicts of a [CellResult]. [Torture] walks the cells and writes results.json after
/// each, so that a run can be cut anywhere and resumed. [Report] draws the tables; [TortureCommand]
/// is what people type.
///
/// Words. *Right*: a right database can have given these answers. *WRONG*: none can have; this is a
/// bug. *Undecided*: a limit was reached before an answer; it is not right, and the exit status
/// says so. *Not run*: this machine, or FerrisDB as it is, can not do it; the reason stands beside
/// it. A cell also has problems: a cluster that does not get healthy again, replicas that disagree,
/// a read that nobody answers, an outage with a majority alive that lasts too long.
///
/// What a seed repeats: the operations and their order, where keys lie, when faults strike and whom
/// they choose. What it does not: how threads and networks interleave. A violation may take several
/// runs to show again.
@NullMarked
package org.ferrisdb.integration.torture;

import org.jspecify.annotations.NullMarked;

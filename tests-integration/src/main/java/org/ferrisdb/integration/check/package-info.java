/// Judges: each takes a history and says whether a right database can have given these answers.
///
/// A [Checker] looks at the events of its own workload only and returns a [Verdict]: right, wrong
/// with [Violation]s in words, or undecided, where a limit was reached; undecided is never a silent
/// pass. A judge reasons from four facts only: what was asked, what was answered, that an operation
/// takes effect between its begin and its end, and that one of unknown outcome takes effect at any
/// time after its begin, or never.
///
/// | judge | question | how |
/// |---|---|---|
/// | [RegisterChecker] | is each key linearizable? | a search for an order (`LinearSearch`) |
/// | [ScanChecker] | does each scan show one moment? | the same, over all keys at once |
/// | [LongForkChecker] | do readers agree on the order of writes? | pairs of reads, then the same search |
/// | [SetChecker] | is every element that must be seen seen? | element by element |
/// | [CounterChecker] | is each sum possible? | bounds |
/// | [BankChecker] | does each read add up, and is it of its time? | which transfers lie between two reads (`Subset`) |
/// | [AppendChecker] | are transactions strictly serializable? | cycles of dependencies (`Cycles`), named as by Adya |
/// | [WriteSkewChecker] | did one insert of each pair succeed? | counting |
/// | [AvailabilityChecker] | how long was there no answer? | gaps between answers, where faults left a majority |
///
/// Invariants:
///
/// - *Wrong* is a proof: there is no order. The anomaly's name and its explanation are found
///   afterwards, and may be less apt than the proof is sure.
/// - *Right* is one, too, for registers, scans, long forks and banks: an order was found. The
///   judges of sets, counters and transactions prove only that none of the anomalies they know is
///   there.
/// - Time and memory are bounded; 20,000 operations take seconds. A register should have a few
///   hundred calls at most, since calls of unknown outcome make it harder with each one.
///
/// Deciding linearizability is NP-complete in general (Gibbons and Korach, 1997). Unique values
/// make it easy in practice: a read names the write that it saw, so that nearly every wrong way
/// ends at its first step. Read [RegisterChecker], `LinearJudge`, `LinearSearch` in this order; for
/// transactions `AppendHistory`, then `Cycles`.
///
/// The judges are themselves judged: on histories of a right store with many clients and lost
/// answers, which must be right, and on one planted wrong history of every kind, which must not.
@NullMarked
package org.ferrisdb.integration.check;

import org.jspecify.annotations.NullMarked;

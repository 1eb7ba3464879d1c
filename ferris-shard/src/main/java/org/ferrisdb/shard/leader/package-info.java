/**
 * A shard's leader at work: one actor that evaluates everything asked of the shard, in one order.
 *
 * <pre>
 *   requests --> Mailbox --> EvaluationLoop: draw timestamps for all that waited
 *                               |  gets, scans --> MvccReader: wait for what is pending, read, check the lease
 *                               |  writes -------> Evaluator: conditions against Overlay + state
 *                               v
 *                            one log entry --> LeaderTerm.propose --> (Raft) --> apply --> answers
 * </pre>
 *
 * <p>Single-threaded on purpose: conflicts, duplicates and order need no locks, and what gathered
 * while the last batch was under way becomes the next entry. Each batch draws one range of
 * timestamps from the oracle: the first for its reads, the rest for its writes in their order. So
 * the order of evaluation is the order of timestamps, and the commit timestamps of a shard rise
 * along its log.
 *
 * <p>Everything a leader knows beyond the replicated state (what is in flight, which reads it has
 * promised not to change) lives in a {@link org.ferrisdb.shard.leader.LeaderState}, made when its
 * term became live and thrown away with it (rule 4).
 *
 * <p><b>Failed conditions are logged.</b> The design allows a failed compare-and-set to be answered
 * under the lease without an entry. That is right for one attempt and wrong for two: a client that
 * repeats a call and then hears of the first attempt's failure would be told "not applied" while
 * the second attempt, evaluated later, succeeds. So a refusal is an outcome like any other: it goes
 * through the log with the batch it was evaluated in, and a repetition gets the same answer. It
 * also makes rule 8 hold by itself: an entry can apply only on top of what it was evaluated on.
 */
@NullMarked
package org.ferrisdb.shard.leader;

import org.jspecify.annotations.NullMarked;

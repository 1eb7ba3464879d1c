/// What clients asked, what they were told, and what was broken meanwhile: the history of a run.
///
/// A [History] is recorded while the cluster runs and judged afterwards (package `check`); it is
/// all that a judge sees. Each line is an [Event]:
///
/// ```
/// index time     process type   f     key value
/// 0     1234     3       invoke write k1  5        client 3 is about to send "write 5 to k1"
/// 1     1300     4       invoke read  k1  null     client 4 asks at the same time
/// 2     2100     4       ok     read  k1  null     ... and is told that k1 is absent
/// 3     2500     nemesis info   kill      "n2"     a fault begins, its effect as the value
/// 4     9000     3       info   write k1  5        a timeout: nobody knows, client 3 is no more
/// ```
///
/// Rules, without which a verdict means nothing:
///
/// - The index is the order of events over all clients, and every checker takes it as real time. So
///   an invoke is recorded *before* the request leaves and a completion *after* the reply is there:
///   the recorded span is then never shorter than the true one, and no checker sees an order that
///   was not.
/// - `ok`: it took effect. `fail`: it certainly did not and never will. Everything else is `info`,
///   most of all timeouts and lost connections; a wrong `fail` makes a right database look wrong, a
///   wrong `ok` or `fail` may hide a real fault. Only a read may be `fail` whatever its error was:
///   it changes nothing.
/// - A client has one open call at most. After an `info` its call is open for ever, so that it goes
///   on under a new number ([History#newProcess]).
/// - Written values are unique over the history, so that a read tells which write it saw. Null is
///   absent.
/// - Nothing is dropped, the final reads included.
///
/// The shapes of values for each workload are in [Event]. [HistoryJson] and [HistoryEdn] write a
/// history for other checkers (Porcupine; Knossos, Elle).
@NullMarked
package org.ferrisdb.integration.history;

import org.jspecify.annotations.NullMarked;

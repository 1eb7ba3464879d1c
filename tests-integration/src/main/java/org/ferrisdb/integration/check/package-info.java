/// Judges: each takes a history and says whether a right database can have given these answers.
///
/// A [Checker] looks at the events of its own workload only and returns a [Verdict]: right, wrong
/// with [Violation]s in words, or undecided, where a limit was reached; undecided is never a silent
/// pass.
@NullMarked
package org.ferrisdb.integration.check;

import org.jspecify.annotations.NullMarked;

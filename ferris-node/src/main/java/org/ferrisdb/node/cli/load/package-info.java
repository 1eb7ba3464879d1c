/// Load: `bench` measures, `gap` breaks and measures, `demo` breaks and checks.
///
/// All of them drive a {@link org.ferrisdb.node.cli.load.Store}, the few operations they need; the
/// real one is {@link org.ferrisdb.node.cli.load.FerrisStore} on the client library, and the tests
/// bring ones that lose, repeat and forget on purpose, to see that the checker of `demo` says so.
///
/// **A demo has two courses.** Without a terminal {@link org.ferrisdb.node.cli.load.Demo} kills a
/// leader half way and prints lines. On a terminal the user breaks things: {@link
/// org.ferrisdb.node.cli.load.DemoRun} does what keys ask for, behind the screen of {@code
/// cli.demo}. Workload and check are the same.
///
/// **Two ways to measure time.** In a closed loop every thread waits for its answer before it asks
/// again, so a stall of a second costs one slow operation each, and all that would have been asked
/// meanwhile is not counted ("coordinated omission"). With `--rate` operations are due by the
/// clock, and the time of one counts from when it was due.
///
/// **What the check of `demo` rests on.** Every client writes keys that nobody else writes. Each
/// acknowledged write has a version, unique in the cluster, that rises in commit order. So at the
/// end a key must hold exactly the value *and the version* that was acknowledged last: a lost write
/// shows as a missing or older version, a write applied twice as a newer one, even though the value
/// is the same ({@link org.ferrisdb.node.cli.load.CheckedClient}).
@NullMarked
package org.ferrisdb.node.cli.load;

import org.jspecify.annotations.NullMarked;

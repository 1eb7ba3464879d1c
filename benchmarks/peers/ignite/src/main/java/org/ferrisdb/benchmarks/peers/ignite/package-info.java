/// Ignite 3 in the race: its store, and the main class of its servers, which makes the cluster and
/// its table as an operator would by its command line.
@NullMarked
package org.ferrisdb.benchmarks.peers.ignite;

import org.jspecify.annotations.NullMarked;

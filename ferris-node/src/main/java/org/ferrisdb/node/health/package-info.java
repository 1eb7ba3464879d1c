/// How a cluster does, seen from outside.
///
/// [ClusterProbe] asks every node it knows or hears of, by itself and all at once, and takes
/// silence for an answer. The answers become a [ClusterPicture] by a pure function, and the picture
/// becomes a [Health]: a state, one sentence and a remedy, by another. So what `ferris status` says
/// in every situation is a table of tests, and it can say something in the situation that matters:
/// with most nodes gone.
///
/// Who leads a shard is the leader's own word, not hearsay: a node that follows may name a leader
/// that died a second ago.
@NullMarked
package org.ferrisdb.node.health;

import org.jspecify.annotations.NullMarked;

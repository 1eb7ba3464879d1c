/// Faults that are injected on purpose, one [Nemesis] for each kind; [Nemeses] has them by name.
///
/// | name | what it does | it is over |
/// |---|---|---|
/// | kill-one, kill-minority, kill-majority, kill-all | SIGKILL | when started again |
/// | power-loss | SIGKILL for all, and what no fsync had made durable is lost, names of files too | when started again |
/// | restart | one node stops the friendly way and starts | at once |
/// | pause, pause-leader | SIGSTOP; held for some seconds it outlives every lease and timeout | at SIGCONT |
/// | partition-halves, partition-one | a minority, one node, sees nothing of the rest | when healed |
/// | partition-link | two nodes do not hear each other, the rest hears both: there is a majority for everybody, yet not everybody reaches the leader of meta | when healed |
/// | refused-leader | the node that leads all shards, to which they are moved first, is cut off, all of it or just its Raft, and its port refuses the others, so that they elect at once | when healed |
/// | partition-ring, partition-bridge | everybody sees a majority, no two the same; two halves share one node. Five nodes | when healed |
/// | one-way-in, one-way-out | one node hears nothing, is not heard | when healed |
/// | slow-links, lossy-links | all links, those to clients too; over TCP, loss is stalls | when healed |
/// | reset-connections | every connection breaks | at once |
/// | wiped-disk | one node's disk is new and empty, and so is its identity | when the cluster has rebuilt it |
/// | disk-full, slow-disk, failing-fsync | one node's | when healed, or when the node is started again |
/// | bit-flip, truncated-file | one file of one node, while it is down | when the cluster has rebuilt it |
/// | clock-step | the time of day jumps by 300 s, both ways | when it jumps back |
/// | leadership-transfer | each shard's leader hands over | at once |
/// | late-handover | leaders hand over that hear the others 0.2 to 0.8 s late, three times a strike | when healed |
/// | rolling-restart | each node in turn, waiting for health in between | at once |
/// | all | one to three of these on top of each other | when all are |
///
/// **Cutting off does not cut clients off**: an old leader that still gets requests and does not
/// know that it was replaced is what a partition is about ([Links], shapes in [Cuts]).
///
/// **What is legal.** A database with three replicas promises to survive the loss of one. So what
/// destroys ([Disks]) takes one node at a time, waits until nothing else is missing, and until the
/// others have caught up with each other ([Expendable] tells why); otherwise it does nothing, and
/// says so in the history. What only hides or delays data may strike any number of nodes.
///
/// Victims and sizes come from the `Random` of the caller, so a seed tells them; leaders are asked
/// of the cluster, so a run can not be repeated to the letter, only its plan.
@NullMarked
package org.ferrisdb.integration.nemesis;

import org.jspecify.annotations.NullMarked;

/// Clusters that are there to be broken, behind one interface: [Cluster].
///
/// Whoever injects faults ([org.ferrisdb.integration.nemesis]) and whoever runs workloads sees only
/// nodes with names, and what can be done to their processes, disks, clocks and network. Two kinds
/// of clusters stand behind it:
///
/// | | [ProcessCluster] | [ComposeCluster] |
/// |---|---|---|
/// | a node is | a JVM on the loopback | a container of `deploy/docker-compose.yml` |
/// | killed, paused | signals | `docker kill`, `docker pause` |
/// | cut, lossy links | TCP proxies between every two nodes and before every front door | iptables inside a container's network namespace |
/// | slow links | the same proxies | not without the kernel's netem |
/// | reset connections | the same proxies | packets refused with a TCP reset for half a second |
/// | a port that refuses | the proxy closes it | not |
/// | wiped disk | the data directory is emptied | the volume is removed |
/// | full disk | each data directory is a small ext4 of its own | not: the volume is on the machine's disk |
/// | slow, failing fsync; time of day | `faults.c`, preloaded into the JVM | the same, mounted into the container |
/// | power loss | the journal of `unsynced.c`, preloaded as well, is undone | not: the volume is not watched |
/// | needs | nothing; root for full disks, gcc for what is preloaded | Docker, root, the image |
///
/// What can not be had tells why, with the remedy ([Cluster#unsupported]), so that nobody takes a
/// fault that was skipped for one that was survived.
///
/// **`faults.c`** is a page of C that the harness compiles with the machine's gcc and that the
/// dynamic linker puts between the JVM and the C library. A file of 32 bytes, mapped by both sides,
/// rules it, so a fault begins at once in a node that runs, and the harness can read how many
/// fsyncs it has hit.
///
/// **`unsynced.c`** is beside it and keeps, outside of the node's directory, a journal of what a
/// power cut could take away; [UnsyncedJournal] says what that is, and takes it.
///
/// **Replica agreement.** Each replica can be asked for a digest of its whole state at an applied
/// index ([ReplicaDigest]); after a cluster has healed, [ReplicaAgreement] waits until all replicas
/// of a shard have got to one index and compares. Histories show what clients saw; this shows what
/// no client has read yet.
///
/// Where to begin: [Cluster], then [ProcessCluster].
@NullMarked
package org.ferrisdb.integration.cluster;

import org.jspecify.annotations.NullMarked;

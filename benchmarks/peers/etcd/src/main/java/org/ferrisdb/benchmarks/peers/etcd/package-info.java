/// etcd in the race: its store, by jetcd. The servers are the machine's own etcd binaries.
@NullMarked
package org.ferrisdb.benchmarks.peers.etcd;

import org.jspecify.annotations.NullMarked;

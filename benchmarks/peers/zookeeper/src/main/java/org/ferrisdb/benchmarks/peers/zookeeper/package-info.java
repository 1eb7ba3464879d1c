/// ZooKeeper in the race: its store. Keys are nodes below `/r`, named by the hexadecimal key.
@NullMarked
package org.ferrisdb.benchmarks.peers.zookeeper;

import org.jspecify.annotations.NullMarked;

/// RheaKV in the race: its store, and the main class of its servers, which has none of its own.
@NullMarked
package org.ferrisdb.benchmarks.peers.rheakv;

import org.jspecify.annotations.NullMarked;

/** A deterministic simulation of one shard. */
@NullMarked
package org.ferrisdb.shard.simulation;

import org.jspecify.annotations.NullMarked;

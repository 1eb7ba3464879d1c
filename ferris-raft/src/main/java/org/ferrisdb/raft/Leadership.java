package org.ferrisdb.raft;

/**
 * What a new leader must know to start its term.
 *
 * @param term the term it leads
 * @param lastEarlierEntryNanos monotonic time at which this node received the last log entry of an
 *     earlier term (or started, or installed a checkpoint, if later): no earlier leader's lease can
 *     last longer than the lease length after it
 */
public record Leadership(long term, long lastEarlierEntryNanos) {}

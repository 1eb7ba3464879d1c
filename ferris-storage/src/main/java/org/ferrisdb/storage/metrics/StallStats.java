package org.ferrisdb.storage.metrics;

/**
 * How writers have waited for one reason since open.
 *
 * @param reason why
 * @param count waits; a wait holds up all writers of a group and counts once
 * @param nanos their time together
 */
public record StallStats(StallReason reason, long count, long nanos) {}

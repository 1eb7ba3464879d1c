package org.ferrisdb.integration.cluster;

/**
 * What a replica's state amounts to.
 *
 * @param appliedIndex index of the last log entry in it
 * @param digest over all of its content, hexadecimal; empty if the replica can not tell
 * @param problem why it can not tell; empty if it can
 */
public record ReplicaDigest(long appliedIndex, String digest, String problem) {}

package org.ferrisdb.raft;

import java.nio.ByteBuffer;

/**
 * A committed entry of ours, on its way into the state machine.
 *
 * @param term the term it was appended in
 * @param index its index; rises from call to call, with gaps where Raft logged entries of its own
 * @param payload the proposed bytes, read-only; valid only during the call
 */
public record AppliedEntry(long term, long index, ByteBuffer payload) {}

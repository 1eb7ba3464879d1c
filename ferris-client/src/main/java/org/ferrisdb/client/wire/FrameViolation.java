package org.ferrisdb.client.wire;

/**
 * Fired as a Netty user event just before a connection is closed because the peer broke the
 * protocol, so that the owner of the connection can count it and name it as the cause.
 *
 * @param reason one line, no bytes of the peer's in it
 */
public record FrameViolation(String reason) {}

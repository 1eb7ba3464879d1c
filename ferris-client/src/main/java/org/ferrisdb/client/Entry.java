package org.ferrisdb.client;

/**
 * A key with its value.
 *
 * @param key the key
 * @param value the value; empty where only keys were asked for
 * @param version when the value was written
 */
public record Entry(Bytes key, Bytes value, Version version) {}

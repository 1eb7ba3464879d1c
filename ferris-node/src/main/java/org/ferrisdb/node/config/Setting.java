package org.ferrisdb.node.config;

/**
 * A value and where it came from.
 *
 * @param value as written
 * @param source a sentence part: "default", "file ferris.conf line 3", "environment FERRIS_...",
 *     "flag"
 */
public record Setting(String value, String source) {}

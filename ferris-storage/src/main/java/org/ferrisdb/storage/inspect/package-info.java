/**
 * What a doctor and a student see of an engine's files: {@code ./ferris inspect} and {@code
 * ./ferris verify}.
 *
 * <p>Everything here only reads, works beside a running engine, goes on behind damage, and holds no
 * more than a block or a record in memory. It knows as little of the formats as possible: a file is
 * read by the engine's own decoders, which name each field that they read ({@link
 * org.ferrisdb.storage.io.ByteSource.Listener}), so that the bytes can be shown beside their
 * meaning and stay right when a format changes.
 *
 * <p>A file is shown as a sequence of {@link org.ferrisdb.storage.inspect.Part}s: a header, blocks
 * or records, a footer. A part has facts (for people and programs), fields (for who wants to see
 * the bytes), parts of its own, and {@link org.ferrisdb.storage.inspect.Finding}s: what is wrong
 * with it, where.
 *
 * <p>Start at {@link org.ferrisdb.storage.inspect.Inspector} for a file, {@link
 * org.ferrisdb.storage.inspect.EngineInspector} for a directory, {@link
 * org.ferrisdb.storage.inspect.Verifier} for the question whether all is well.
 */
@NullMarked
package org.ferrisdb.storage.inspect;

import org.jspecify.annotations.NullMarked;

/**
 * Files, bytes and checksums: the ground floor of the engine.
 *
 * <p>Everything that the engine does to a disk goes through {@link
 * org.ferrisdb.storage.io.FileSystem}, a small interface that is honest about what is durable: a
 * file's bytes only after {@code sync}, its name only after {@code syncDirectory}. Tests put a file
 * system underneath that takes this literally and drops everything else at a crash. {@link
 * org.ferrisdb.storage.io.DiskFileSystem} is the real one, and the only class of the engine that
 * touches {@code java.nio.channels}.
 *
 * <p>{@link org.ferrisdb.storage.io.ByteSink} and {@link org.ferrisdb.storage.io.ByteSource} hold
 * the few encodings that all our files share.
 */
@NullMarked
package org.ferrisdb.storage.io;

import org.jspecify.annotations.NullMarked;

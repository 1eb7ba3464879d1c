/**
 * Which files exist: the engine's own small database about itself.
 *
 * <p>A flush adds a table; a compaction removes some and adds others. Each such change is one
 * {@link org.ferrisdb.storage.manifest.VersionEdit}, appended to the manifest and synced: before
 * that it has not happened, after it it has, whatever the directory looks like. Files that no edit
 * speaks of are leftovers of a crash and are removed when the engine opens. With the tables the
 * edits carry the position in the replicated log that the tables hold, so state and position can
 * never disagree.
 *
 * <p>{@link org.ferrisdb.storage.manifest.Version} is the immutable picture that the edits add up
 * to.
 *
 * <p>A table may be a part of a file: its {@link
 * org.ferrisdb.storage.manifest.TableMetadata.Bounds} say which keys of it belong to this engine,
 * where another engine shares the file or the rest was cut out. With each table the manifest keeps
 * its properties, so that a reader or the picker can pass it over without opening it.
 */
@NullMarked
package org.ferrisdb.storage.manifest;

import org.jspecify.annotations.NullMarked;

package org.ferrisdb.storage;

import java.util.List;
import org.ferrisdb.storage.testing.Mutant;

/**
 * Bugs that {@link CrashTest} must find, each a change of few words in the production source: what
 * engines have got wrong, and the steps on which the promises of this one rest.
 */
final class EngineBugs {
  private static final String MODULE = "ferris-storage";
  private static final String ENGINE = "org.ferrisdb.storage.";

  private EngineBugs() {}

  /** All of them; each must be found. */
  static List<Mutant> all() {
    return List.of(
        bug(
            "table not synced",
            "the manifest names a table whose bytes are not on disk",
            "sstable.SSTableWriter",
            "file.sync();",
            ""),
        bug(
            "value file not synced",
            "the manifest names a table whose values are not on disk",
            "sstable.ValueFileWriter",
            "file.sync();",
            ""),
        bug(
            "names of tables not synced",
            "the manifest names a table whose name is not on disk",
            "compaction.TableSequenceWriter",
            "files.syncDirectory(directory);",
            ""),
        bug(
            "edit not synced",
            "the log is deleted before the edit that replaces it is on disk",
            "manifest.Manifest",
            "writer.add(payload); writer.sync();",
            "writer.add(payload); writer.write();"),
        bug(
            "CURRENT not synced",
            "the new name may have the bytes of no manifest",
            "manifest.Manifest",
            "file.append(line.toBuffer()); file.sync();",
            "file.append(line.toBuffer());"),
        bug(
            "name of a log not synced",
            "a batch is synced to a file that has no name after a power loss",
            "wal.RecordWriter",
            "files.syncDirectory(directory);",
            "var _ = files.exists(directory);"),
        bug(
            "older log not synced before a newer one",
            "a batch is durable and those before it are not",
            "WalFiles",
            "syncOlder(); Objects.requireNonNull(current).link(endedSize);",
            "Objects.requireNonNull(current).link(endedSize);"),
        bug(
            "log taken that follows a torn one",
            "batches are there after a power loss and those before them are not",
            "Recovery",
            "taken ? replay::add : _ -> {}",
            "replay::add"),
        bug(
            "log deleted before the edit",
            "between the two nothing has what was flushed",
            "BackgroundWork",
            "commitFlush(oldest, following.logNumber, tables);",
            "deleteOldLogs(oldest.logNumber, following.logNumber);"
                + " commitFlush(oldest, following.logNumber, tables);"),
        bug(
            "log of a memtable that waits deleted",
            "all before the active memtable passes for flushed when the oldest is",
            "BackgroundWork",
            "Slot following = state.after(oldest);",
            "Slot following = state.active();"),
        bug(
            "position of a flush not kept",
            "a flush's table is there after a crash, and the position it stands for is not",
            "BackgroundWork",
            "logNumber, slot.position, before.garbageFloor(),",
            "logNumber, before.position(), before.garbageFloor(),"),
        bug(
            "a file that is mostly garbage taken for one that is all garbage",
            "values that are alive are deleted with it at the next opening",
            "Recovery",
            "ValueFiles.of(state.version()) .all() .forEach(",
            "ValueFiles.of(state.version()).all().stream()"
                + ".filter(v -> !ValueFiles.isMostlyGarbage(v)).forEach("),
        bug(
            "value file left too early",
            "files that a compaction was to leave are gone though one table of them stays",
            "cache.TableView",
            "List<ValueUse> values = ValueFiles.of(version).all();",
            "List<ValueUse> values = ValueFiles.of(version).all().stream()"
                + ".filter(v -> !ValueFiles.isMostlyGarbage(v)).toList();"),
        bug(
            "values with the checksum of others",
            "a value that moves to another file is referred to by its place in the old one",
            "sstable.ValueFileWriter",
            "return added(framed.length, from.rawLength(), from.crc());",
            "added(framed.length, from.rawLength(), from.crc());"
                + " reference.reset(); new ValueReference(number, from.ordinal(),"
                + " from.rawLength(), framed.length, from.crc()).encode(reference);"
                + " return reference;"),
        bug(
            "checkpoint's name not synced",
            "a checkpoint that was made is gone after a power loss",
            "Checkpointer",
            "files.rename(unfinished, target); if (directory != null) { try {"
                + " files.syncDirectory(directory);",
            "files.rename(unfinished, target); if (directory != null) { try {"
                + " if (directory.equals(target)) { throw new IOException(); }"),
        bug(
            "tombstone dropped above what it hides",
            "a deleted value comes back",
            "compaction.GarbageFilter",
            "return entry.kind() == EntryKind.PUT || beneath.mayHold(key, keyLength);",
            "return entry.kind() == EntryKind.PUT;"),
        bug(
            "one level beneath not looked at",
            "tombstones, of keys and of ranges, are dropped above what they hide",
            "compaction.TableSequenceWriter",
            "int below = level + 1;",
            "int below = level + 2;"),
        bug(
            "version dropped that a reader at the floor sees",
            "the floor is taken to be one higher than it is",
            "compaction.GarbageFilter",
            "if (lastTimestamp > floor) {",
            "if (lastTimestamp > floor + 1) {"));
  }

  private static Mutant bug(String name, String what, String of, String exact, String instead) {
    return Mutant.of(name, what, MODULE, ENGINE + of, exact, instead);
  }
}

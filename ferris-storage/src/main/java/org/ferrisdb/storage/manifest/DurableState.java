package org.ferrisdb.storage.manifest;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;

/**
 * What the manifest's edits add up to. Immutable.
 *
 * @param version the tables
 * @param nextFileNumber see {@link VersionEdit}
 * @param logNumber see {@link VersionEdit}
 * @param position see {@link VersionEdit}
 * @param garbageFloor see {@link VersionEdit}
 */
public record DurableState(
    Version version,
    long nextFileNumber,
    long logNumber,
    AppliedPosition position,
    long garbageFloor) {
  /** A new engine's. */
  public static DurableState initial() {
    return new DurableState(Version.empty(), 1, 0, AppliedPosition.NONE, 0);
  }

  /** This state after the edit. */
  public DurableState apply(VersionEdit edit) {
    return new DurableState(
        version.apply(edit),
        edit.nextFileNumber(),
        edit.logNumber(),
        edit.position(),
        edit.garbageFloor());
  }

  /** The whole state as one edit of nothing: how every manifest begins. */
  public VersionEdit toEdit() {
    List<VersionEdit.Added> added = new ArrayList<>();
    for (int level = 0; level < Version.LEVELS; level++) {
      for (TableMetadata table : version.level(level)) {
        added.add(new VersionEdit.Added(level, table));
      }
    }
    return new VersionEdit(
        nextFileNumber, logNumber, position, garbageFloor, List.of(), List.copyOf(added));
  }
}

package org.ferrisdb.storage;

import java.util.List;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.VersionEdit;

/**
 * Tables that leave an engine and tables that come instead, in one step.
 *
 * @param removed leave
 * @param added come; their files exist already, under durable names
 */
record TableChange(List<VersionEdit.Removed> removed, List<VersionEdit.Added> added) {
  List<TableMetadata> addedTables() {
    return added.stream().map(VersionEdit.Added::table).toList();
  }
}

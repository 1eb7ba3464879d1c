/// Records in files: what `ferris import` reads and `ferris export` writes.
///
/// Three formats, one record a line, lines end with `\n` ({@link
/// org.ferrisdb.node.cli.transfer.RecordFormat}):
///
/// | format  | a line                                      | any bytes?                                |
/// |---------|---------------------------------------------|-------------------------------------------|
/// | `tsv`   | `key TAB value`, with `\t \n \r \\ \xHH`     | yes                                       |
/// | `jsonl` | `{"key":"...","value":"..."}`, Base64 if need be | yes                                   |
/// | `raw`   | `key TAB value`, verbatim                    | all but newlines (and tabs in the key)    |
///
/// **The promise of the round trip.** An export lists keys in byte order (that of `LC_ALL=C sort`).
/// Of the bytes of a key or value exactly four are escaped in `tsv`: tab, newline, carriage return
/// and backslash; everything else, UTF-8 or not, stands for itself. An import refuses, with the
/// number of the line, what an export would have written otherwise: a bare carriage return, a
/// second bare tab, a backslash that begins no escape. So for every file that an import accepts
/// (and whose keys are distinct, and that does not use `\xHH`) the export equals the sorted file
/// byte for byte. `\xHH` is there for people and other tools, and for `export --ascii`.
///
/// Reading order: {@link org.ferrisdb.node.cli.transfer.TsvCodec}, {@link
/// org.ferrisdb.node.cli.transfer.JsonLinesCodec}, {@link org.ferrisdb.node.cli.transfer.Importer}.
@NullMarked
package org.ferrisdb.node.cli.transfer;

import org.jspecify.annotations.NullMarked;

/// What an operator can set, and how it is read.
///
/// There is one table of settings, [ConfigKey]. Every setting has one name (`limits.connections`),
/// and can be given in three places; a later one wins:
///
/// 1. the file: lines `key = value`, `#` starts a comment;
/// 2. the environment: `FERRIS_` and the name in capitals, dots and dashes as underscores
///    (`FERRIS_LIMITS_CONNECTIONS`);
/// 3. the command line (`--set limits.connections=100`).
///
/// [ConfigReader] merges the three and turns them into a [NodeConfig]; whatever is wrong ends in a
/// [ConfigException] that names key, value, source and remedy. The help text and the documentation
/// are printed from the same table, so they can not drift from the code.
@NullMarked
package org.ferrisdb.node.config;

import org.jspecify.annotations.NullMarked;

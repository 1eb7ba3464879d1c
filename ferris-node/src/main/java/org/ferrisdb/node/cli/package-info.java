/// The command line: `./ferris COMMAND`.
///
/// {@link org.ferrisdb.node.cli.FerrisCli} is the root; the commands live in {@code cli.data} (keys
/// and values), {@code cli.cluster} (nodes and their health), {@code cli.load} (bench, gap, demo)
/// and {@code cli.demo} (the demo's live screen), {@code cli.storage} (an engine's files); {@code
/// cli.shell} runs them over one connection. What they have in common is here: what they see of the
/// process ({@link org.ferrisdb.node.cli.CliContext}) and borrow from it ({@link
/// org.ferrisdb.node.cli.CliHost}, which is the shell's inside of the shell), where to connect
/// ({@link org.ferrisdb.node.cli.ConnectionOptions}), how to print ({@link
/// org.ferrisdb.node.cli.OutputOptions}), and how to fail ({@link org.ferrisdb.node.cli.Failures}):
/// with one line on standard error that says what is wrong and what to do, and with an exit status
/// of {@link org.ferrisdb.node.cli.ExitCode}.
///
/// A command like `get` should feel instant, and a JVM spends most of such a command on loading
/// classes. So only the command that was asked for is built, no logging is configured for client
/// commands, and the start script keeps an archive of loaded classes.
@NullMarked
package org.ferrisdb.node.cli;

import org.jspecify.annotations.NullMarked;

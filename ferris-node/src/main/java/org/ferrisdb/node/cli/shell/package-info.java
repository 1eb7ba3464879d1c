/// The shell: `./ferris shell`, the commands of the command line over one open client.
///
/// A line goes through three steps. {@link org.ferrisdb.node.cli.shell.ShellLine} cuts it into
/// words as a POSIX shell would (quotes, backslashes, a quote that is open goes on in the next
/// line). {@link org.ferrisdb.node.cli.shell.ShellCommands} finds the command and runs it: these
/// are the very classes of `./ferris put` and so on; what is different is the {@link
/// org.ferrisdb.node.cli.CliHost} that they get, {@link org.ferrisdb.node.cli.shell.ShellHost},
/// which lends everyone the same client. Then whoever runs the shell shows how it ended: {@link
/// org.ferrisdb.node.cli.shell.TerminalShell} to a person, with the time that it took, {@link
/// org.ferrisdb.node.cli.shell.ScriptShell} to a script, by the exit status.
///
/// On a terminal each command has a thread of its own ({@link
/// org.ferrisdb.node.cli.shell.Foreground}), so that Ctrl-C ends the command and not the shell.
///
/// While a line is typed, {@link org.ferrisdb.node.cli.shell.Place} tells from picocli's model what
/// may come next: a command, an option, a value, a parameter. Completion ({@link
/// org.ferrisdb.node.cli.shell.ShellCompleter}) and hints ({@link
/// org.ferrisdb.node.cli.shell.Hints}) are both made from that. Keys come from the cluster ({@link
/// org.ferrisdb.node.cli.shell.KeySuggestions}), only when Tab is pressed and only as long as
/// nobody notices the wait.
@NullMarked
package org.ferrisdb.node.cli.shell;

import org.jspecify.annotations.NullMarked;

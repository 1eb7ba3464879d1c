package org.ferrisdb.node.cli.shell;

import java.util.List;
import org.jline.reader.Buffer;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.reader.Widget;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * How the line looks while it is typed: a command's name is bold once it is known, and behind the
 * cursor stands, faintly, what may follow. Without colours neither, since a hint that looks like
 * what was typed is worse than none. For the line editor's thread.
 */
final class LineLooks implements Highlighter {
  private final ShellCommands commands;
  private final boolean colours;
  private boolean typing;

  LineLooks(ShellCommands commands, boolean colours) {
    this.commands = commands;
    this.colours = colours;
  }

  /** Learns from the editor when a line begins and ends, so that no hint stays on the screen. */
  void attach(LineReader reader) {
    reader
        .getWidgets()
        .put(
            LineReader.CALLBACK_INIT,
            () -> {
              typing = true;
              return true;
            });
    for (String end : List.of(LineReader.ACCEPT_LINE, LineReader.SEND_BREAK)) {
      Widget original = reader.getBuiltinWidgets().get(end);
      if (original != null) {
        reader
            .getWidgets()
            .put(
                end,
                () -> {
                  typing = false;
                  return original.apply();
                });
      }
    }
  }

  @Override
  public AttributedString highlight(LineReader reader, String typed) {
    if (!colours) {
      return new AttributedString(typed);
    }
    AttributedStringBuilder line = new AttributedStringBuilder();
    int name = nameEnd(typed);
    line.styled(AttributedStyle.BOLD, typed.substring(0, name)).append(typed.substring(name));
    Buffer buffer = reader.getBuffer();
    if (typing && buffer.cursor() == buffer.length() && typed.length() == buffer.length()) {
      line.styled(AttributedStyle.DEFAULT.faint(), Hints.of(commands::model, typed));
    }
    return line.toAttributedString();
  }

  /** Where the name of a known command ends; 0 if the line does not begin with one. */
  private static int nameEnd(String typed) {
    int end = 0;
    while (end < typed.length() && !Character.isWhitespace(typed.charAt(end))) {
      end++;
    }
    return ShellCommands.names().contains(typed.substring(0, end)) ? end : 0;
  }

  /** The editor's own colours, for lists of candidates, are switched off one by one. */
  static void plainCompletion(LineReader reader) {
    for (String style :
        List.of(
            LineReader.COMPLETION_STYLE_STARTING,
            LineReader.COMPLETION_STYLE_DESCRIPTION,
            LineReader.COMPLETION_STYLE_GROUP,
            LineReader.COMPLETION_STYLE_BACKGROUND,
            LineReader.COMPLETION_STYLE_LIST_STARTING,
            LineReader.COMPLETION_STYLE_LIST_DESCRIPTION,
            LineReader.COMPLETION_STYLE_LIST_GROUP,
            LineReader.COMPLETION_STYLE_LIST_BACKGROUND)) {
      reader.setVariable(style, "fg:default"); // laid over the editor's own
    }
  }
}

package org.ferrisdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script, run by the shells that it is for. */
class CompletionCommandTest {
  @TempDir private Path dir;

  private Path script(String shell) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CliContext context =
        CliContext.plain(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            System.err,
            Map.of());
    assertThat(FerrisCli.run(new String[] {"completion", shell}, context)).isZero();
    return Files.write(dir.resolve("completion." + shell), out.toByteArray());
  }

  private static List<String> run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines;
  }

  /** What Bash does when Tab is pressed behind these words. */
  private List<String> bash(String line) throws IOException, InterruptedException {
    String[] words = line.split(" ", -1);
    StringBuilder array = new StringBuilder();
    for (String word : words) {
      array.append('\'').append(word).append("' ");
    }
    return run(
        "bash",
        "-c",
        "source "
            + script("bash")
            + "; f=$(complete -p ferris | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
            + "; compopt() { :; }; COMP_WORDS=("
            + array
            + "); COMP_CWORD="
            + (words.length - 1)
            + "; $f; printf '%s\\n' \"${COMPREPLY[@]}\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ./ferris sta          | status
          ./ferris rac          | race
          ./ferris scan --pre   | --prefix
          ./ferris bench ycsb-e | ycsb-e
          ./ferris kill n2      | n2
          ./ferris completion z | zsh
          """)
  void bashCompletesWhatTheModelKnows(String line, String expected) throws Exception {
    assertThat(bash(line)).map(String::strip).contains(expected);
  }

  @Test
  void zshReadsTheSameScriptAndRegistersIt() throws Exception {
    assumeThat(Path.of("/usr/bin/zsh")).as("zsh is there").exists();
    List<String> lines =
        run(
            "zsh",
            "-f",
            "-c",
            "autoload -Uz compinit && compinit -D -u; source "
                + script("zsh")
                + "; print -- $_comps[ferris]");
    assertThat(lines.getLast()).contains("_complete_ferris");
  }
}
